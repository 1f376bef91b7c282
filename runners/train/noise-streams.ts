/**
 * Noise and rows. Every stream of noise is named by task, seed and purpose, never by the estimator, so that all estimators of
 * one seed share initialisation, batches and base noise.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import { key, permutation } from "../../tasks/noise.ts";
import type { Random, Split, Task } from "../../tasks/task.ts";
import type { Fill } from "../engine/engine.ts";
import type { Rows } from "../plan/plan.ts";
import { fillUniformQuickly } from "../engine/wasm/threefry.ts";

type Part = string | number;

/** Uniforms by name, in the stream that the parts name. */
export const stream =
  (...parts: readonly Part[]): Fill =>
  (name, out) =>
    fillUniformQuickly(key(...parts, name), out);

/** The noise of `size` draws from draw `first` on. */
export type DrawStream = (first: number, size: number) => Fill;

/** Draws that share a key: a key for each would take as long as a draw, and a single key has no room for many large ones. */
const drawsOfKey = 64;

/** Uniforms by name and number of the draw. They are the same however many draws are filled at a time. */
export const drawStream =
  (...parts: readonly Part[]): DrawStream =>
  (first, size) =>
  (name, out) => {
    const n = out.length / size;
    for (let r = first; r < first + size;) {
      const group = Math.floor(r / drawsOfKey);
      const end = Math.min((group + 1) * drawsOfKey, first + size);
      const part = out.subarray((r - first) * n, (end - first) * n);
      fillUniformQuickly(key(...parts, group, name), part, (r % drawsOfKey) * n);
      r = end;
    }
  };

/** The uniforms of a stream as tensors, outside a step. */
export function randomTensors(...parts: readonly Part[]): Random {
  const fill = stream(...parts);
  return (tag, shape) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    fill(tag, values);
    return tf.tensor(values, [...shape]);
  };
}

/** The rows of each batch: the training split in another random order each epoch, cut into batches. */
function shuffledRows(name: string, seed: number, { splits, rows }: Task): (batch: number) => Int32Array {
  const total = splits.train;
  const orders = new Map<number, Int32Array>();
  const order = (epoch: number): Int32Array => {
    let known = orders.get(epoch);
    if (!known) {
      if (orders.size > 1) orders.clear();
      known = permutation(key("batches", name, seed, epoch), total);
      orders.set(epoch, known);
    }
    return known;
  };
  return (batch) =>
    Int32Array.from({ length: rows }, (_, i) => {
      const n = batch * rows + i;
      return order(Math.floor(n / total))[n % total]!;
    });
}

/** The rows of the batch of each step of training. */
export const trainingRows = (task: Task, seed: number) => shuffledRows(task.name, seed, task);

/** The rows of the fixed batches on which gradients are measured. */
export const fixedRows = (task: Task, seed: number) => shuffledRows(`${task.name} fixed`, seed, task);

/** `count` rows of a split, or all, in rising order; the same for every seed and estimator. */
export function chosenRows(task: string, split: Split, total: number, count: Rows): Int32Array {
  if (count === "all" || count >= total) return Int32Array.from({ length: total }, (_, i) => i);
  return permutation(key("evaluation rows", task, split), total)
    .slice(0, count)
    .sort();
}
