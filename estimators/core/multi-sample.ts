/** The multi-sample bound L̂ = log mean_s w_s, and L̂ with one log weight replaced. */
import type { Claims, T } from "../estimator.ts";
import { stop, tf } from "./autodiff.ts";

/** log mean exp over an axis. [S, ...] → [...] */
export function logMeanExp(x: T, axis = 0): T {
  const top = stop(tf.max(x, axis, true));
  return tf.add(tf.log(tf.mean(tf.exp(tf.sub(x, top)), axis)), tf.squeeze(top, [axis]));
}

/** w_s / Σ_r w_r over the first axis. */
export const normalisedWeights = (logWeights: T): T =>
  tf.div(tf.exp(tf.sub(logWeights, logMeanExp(logWeights))), logWeights.shape[0]);

/** For each s the bound with log w_s replaced by the s-th of `others`. [S, B], [S, B] → [S, B] */
export function boundWith(logWeights: T, others: T): T {
  const S = logWeights.shape[0];
  const eye = tf.reshape(tf.eye(S), [S, S, 1]);
  const replaced = tf.add(
    tf.mul(tf.sub(1, eye), tf.expandDims(logWeights, 0)),
    tf.mul(eye, tf.expandDims(others, 1)),
  ); // [s, S, B]
  return logMeanExp(replaced, 1);
}

/** log (1/S) Σ_{j≠s} w_j, the bound without the weight of s. [S, B] → [S, B] */
export function boundWithout(logWeights: T): T {
  // e^−80 of the largest weight is nothing beside any other in float32, and finite where it is the only one.
  const floor = tf.sub(tf.min(logWeights, 0, true), 80);
  return boundWith(logWeights, tf.add(floor, tf.zerosLike(logWeights)));
}

/** Whether an estimator's objective is made of log weights, not of the mean cost. */
export const usesWeights = ({ objective = "mean" }: Claims): boolean => objective !== "mean";
