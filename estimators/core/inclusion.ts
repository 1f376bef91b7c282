/** Samples without replacement as importance samples. */
import type { T } from "../estimator.ts";
import { tf } from "./autodiff.ts";
import { part } from "./slicing.ts";

/** log(1 − exp(−e^x)), also where e^x is 0 in float32. */
function logInclusion(x: T): T {
  const few = tf.step(tf.add(x, 5)); // 1 where x > −5
  const exact = tf.log(tf.neg(tf.expm1(tf.neg(tf.exp(tf.maximum(x, -5))))));
  const series = tf.sub(x, tf.mul(0.5, tf.exp(tf.minimum(x, -5))));
  return tf.add(tf.mul(few, exact), tf.mul(tf.sub(1, few), series));
}

/**
 * p(s)/q(s) of k configurations drawn without replacement. q(s) = 1 − exp(−e^{log p(s) − κ}) is the probability that s is among
 * the k, given the perturbed log p of the next one, κ. 1/q = 1 where no next one exists.
 * log p [k, B], perturbed log p [B, k + 1] in falling order → [k, B]
 */
export function importance(logp: T, order: T): T {
  const k = logp.shape[0];
  if (order.shape[1] === k) return tf.exp(logp);
  const kappa = tf.squeeze(part(order, 1, k, 1), [1]); // [B]
  return tf.exp(tf.sub(logp, logInclusion(tf.sub(logp, kappa))));
}
