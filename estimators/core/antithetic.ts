/** Antithetic uniforms by the Dirichlet copula of Dimitriev & Zhou 2021. */
import { tf } from "./autodiff.ts";
import type { T } from "../estimator.ts";

/**
 * S antithetic uniforms from S independent ones, along the first axis. [S, ...] → [S, ...]
 *
 * Each is uniform alone. Any two have the joint distribution function
 * C(s, t) = max(0, s^{1/(S−1)} + t^{1/(S−1)} − 1)^{S−1}. With exponentials E = −log u and d = E/ΣE the result is
 * (1 − d)^{S−1}, because d ~ Beta(1, S − 1).
 */
export function antithetic(uniform: T): T {
  const S = uniform.shape[0];
  const time = tf.neg(tf.log(uniform));
  const total = tf.sum(time, 0, true);
  return power(tf.div(tf.sub(total, time), total), S - 1);
}

/** x^n for a whole n ≥ 1, by multiplication. */
const power = (x: T, n: number): T => (n === 1 ? x : tf.mul(x, power(x, n - 1)));

/** s^{1/(S−1)}. By the logarithm it takes less than half the time of a power. */
export const root = (s: T, S: number): T => (S === 2 ? s : tf.exp(tf.div(tf.log(s), S - 1)));

/** C(s, t) for two of S antithetic uniforms, from the root of s and the root of t less 1. */
export const jointly = (s: T, t: T, S: number): T => power(tf.relu(tf.add(s, t)), S - 1);
