/** CIFAR-10 from the archive of its binary version, as published. Its pixels become greys: all tasks are on grey images. */
import { join } from "node:path";
import { DataError } from "./data-error.ts";
import { type DataFile, readDataFile } from "./data-file.ts";
import { type Images, imagesFrom, type ImageSplit } from "./images.ts";

const file = "cifar-10-binary.tar.gz";
/** The MD5 of the published archive, as its page states it. */
const publishedSum = "c32a1d4ab5d03f1284b67883e8d87530";
const [side, block] = [32, 512];
const plane = side ** 2;
/** A label, then planes of red, green and blue. */
const record = 1 + 3 * plane;
const batches = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
/** The last training images are for validation. */
const validation = 5000;

/**
 * 45,000, 5,000 and 10,000 images of 32 × 32 with labels. Rejects with a DataError if the folder has no such archive or it is
 * another than the published one.
 */
export async function loadCifar10(
  folder: string,
  expected = publishedSum,
  held = validation,
): Promise<Images> {
  const archive = await readDataFile("TAR", join(folder, file), "as it is");
  const { who, sum } = archive;
  if (sum !== expected) throw new DataError(`${who} has MD5 ${sum}; the published sum is ${expected}.`);
  const files = filesOf(archive);
  const read = (...names: string[]) =>
    greys(
      names.map((name) => {
        const found = files.get(name);
        if (found === undefined || found.length === 0 || found.length % record !== 0)
          throw new DataError(`${who} has no file ${name} of records of ${record} bytes.`);
        return found;
      }),
    );
  const all = read(...batches);
  const splits = {
    train: imagesFrom(all, 0, all.rows - held),
    valid: imagesFrom(all, all.rows - held, all.rows),
    test: read("test_batch.bin"),
  };
  return { width: side, height: side, splits, sums: { [file]: sum }, binary: false };
}

/** The files of a TAR archive by their names without folders: each a header of 512 bytes and a body in multiples of 512. */
function filesOf({ bytes }: DataFile): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (start: number, length: number) =>
    Buffer.from(bytes.subarray(start, start + length))
      .toString("latin1")
      .split("\0")[0]!;
  for (let at = 0; at + block <= bytes.length && bytes[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    if (!(size >= 0)) break;
    files.set(text(at, 100).split("/").at(-1)!, bytes.subarray(at + block, at + block + size));
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}

/** Luminances .299 R + .587 G + .114 B, and labels. */
function greys(parts: readonly Uint8Array[]): ImageSplit {
  const rows = parts.reduce((sum, { length }) => sum + length / record, 0);
  const [pixels, labels] = [new Uint8Array(rows * plane), new Uint8Array(rows)];
  let row = 0;
  for (const part of parts)
    for (let at = 0; at < part.length; at += record, row++) {
      labels[row] = part[at]!;
      for (let i = 0; i < plane; i++) {
        const [r, g, b] = [part[at + 1 + i]!, part[at + 1 + plane + i]!, part[at + 1 + 2 * plane + i]!];
        pixels[row * plane + i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
      }
    }
  return { rows, pixels, labels };
}
