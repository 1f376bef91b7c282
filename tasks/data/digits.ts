/** Digits of 8 × 8, which are a part of this package. */
import { createHash } from "node:crypto";
import { inflateRawSync } from "node:zlib";
import { digitsBytes } from "./digits-bytes.ts";
import { type Images, imagesFrom } from "./images.ts";

const [rows, side, white] = [1797, 8, 16];
/** No split is official. The file is in the order of its writers, so that those of the last images wrote none of the others. */
const ends = { train: 1197, valid: 1497, test: rows };

/** 1,197, 300 and 300 digits with labels. */
export function loadDigits(): Promise<Images> {
  const bytes = inflateRawSync(Buffer.from(digitsBytes, "base64"));
  const size = rows * side ** 2;
  const pixels = Uint8Array.from(bytes.subarray(0, size), (grey) => Math.round((255 * grey) / white));
  const all = { rows, pixels, labels: Uint8Array.from(bytes.subarray(size)) };
  const splits = {
    train: imagesFrom(all, 0, ends.train),
    valid: imagesFrom(all, ends.train, ends.valid),
    test: imagesFrom(all, ends.valid, ends.test),
  };
  const sums = { "digits-8x8": createHash("md5").update(bytes).digest("hex") };
  return Promise.resolve({ width: side, height: side, splits, sums, binary: false });
}
