/** Splits from IDX files: verified, of one size, grey. */
import { basename } from "node:path";
import { DataError } from "./data-error.ts";
import { readIdx } from "./idx.ts";
import type { Images, ImageSplit } from "./images.ts";

export interface SplitFiles {
  readonly images: string;
  readonly labels?: string;
}

/** The share of the training images, its last, that validate where no file does: 10,000 of MNIST's 60,000. */
const HELD_OUT = 1 / 6;

/**
 * Reads the files of each split; `sums` are the MD5 sums that the files of these names must have. Rejects with
 * a DataError.
 */
export async function assemble(
  files: { readonly train: SplitFiles; readonly test: SplitFiles; readonly valid?: SplitFiles },
  published: Readonly<Record<string, string>> = {},
): Promise<Images> {
  const sums: Record<string, string> = {};
  const load = async (
    path: string,
    row: readonly number[],
  ): Promise<{ rows: number; values: Uint8Array }> => {
    const { sum, ...idx } = await readIdx(path, row);
    const name = basename(path).replace(/\.gz$/, "");
    const wanted = published[name];
    if (wanted !== undefined && sum !== wanted) {
      throw new DataError(`data: ${path} must have MD5 ${wanted} (the published sum), got ${sum}`);
    }
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
  const parts = files.valid ? { train, valid: await split(files.valid) } : holdOut(train, files.train.images);
  const splits = { ...parts, test };
  const white = whiteOf(Object.values(splits));
  if (white === 1) Object.values(splits).forEach(whiten);
  return { width: 28, height: 28, splits, sums, binary: white !== undefined };
}

function checked(path: string, rows: number, labels: Uint8Array): Uint8Array {
  if (labels.length !== rows) {
    throw new DataError(`data: ${path} must hold a label for each of ${rows} images, got ${labels.length}`);
  }
  const wrong = labels.findIndex((label) => label > 9);
  if (wrong >= 0)
    throw new DataError(`data: ${path} must hold labels from 0 to 9, got ${labels[wrong]} in row ${wrong}`);
  return labels;
}

function holdOut(all: ImageSplit, path: string): { train: ImageSplit; valid: ImageSplit } {
  const rows = all.rows - Math.ceil(all.rows * HELD_OUT);
  if (rows === 0) {
    throw new DataError(
      `data: ${path} must hold at least 2 images (the last sixth validates), got ${all.rows}`,
    );
  }
  const size = all.pixels.length / all.rows;
  const part = (start: number, end: number): ImageSplit => ({
    rows: end - start,
    pixels: all.pixels.subarray(start * size, end * size),
    ...(all.labels && { labels: all.labels.subarray(start, end) }),
  });
  return { train: part(0, rows), valid: part(rows, all.rows) };
}

/** The white of binary files, 1 or 255 (0 where all is black); nothing for grey ones. */
function whiteOf(splits: readonly ImageSplit[]): number | undefined {
  let white = 0;
  for (const { pixels } of splits) {
    for (const pixel of pixels) {
      if (pixel === 0 || pixel === white) continue;
      if (white !== 0 || (pixel !== 1 && pixel !== 255)) return undefined;
      white = pixel;
    }
  }
  return white;
}

/** 0 and 1 become 0 and 255, in the bytes that were just read. */
function whiten({ pixels }: ImageSplit): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i]! * 255;
}
