/** IDX files that the user points at. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Split } from "../task.ts";
import { DataError } from "./data-error.ts";
import { assemble, type SplitFiles } from "./files.ts";
import type { Images } from "./images.ts";

const STEMS: Readonly<Record<Split, readonly string[]>> = {
  train: ["train"],
  valid: ["valid"],
  test: ["test", "t10k"],
};

/**
 * The images of a folder that holds `train-images-idx3-ubyte` and `test-` or `t10k-images-idx3-ubyte`, perhaps
 * `valid-images-idx3-ubyte`, each perhaps with `.gz`, and perhaps `...-labels-idx1-ubyte` beside them.
 *
 * Rejects with a DataError, whose exit status is 2 when there is no such folder.
 */
export async function loadFolder(folder: string): Promise<Images> {
  const names = new Set(await list(folder));
  const find = (split: Split, kind: string): string | undefined => {
    const name = STEMS[split]
      .flatMap((stem) => [`${stem}-${kind}`, `${stem}-${kind}.gz`])
      .find((at) => names.has(at));
    return name === undefined ? undefined : join(folder, name);
  };
  const files = (split: Split): SplitFiles | undefined => {
    const images = find(split, "images-idx3-ubyte");
    const labels = find(split, "labels-idx1-ubyte");
    return images === undefined ? undefined : { images, ...(labels !== undefined && { labels }) };
  };
  const need = (split: Split): SplitFiles => {
    const found = files(split);
    if (found) return found;
    const wanted = STEMS[split].map((stem) => `${stem}-images-idx3-ubyte`).join(" or ");
    throw new DataError(`data: ${folder} must hold ${wanted}, with or without .gz, got neither`);
  };
  const valid = files("valid");
  return assemble({ train: need("train"), test: need("test"), ...(valid && { valid }) });
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DataError(
      `data: ${folder} must be a readable folder of IDX files, got ${code}`,
      code === "EACCES" || code === "EPERM" ? 3 : 2,
    );
  }
}
