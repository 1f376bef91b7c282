/** Parts of a tensor along one axis, and their sums. */
import { tf } from "./autodiff.ts";
import type { T } from "../estimator.ts";

/** `size` elements of an axis from `start` on. [..., n, ...] → [..., size, ...] */
export const part = (x: T, axis: number, start: number, size: number): T =>
  tf.slice(
    x,
    x.shape.map((_, i) => (i === axis ? start : 0)),
    x.shape.map((n, i) => (i === axis ? size : n)),
  );

/** One element of an axis. [..., n, ...] → [..., ...] */
export const at = (x: T, axis: number, index: number): T => tf.squeeze(part(x, axis, index, 1), [axis]);

/** The elements of an axis from `start` on, followed by those before it. Same shape. */
export const rolled = (x: T, axis: number, start: number): T =>
  tf.concat([part(x, axis, start, x.shape[axis]! - start), part(x, axis, 0, start)], axis);

/** Σ_{j ≥ i} x_j, or Σ_{j ≤ i} x_j. [..., K] → [..., K] */
export function partialSums(x: T, from: "i" | "start"): T {
  const K = x.shape.at(-1)!;
  const ones = tf.linalg.bandPart(tf.ones([K, K]), from === "i" ? -1 : 0, from === "i" ? 0 : -1);
  return tf.reshape(tf.matMul(tf.reshape(x, [x.size / K, K]), ones), x.shape);
}
