/** The pixels that a task models, under one of four binarisations. Their nats differ by 5 to 15 and cannot be compared. */
import type { Split } from "../task.ts";
import { key, uniformAt } from "../noise.ts";
import type { Images, ImageSplit } from "./images.ts";

/**
 * - fixed: 1[u < grey/255] with one u for each pixel, the same in every run;
 * - dynamic: the same with new noise at each step; the task draws it, and this module returns grey;
 * - threshold: 1[grey > 127];
 * - grey: grey/255.
 */
export type Binarisation = "fixed" | "dynamic" | "threshold" | "grey";
export const BINARISATIONS: readonly Binarisation[] = ["fixed", "dynamic", "threshold", "grey"];

/** The fixed binarisation is part of the data, so it does not depend on the seed of a run. */
const seed = 0;

interface Bytes {
  /** [rows, pixels], in units of 1/scale. */
  readonly pixels: Uint8Array;
  readonly scale: 1 | 255;
}

const computed = new WeakMap<ImageSplit, Map<Binarisation, Bytes>>();

/** The pixels of a split [rows, pixels] as bytes in units of 1/scale, computed once. */
export function pixels(images: Images, split: Split, binarisation: Binarisation): Bytes {
  const source = images.splits[split];
  if (binarisation === "grey" || binarisation === "dynamic") return { pixels: source.pixels, scale: 255 };
  const kept = computed.get(source) ?? new Map<Binarisation, Bytes>();
  computed.set(source, kept);
  const made = kept.get(binarisation) ?? {
    pixels: binarise(source.pixels, 255, split, binarisation),
    scale: 1,
  };
  kept.set(binarisation, made);
  return made;
}

/** Bits of values from 0 to `white`: 1[u·white < value], or 1[value > white/2]. */
export function binarise(
  values: Uint8Array | Float32Array,
  white: number,
  split: Split,
  binarisation: "fixed" | "threshold",
): Uint8Array {
  const noise = key(seed, "binarisation", "fixed", split);
  const bits = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    // Black and white pixels, which are most, need no noise.
    if (binarisation === "threshold" || value === 0 || value === white) bits[i] = 2 * value > white ? 1 : 0;
    else bits[i] = uniformAt(noise, i) * white < value ? 1 : 0;
  }
  return bits;
}

/** Rows of a split [rows, width], in units of 1/scale. */
export interface SplitRows {
  readonly split: Split;
  readonly rows: number;
  readonly width: number;
  readonly values: Uint8Array | Float32Array;
  readonly scale: number;
}

/**
 * The columns from start to end of some rows [rows, end − start], written into `into` if given. Throws a RangeError for a row
 * that does not exist.
 */
export function copyRows(
  { split, rows: total, width, values: from, scale }: SplitRows,
  rows: Int32Array,
  into?: Float32Array,
  [start, end]: readonly [number, number] = [0, width],
): Float32Array {
  const values = into ?? new Float32Array(rows.length * (end - start));
  rows.forEach((row, at) => {
    if (row < 0 || row >= total)
      throw new RangeError(`Rows of split ${split} must be in 0 ... ${total - 1}, got ${row}.`);
    values.set(from.subarray(row * width + start, row * width + end), at * (end - start));
  });
  if (scale !== 1) for (let i = 0; i < values.length; i++) values[i]! /= scale;
  return values;
}

const splitRows = (images: Images, split: Split, binarisation: Binarisation): SplitRows => {
  const { pixels: values, scale } = pixels(images, split, binarisation);
  return { split, rows: images.splits[split].rows, width: images.width * images.height, values, scale };
};

/** The pixels from start to end of some rows, in [0, 1] [rows, end − start], as `copyRows`. */
export const gatherRows = (
  images: Images,
  split: Split,
  binarisation: Binarisation,
  rows: Int32Array,
  into?: Float32Array,
  range?: readonly [number, number],
): Float32Array => copyRows(splitRows(images, split, binarisation), rows, into, range);

/** The mean of each column [width]. */
export function columnMeans({ rows, width, values, scale }: SplitRows): Float32Array {
  const sums = new Float64Array(width);
  for (let start = 0; start < values.length; start += width)
    for (let i = 0; i < width; i++) sums[i]! += values[start + i]!;
  return Float32Array.from(sums, (sum) => sum / (scale * rows));
}

/** The mean of each pixel over the training split, in [0, 1] [pixels]. */
export const meanImage = (images: Images, binarisation: Binarisation): Float32Array =>
  columnMeans(splitRows(images, "train", binarisation));
