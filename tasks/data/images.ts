/** Grey images in three splits. Those of 28 × 28 are assembled from IDX files. */
import { basename } from "node:path";
import type { Split } from "../task.ts";
import { DataError } from "./data-error.ts";
import { readIdx } from "./idx.ts";

export interface ImageSplit {
  readonly rows: number;
  /** Grey from 0 to 255 [rows, width × height]; in binary data only 0 and 255. */
  readonly pixels: Uint8Array;
  /** 0 to 9 [rows], where known. */
  readonly labels?: Uint8Array;
}

export interface Images {
  readonly width: number;
  readonly height: number;
  readonly splits: Readonly<Record<Split, ImageSplit>>;
  /** MD5 of each uncompressed file, by its name. */
  readonly sums: Readonly<Record<string, string>>;
  /** The files are binary, so that every binarisation gives the same pixels. */
  readonly binary: boolean;
}

export interface SplitFiles {
  readonly images: string;
  readonly labels?: string;
}

/** The last share of the training images is used for validation if there is no file for it: 10,000 of MNIST's 60,000. */
const validationShare = 1 / 6;

/**
 * Reads the files of each split. `check` is called with the path, the name and the MD5 sum of each. Rejects with a DataError if
 * a file is wrong.
 */
export async function assemble(
  files: { readonly train: SplitFiles; readonly test: SplitFiles; readonly valid?: SplitFiles },
  check: (path: string, name: string, sum: string) => void,
): Promise<Images> {
  const sums: Record<string, string> = {};
  const load = async (path: string, row: readonly number[]) => {
    const { sum, ...idx } = await readIdx(path, row);
    const name = basename(path).replace(/\.gz$/, "");
    check(path, name, sum);
    sums[name] = sum;
    return idx;
  };
  const split = async ({ images, labels }: SplitFiles): Promise<ImageSplit> => {
    const { rows, values } = await load(images, [28, 28]);
    if (labels === undefined) return { rows, pixels: values };
    return { rows, pixels: values, labels: checked(labels, rows, (await load(labels, [])).values) };
  };
  const train = await split(files.train);
  const test = await split(files.test);
  const parts = files.valid
    ? { train, valid: await split(files.valid) }
    : withValidation(train, `IDX file ${files.train.images}`);
  const splits = { ...parts, test };
  const white = whiteOf(Object.values(splits));
  if (white === 1)
    for (const { pixels } of Object.values(splits)) pixels.forEach((pixel, i) => (pixels[i] = pixel * 255));
  return { width: 28, height: 28, splits, sums, binary: white !== undefined };
}

function checked(path: string, rows: number, labels: Uint8Array): Uint8Array {
  if (labels.length !== rows)
    throw new DataError(`IDX file ${path} holds ${labels.length} labels for ${rows} images.`);
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0)
    throw new DataError(`IDX file ${path}: labels must be 0 to 9, got ${labels[wrong]} in row ${wrong}.`);
  return labels;
}

function withValidation(all: ImageSplit, who: string): { train: ImageSplit; valid: ImageSplit } {
  const rows = all.rows - Math.ceil(all.rows * validationShare);
  if (rows === 0) throw new DataError(`${who} holds 1 image; training and validation need at least 2.`);
  return { train: imagesFrom(all, 0, rows), valid: imagesFrom(all, rows, all.rows) };
}

/** The images from start to end. */
export function imagesFrom({ rows, pixels, labels }: ImageSplit, start: number, end: number): ImageSplit {
  const size = pixels.length / rows;
  return {
    rows: end - start,
    pixels: pixels.subarray(start * size, end * size),
    ...(labels && { labels: labels.subarray(start, end) }),
  };
}

/** The white of binary files, 1 or 255, or 0 if all pixels are black; undefined for grey files. */
function whiteOf(splits: readonly ImageSplit[]): number | undefined {
  let white = 0;
  for (const { pixels } of splits)
    for (const pixel of pixels) {
      if (pixel === 0 || pixel === white) continue;
      if (white !== 0 || (pixel !== 1 && pixel !== 255)) return undefined;
      white = pixel;
    }
  return white;
}
