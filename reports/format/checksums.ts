/** SHA256SUMS of an ended cell, as `sha256sum -c` reads it: whether its files are still those that were sealed. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const sealName = "SHA256SUMS";
export const sealedNames = ["cell.json", "curve.ndjson", "gradients.ndjson", "checkpoint"] as const;

const readIfThere = (path: string) => (existsSync(path) ? readFileSync(path) : undefined);

/** The sums by name, `torn`, or nothing where there is no seal. */
function readSeal(folder: string): ReadonlyMap<string, string> | "torn" | undefined {
  const text = readIfThere(join(folder, sealName))?.toString("utf8");
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  const matches = lines.slice(0, -1).map((line) => /^([0-9a-f]{64}) {2}([\w.]+)$/.exec(line));
  if (lines.at(-1) !== "" || matches.includes(null)) return "torn";
  const sums = new Map(matches.map((match) => [match![2]!, match![1]!]));
  return sums.has("cell.json") ? sums : "torn";
}

/** Whether there is a whole seal; a cell without one has not ended, whatever its record says. */
export function isSealed(folder: string): boolean {
  const sums = readSeal(folder);
  return sums !== undefined && sums !== "torn";
}

/**
 * What is wrong with the files, a sentence each, or undefined for a cell that was never sealed. The seal must name
 * every file that there is. `leaveOut` are files whose content does not matter to the caller.
 */
export function faultsOf(folder: string, leaveOut: readonly string[] = []): string[] | undefined {
  const sums = readSeal(folder);
  if (sums === undefined) return undefined;
  const list = join(folder, sealName);
  if (sums === "torn")
    return [`${list}: it must list SHA-256 sums, that of cell.json among them, but is torn`];
  const missing = sealedNames.filter((name) => !sums.has(name) && existsSync(join(folder, name)));
  const strange = [...sums.keys()].filter((name) => !sealedNames.some((known) => known === name));
  return [
    ...missing.map((name) => `${list}: it must name every file of the cell, but ${name} is missing`),
    ...strange.map((name) => `${list}: it must name files of a cell only, got ${name}`),
    ...[...sums].flatMap(([name, sum]) => {
      if (strange.includes(name) || leaveOut.includes(name)) return [];
      const path = join(folder, name);
      const bytes = readIfThere(path);
      const got = bytes === undefined ? "no file" : createHash("sha256").update(bytes).digest("hex");
      if (got === sum) return [];
      return [`${path}: its SHA-256 must be ${sum.slice(0, 12)}…, as it was sealed, got ${got.slice(0, 12)}`];
    }),
  ];
}
