import { tf } from "../../estimators/core/autodiff.ts";
import type { T } from "../../estimators/estimator.ts";

/** Standard normal variables from two uniforms each, by Box and Muller (1958): √(−2 log u) cos 2πv. */
export const standardNormal = (u: T, v: T): T =>
  tf.mul(tf.sqrt(tf.mul(-2, tf.log(u))), tf.cos(tf.mul(2 * Math.PI, v)));

/** KL(N(μ, e^s) ‖ N(0, 1)) = ½ Σ (μ² + e^s − s − 1), s the log variance. [..., Z] → [...] */
export const gaussianKl = (mean: T, logVariance: T): T =>
  tf.mul(0.5, tf.sum(tf.sub(tf.add(tf.square(mean), tf.exp(logVariance)), tf.add(logVariance, 1)), -1));

/** log N(z; μ, e^s) − log N(z; 0, 1) at z = μ + e^(s/2) ε: ½ Σ (z² − ε² − s). [..., Z] → [...] */
export const gaussianLogRatio = (z: T, noise: T, logVariance: T): T =>
  tf.mul(0.5, tf.sum(tf.sub(tf.sub(tf.square(z), tf.square(noise)), logVariance), -1));
