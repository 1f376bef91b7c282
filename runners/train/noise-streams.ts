/**
 * Which noise a cell meets where. Every stream is named by task, seed and purpose, never by the estimator, so that
 * all estimators of one seed share initialisation, batches and base noise.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import { key, permutation } from "../../tasks/noise.ts";
import type { Random, Split } from "../../tasks/task.ts";
import type { Fill } from "../engine/engine.ts";
import { fillUniform } from "../engine/wasm/threefry.ts";

type Part = string | number;

/** Uniforms by name within the stream that the parts name. */
export const stream =
  (...parts: readonly Part[]): Fill =>
  (name, out) =>
    fillUniform(key(...parts, name), out);

/** The same as tensors, outside a step. */
export function randomTensors(...parts: readonly Part[]): Random {
  const fill = stream(...parts);
  return (tag, shape) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    fill(tag, values);
    return tf.tensor(values, [...shape]);
  };
}

/** The rows of step t: the training split in an order of its own each epoch, batch after batch. */
export function batches(
  task: string,
  seed: number,
  total: number,
  rows: number,
): (step: number) => Int32Array {
  const orders = new Map<number, Int32Array>();
  const order = (epoch: number): Int32Array => {
    let known = orders.get(epoch);
    if (!known) {
      if (orders.size > 1) orders.clear();
      known = permutation(key("batches", task, seed, epoch), total);
      orders.set(epoch, known);
    }
    return known;
  };
  return (step) =>
    Int32Array.from({ length: rows }, (_, i) => {
      const n = step * rows + i;
      return order(Math.floor(n / total))[n % total]!;
    });
}

/** So many rows of a split, chosen by a constant of the protocol: the same for every seed and estimator. */
export function chosenRows(task: string, split: Split, total: number, wanted: number | "all"): Int32Array {
  if (wanted === "all" || wanted >= total) return Int32Array.from({ length: total }, (_, i) => i);
  return permutation(key("evaluation rows", task, split), total)
    .slice(0, wanted)
    .sort();
}
