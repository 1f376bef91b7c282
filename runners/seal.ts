/** SHA256SUMS of an ended cell, as `sha256sum -c` reads it: a byte that flips later is found. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onDisk, replaceFile } from "./disk.ts";
import { sha256 } from "./hash.ts";

const list = "SHA256SUMS";
const sealed = ["cell.json", "curve.ndjson", "gradients.ndjson", "checkpoint"] as const;

/** To be called when all files of the cell are final. */
export function seal(folder: string): void {
  const lines = onDisk(folder, () =>
    sealed
      .filter((name) => existsSync(join(folder, name)))
      .map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`),
  );
  replaceFile(join(folder, list), lines.join(""));
}

/** To be called before a file of the cell changes. */
export function unseal(folder: string): void {
  onDisk(folder, () => rmSync(join(folder, list), { force: true }));
}

/** What is wrong with the files, a sentence each, or undefined for a cell that was never sealed. */
export function faultsOf(folder: string): string[] | undefined {
  const path = join(folder, list);
  const text = onDisk(path, () => (existsSync(path) ? readFileSync(path, "utf8") : undefined));
  if (text === undefined) return undefined;
  const lines = text.split("\n").slice(0, -1);
  const named = lines.map((line) => /^([0-9a-f]{64}) {2}([\w.]+)$/.exec(line));
  if (lines.length === 0 || named.includes(null))
    return [`${path}: it must list SHA-256 sums, but it is torn`];
  return named.flatMap((match) => {
    const [, sum, name] = match as unknown as [string, string, string];
    const file = join(folder, name);
    const got = onDisk(file, () => (existsSync(file) ? sha256(readFileSync(file)) : "no file"));
    return got === sum ? [] : [`${file}: its SHA-256 must be ${sum.slice(0, 12)}…, got ${got.slice(0, 12)}`];
  });
}
