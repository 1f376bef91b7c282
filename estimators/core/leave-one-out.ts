/** Baselines made from the other samples of a row. */
import { tf } from "./autodiff.ts";
import type { T } from "../estimator.ts";

/** The mean over the other samples. [S, ...] → [S, ...] */
export const othersMean = (x: T): T => tf.div(tf.sub(tf.sum(x, 0, true), x), x.shape[0] - 1);

/** The cost less the mean cost of the other samples, computed as (f − f̄) S/(S − 1). [S, B] → [S, B] */
export const leaveOneOut = (cost: T): T => {
  const S = cost.shape[0];
  return tf.mul(tf.sub(cost, tf.mean(cost, 0, true)), S / (S - 1));
};
