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

const sizeOf = ({ width, height }: Images): number => width * height;

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
  const made = kept.get(binarisation) ?? { pixels: binarise(source.pixels, split, binarisation), scale: 1 };
  kept.set(binarisation, made);
  return made;
}

function binarise(grey: Uint8Array, split: Split, binarisation: "fixed" | "threshold"): Uint8Array {
  const noise = key(seed, "binarisation", "fixed", split);
  const bits = new Uint8Array(grey.length);
  for (let i = 0; i < grey.length; i++) {
    const value = grey[i]!;
    // Black and white pixels, which are most, need no noise.
    if (binarisation === "threshold" || value === 0 || value === 255) bits[i] = value > 127 ? 1 : 0;
    else bits[i] = uniformAt(noise, i) * 255 < value ? 1 : 0;
  }
  return bits;
}

/**
 * The pixels from start to end of some rows, in [0, 1] [rows, end − start], written into `into` if given. Throws a
 * RangeError for a row that does not exist.
 */
export function gatherRows(
  images: Images,
  split: Split,
  binarisation: Binarisation,
  rows: Int32Array,
  into?: Float32Array,
  [start, end]: readonly [number, number] = [0, sizeOf(images)],
): Float32Array {
  const { pixels: from, scale } = pixels(images, split, binarisation);
  const size = sizeOf(images);
  const values = into ?? new Float32Array(rows.length * (end - start));
  rows.forEach((row, at) => {
    if (row < 0 || row >= images.splits[split].rows) {
      throw new RangeError(
        `Rows of split ${split} must be in 0 ... ${images.splits[split].rows - 1}, got ${row}.`,
      );
    }
    values.set(from.subarray(row * size + start, row * size + end), at * (end - start));
  });
  if (scale !== 1) for (let i = 0; i < values.length; i++) values[i]! /= scale;
  return values;
}

/** The mean of each pixel over the training split, in [0, 1] [pixels]. */
export function meanImage(images: Images, binarisation: Binarisation): Float32Array {
  const { pixels: from, scale } = pixels(images, "train", binarisation);
  const size = sizeOf(images);
  const sums = new Float64Array(size);
  for (let start = 0; start < from.length; start += size) {
    for (let i = 0; i < size; i++) sums[i]! += from[start + i]!;
  }
  return Float32Array.from(sums, (sum) => sum / (scale * images.splits.train.rows));
}
