/** IDX files in a folder that the user names. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Split } from "../task.ts";
import { DataError } from "./data-error.ts";
import { assemble, type Images, type SplitFiles } from "./images.ts";
import { checkSum, type IdxSet } from "./published-sums.ts";

const stems: Readonly<Record<Split, readonly string[]>> = {
  train: ["train"],
  valid: ["valid"],
  test: ["test", "t10k"],
};

/**
 * Loads `train-images-idx3-ubyte`, `test-images-idx3-ubyte` (or `t10k-…`) and, where present, `valid-images-idx3-ubyte`
 * and the `…-labels-idx1-ubyte` of each. Each name may end in `.gz`.
 *
 * With `published` the files must be those of this data set; otherwise they may be any but those of another that is known.
 *
 * Rejects with a DataError, whose exit status is 2 if there is no such folder.
 */
export async function loadFolder(folder: string, published?: IdxSet): Promise<Images> {
  const names = new Set(await list(folder));
  const find = (split: Split, kind: string): string | undefined => {
    const candidates = stems[split].flatMap((stem) => [`${stem}-${kind}`, `${stem}-${kind}.gz`]);
    const name = candidates.find((candidate) => names.has(candidate));
    return name && join(folder, name);
  };
  const optional = (split: Split): SplitFiles | undefined => {
    const images = find(split, "images-idx3-ubyte");
    const labels = find(split, "labels-idx1-ubyte");
    return images === undefined ? undefined : { images, ...(labels !== undefined && { labels }) };
  };
  const required = (split: Split): SplitFiles => {
    const files = optional(split);
    if (files) return files;
    const expected = stems[split].map((stem) => `${stem}-images-idx3-ubyte`).join(" or ");
    throw new DataError(`Folder ${folder} has no ${expected}, with or without .gz.`);
  };
  const valid = optional("valid");
  return assemble(
    { train: required("train"), test: required("test"), ...(valid && { valid }) },
    checkSum.bind(undefined, published ?? "mnist", published !== undefined),
  );
}

const list = (folder: string): Promise<string[]> =>
  readdir(folder).catch(({ code }: NodeJS.ErrnoException) => {
    const forbidden = code === "EACCES" || code === "EPERM";
    throw new DataError(`Folder ${folder} of IDX files cannot be read (${code}).`, forbidden ? 3 : 2);
  });
