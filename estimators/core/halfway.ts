/** The point halfway between the distribution and its sample, at which ReinMax takes its derivative. */
import type { Site, T } from "../estimator.ts";
import { logSoftmax } from "../distributions/categorical.ts";
import { stop, straightThrough, tf } from "./autodiff.ts";

/** log σ(x), stable at both ends. */
const logSigmoid = (x: T) => tf.neg(tf.softplus(tf.neg(x)));

/**
 * The logits θ′ of ½(π + D), off the tape. A bit's are ±(log(1 + r) − log(1 − r)) with r the probability of the drawn
 * outcome, computed from that of the other. [S, B, ...]
 */
export function halfwayLogits({ family, logits }: Site, x: T): T {
  if (family.rank === 0) {
    const sign = tf.sub(tf.mul(2, x), 1);
    const other = logSigmoid(tf.neg(tf.mul(sign, logits)));
    return stop(tf.mul(sign, tf.sub(tf.log(tf.sub(2, tf.exp(other))), other)));
  }
  const drawn = tf.log(tf.mul(0.5, tf.add(1, family.mean(logits))));
  const rest = tf.sub(logSoftmax(logits), Math.LN2);
  return stop(tf.add(tf.mul(x, drawn), tf.mul(tf.sub(1, x), rest)));
}

/** softmax(z/τ) of perturbed logits z, with the derivative by the site's logits at fixed noise: (1/τ) J(s). */
export const softenedAt = ({ family, logits }: Site, perturbed: T, temperature: T): T =>
  family.soften(straightThrough(stop(perturbed), logits), temperature);
