/** Readers of a user's data, and the error that they throw. */
import { isAbsolute, join } from "node:path";
import { withLabels } from "./class-labels.ts";
import { type CsvOptions, readCsv } from "./csv.ts";
import type { Expected } from "./data-array.ts";
import type { FilePath } from "./data-file.ts";
import { readIdxFile } from "./idx.ts";
import { readNpy, readNpz } from "./npy.ts";

/**
 * The readers for a plug-in. Relative paths are looked up from `folder`, the folder of the plug-in's file, so that they mean
 * the same file wherever a command is started, and in every process of a run.
 */
export function readersIn(folder: string) {
  const at = (path: FilePath): FilePath =>
    typeof path === "string" && !isAbsolute(path) ? join(folder, path) : path;
  return {
    readCsv: (path: FilePath, options?: CsvOptions) => readCsv(at(path), options),
    readIdxFile: (path: FilePath, expected?: Expected) => readIdxFile(at(path), expected),
    readNpy: (path: FilePath, expected?: Expected) => readNpy(at(path), expected),
    readNpz: <Name extends string>(path: FilePath, expected?: Readonly<Record<Name, Expected>>) =>
      readNpz(at(path), expected),
    withLabels,
  };
}
export type Readers = ReturnType<typeof readersIn>;

export { classLabels, type ClassLabels, withLabels } from "./class-labels.ts";
export { readCsv, type CsvOptions, type CsvTable } from "./csv.ts";
export type { DataArray, Expected } from "./data-array.ts";
export { DataError } from "./data-error.ts";
export type { FilePath } from "./data-file.ts";
export { readIdxFile } from "./idx.ts";
export { readNpy, readNpz } from "./npy.ts";
