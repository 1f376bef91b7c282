/** Published checksums, by which files of one data set are told from those of another. */
import { DataError } from "./data-error.ts";

/** Data sets as IDX files, with the MD5 sum of each uncompressed file. */
const published = {
  mnist: {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
  },
  fashion: {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
  },
} as const;
export type IdxSet = keyof typeof published;

/** The sums of MNIST's files. */
export const SUMS = published.mnist;

/**
 * Throws a DataError if a file is one of another data set, or, where `set` is to be exactly as published, if it is not the
 * file of this name.
 */
export function checkSum(set: IdxSet, exactly: boolean, path: string, name: string, sum: string): void {
  const sets = Object.keys(published) as IdxSet[];
  const owner = sets.find((candidate) => Object.values<string>(published[candidate]).includes(sum));
  if (owner !== undefined && owner !== set)
    throw new DataError(
      `IDX file ${path} is a file of the data set ${owner}; write dataset=${owner} for it.`,
    );
  if (!exactly) return;
  const expected = (published[set] as Readonly<Record<string, string>>)[name];
  if (expected === undefined)
    throw new DataError(`IDX file ${path} is none of the published files of the data set ${set}.`);
  if (sum !== expected)
    throw new DataError(`IDX file ${path} has MD5 ${sum}; the published sum is ${expected}.`);
}
