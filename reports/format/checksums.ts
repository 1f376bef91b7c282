/**
 * SHA256SUMS of a finished cell or of a published run, as `sha256sum -c` reads it. It is written last: a folder with this
 * file is complete, and a byte that changes later is found.
 */
import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onDisk, readBytes, replaceFile } from "./disk.ts";

const checksumsName = "SHA256SUMS";
/** Files of a cell; the first must be there. */
const ofCell: readonly string[] = ["cell.json", "curve.ndjson", "gradients.ndjson", "checkpoint"];

export const sha256Of = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");

/** Marks a folder as complete; to be called when all its files are final. */
export function writeChecksums(folder: string, listed = ofCell): void {
  const lines = listed.flatMap((name) => {
    const bytes = readBytes(join(folder, name));
    return bytes === undefined ? [] : [`${sha256Of(bytes)}  ${name}\n`];
  });
  replaceFile(join(folder, checksumsName), lines.join(""));
}

/** To be called before a file of the cell changes. */
export function removeChecksums(folder: string): void {
  onDisk(folder, () => rmSync(join(folder, checksumsName), { force: true }));
}

/** The checksums by name, or undefined where the file is missing or torn. */
function readChecksums(folder: string, [first = ""] = ofCell): ReadonlyMap<string, string> | undefined {
  const text = readBytes(join(folder, checksumsName))?.toString("utf8");
  const lines = text?.split("\n") ?? [];
  const matches = lines.slice(0, -1).map((line) => /^([0-9a-f]{64}) {2}([\w.-]+)$/.exec(line));
  if (lines.at(-1) !== "" || matches.includes(null)) return undefined;
  const sums = new Map(matches.map((match) => [match![2]!, match![1]!]));
  return sums.has(first) ? sums : undefined;
}

/** Whether a cell has ended; one without checksums has not, whatever its record says. */
export const isComplete = (folder: string): boolean => readChecksums(folder) !== undefined;

/** Whether a folder is a published run: results and a report without the cells that they were made from. */
export const isPublished = (path: string): boolean => existsSync(join(path, "leaderboard.json"));

/**
 * One sentence for each file that is not as its checksum says, or undefined for a folder without checksums. Every file of
 * `listed` must have one. `leaveOut` are files whose content does not matter to the caller.
 */
export function checksumFaults(
  folder: string,
  leaveOut: readonly string[] = [],
  listed = ofCell,
): string[] | undefined {
  const list = join(folder, checksumsName);
  if (!existsSync(list)) return undefined;
  const sums = readChecksums(folder, listed);
  if (sums === undefined) return [`${list}: this is no list of checksums with ${listed[0]} in it`];
  const missing = listed.filter((name) => !sums.has(name) && existsSync(join(folder, name)));
  const unknown = [...sums.keys()].filter((name) => !listed.includes(name));
  return [
    ...missing.map((name) => `${list}: the checksum of ${name} is missing`),
    ...unknown.map(
      (name) => `${list}: ${name} is not a file of ${listed === ofCell ? "a cell" : "a published run"}`,
    ),
    ...[...sums].flatMap(([name, sum]) => {
      if (unknown.includes(name) || leaveOut.includes(name)) return [];
      const bytes = readBytes(join(folder, name));
      if (bytes === undefined) return [`${join(folder, name)}: the file is missing`];
      return sha256Of(bytes) === sum
        ? []
        : [`${join(folder, name)}: the file differs from its SHA-256 checksum`];
    }),
  ];
}
