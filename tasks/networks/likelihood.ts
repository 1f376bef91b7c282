import { tf } from "../../estimators/core/autodiff.ts";
import type { T } from "../../estimators/estimator.ts";

/** −log p(x | logits) of independent Bernoulli pixels, summed: softplus(l) − xl. [..., P], [B, P] → [...] in nats */
export const bernoulliCost = (logits: T, x: T): T =>
  tf.sum(tf.sub(tf.softplus(logits), tf.mul(x, logits)), -1);
