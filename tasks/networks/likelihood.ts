import { tf } from "../../estimators/core/autodiff.ts";
import { logSoftmax } from "../../estimators/distributions/categorical.ts";
import type { T } from "../../estimators/estimator.ts";

/** −log p(x | logits) of independent Bernoulli pixels, summed: softplus(l) − xl. [..., P], [B, P] → [...] in nats */
export const bernoulliCost = (logits: T, x: T): T =>
  tf.sum(tf.sub(tf.softplus(logits), tf.mul(x, logits)), -1);

/** −log p(x | logits) of a one-hot x among K classes: −log softmax(l)_x. [..., K], [B, K] → [...] in nats */
export const categoricalCost = (logits: T, x: T): T => tf.neg(tf.sum(tf.mul(x, logSoftmax(logits)), -1));

/** −log N(x; mean, 1), summed: ½ Σ ((x − μ)² + log 2π). [..., P], [B, P] → [...] in nats */
export const gaussianCost = (mean: T, x: T): T =>
  tf.mul(0.5, tf.sum(tf.add(tf.square(tf.sub(x, mean)), Math.log(2 * Math.PI)), -1));
