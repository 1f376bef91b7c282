/** Sites whose outcomes stand for code vectors, the rows of a codebook [K, d]. */
import type { T } from "../estimator.ts";
import { stop, tf } from "./autodiff.ts";

/** The code vectors of one-hot variables. [..., K], [K, d] → [..., d] */
export function chosenCodes(x: T, codebook: T): T {
  const [K, d] = codebook.shape as [number, number];
  return tf.reshape(tf.matMul(tf.reshape(x, [-1, K]), codebook), [...x.shape.slice(0, -1), d]);
}

/** 1/‖x‖ over the last axis, finite at 0. [..., d] → [..., 1] */
const inverseNorm = (x: T): T => tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-12));

const dot = (a: T, b: T): T => tf.sum(tf.mul(a, b), -1, true);

/**
 * The points e turned and stretched onto the code vectors q, λRe with λ = ‖q‖/‖e‖ and the rotation R = I − 2rrᵀ + 2q̂êᵀ, where
 * r is the unit vector along ê + q̂. λ and R are constants: the derivative by e is λRᵀ (Fifty et al. 2024). [..., d]
 */
export function rotated(points: T, codes: T): T {
  const [e, q] = [stop(points), stop(codes)];
  const [unitE, unitQ] = [tf.mul(e, inverseNorm(e)), tf.mul(q, inverseNorm(q))];
  const between = tf.add(unitE, unitQ);
  const r = tf.mul(between, inverseNorm(between));
  const stretch = tf.div(inverseNorm(e), inverseNorm(q));
  const reflected = tf.sub(points, tf.mul(2, tf.mul(r, dot(r, points))));
  return tf.mul(stretch, tf.add(reflected, tf.mul(2, tf.mul(unitQ, dot(unitE, points)))));
}
