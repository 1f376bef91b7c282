import { tf } from "../../estimators/core/autodiff.ts";
import { logSoftmax } from "../../estimators/distributions/categorical.ts";
import type { T } from "../../estimators/estimator.ts";

/** Σ softplus(l), the log normaliser of independent Bernoulli pixels. [..., P] → [...] */
export const bernoulliNormaliser = (logits: T): T => tf.sum(tf.softplus(logits), -1);

/** −log p(x | logits) of independent Bernoulli pixels, summed: softplus(l) − xl. [..., P], [B, P] → [...] in nats */
export const bernoulliCost = (logits: T, x: T): T =>
  tf.sum(tf.sub(tf.softplus(logits), tf.mul(x, logits)), -1);

/** −log p(x | logits) of a one-hot x among K classes: −log softmax(l)_x. [..., K], [B, K] → [...] in nats */
export const categoricalCost = (logits: T, x: T): T => tf.neg(tf.sum(tf.mul(x, logSoftmax(logits)), -1));

/** −log N(x; μ, e^s), summed: ½ Σ ((x − μ)² e^−s + s + log 2π), s the log variance. [..., P], [B, P] → [...] in nats */
export const gaussianCost = (mean: T, x: T, logVariance: T = tf.scalar(0)): T => {
  const squares = tf.mul(tf.square(tf.sub(x, mean)), tf.exp(tf.neg(logVariance)));
  return tf.mul(0.5, tf.sum(tf.add(squares, tf.add(logVariance, Math.log(2 * Math.PI))), -1));
};
