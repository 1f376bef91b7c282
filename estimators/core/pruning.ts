/** Evaluating one variable or coordinate of many, drawn by its weight. */
import type { T } from "../estimator.ts";
import { tf } from "./autodiff.ts";
import { partialSums } from "./slicing.ts";

/** 1/P(d) where d of all variables or coordinates is drawn with a probability in proportion to its mass, 0 elsewhere; site by site. [1, B, D] */
export function drawnByMass(masses: readonly T[], u: T): T[] {
  const all = tf.concat([...masses], -1);
  const total = tf.sum(all, -1, true);
  const upTo = partialSums(all, "start");
  const before = tf.sub(upTo, all);
  const at = tf.mul(u, total);
  const chosen = tf.sub(tf.step(tf.sub(upTo, at)), tf.step(tf.sub(before, at)));
  const sizes = masses.map((mass) => mass.shape.at(-1)!);
  return tf.split(tf.mul(chosen, tf.div(total, tf.maximum(all, 1e-30))), sizes, -1);
}
