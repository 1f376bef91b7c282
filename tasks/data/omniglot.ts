/** Omniglot in 28 × 28 as Burda et al. (2015) prepared it: their file chardata.mat. */
import { join } from "node:path";
import { key, permutation } from "../noise.ts";
import { DataError } from "./data-error.ts";
import { type Images, imagesFrom, type ImageSplit } from "./images.ts";
import { readMat } from "./mat.ts";

const file = "chardata.mat";
/** The MD5 of the published file. */
const publishedSum = "21ecaf34373511aa7691cf2e0802aa3d";
/** The training images on which the papers that use this file validate, drawn by each in another order. */
const validation = 1345;
const side = 28;

/**
 * 23,000, 1,345 and 8,070 characters, without labels. Rejects with a DataError if the folder has no such file or it is another
 * than the published one.
 */
export async function loadOmniglot(
  folder: string,
  expected = publishedSum,
  held = validation,
): Promise<Images> {
  const { who, sum, arrays } = await readMat(join(folder, file));
  if (sum !== expected) throw new DataError(`${who} has MD5 ${sum}; the published sum is ${expected}.`);
  const read = (name: string): ImageSplit => {
    const { shape, values } = arrays.get(name) ?? { shape: [], values: new Float32Array() };
    const [pixels, rows] = shape;
    if (shape.length !== 2 || pixels !== side ** 2 || rows === undefined)
      throw new DataError(`${who} has no array ${name} of ${side ** 2} × images.`);
    return { rows, pixels: uprightPixels(values) };
  };
  const all = shuffled(read("data"));
  const splits = {
    train: imagesFrom(all, 0, all.rows - held),
    valid: imagesFrom(all, all.rows - held, all.rows),
    test: read("testdata"),
  };
  return { width: side, height: side, splits, sums: { [file]: sum }, binary: false };
}

/** The images in an order that is always the same. */
function shuffled({ rows, pixels }: ImageSplit): ImageSplit {
  const size = pixels.length / rows;
  const moved = new Uint8Array(pixels.length);
  permutation(key("omniglot", "validation"), rows).forEach((row, at) =>
    moved.set(pixels.subarray(row * size, (row + 1) * size), at * size),
  );
  return { rows, pixels: moved };
}

/** Greys from intensities. The file lists the pixels of an image by columns. */
function uprightPixels(values: Float32Array): Uint8Array {
  const pixels = new Uint8Array(values.length);
  for (let start = 0; start < values.length; start += side ** 2)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++)
        pixels[start + y * side + x] = Math.round(255 * values[start + x * side + y]!);
  return pixels;
}
