/** seen.json of a cell that has not ended: its rows so far, by count and SHA-256, until its seal takes their place. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { demand, isObject } from "./demand.ts";
import { readSummed } from "./checked-json.ts";

export const seenName = "seen.json";
export const rowNames = { curve: "curve.ndjson", gradients: "gradients.ndjson" } as const;

/** How many rows, and the SHA-256 of them as they stand in the file. */
export interface Seen {
  readonly rows: number;
  readonly sha256: string;
}

export type AllSeen = { readonly [name in keyof typeof rowNames]: Seen };

const newline = "\n".charCodeAt(0);

/** The bytes of so many whole lines, or undefined where there are fewer. */
export function firstLines(bytes: Buffer, count: number): Buffer | undefined {
  let end = 0;
  for (let line = 0; line < count; line++) {
    end = bytes.indexOf(newline, end) + 1;
    if (end === 0) return undefined;
  }
  return bytes.subarray(0, end);
}

/** The rows that were seen, or undefined where the file begins with others. */
export function rowsSeen(bytes: Buffer, { rows, sha256 }: Seen): Buffer | undefined {
  const found = firstLines(bytes, rows);
  return found !== undefined && createHash("sha256").update(found).digest("hex") === sha256
    ? found
    : undefined;
}

/** What was written of a cell's rows; undefined where nothing says so, as for one that has ended. */
export function readSeen(folder: string): AllSeen | undefined {
  const path = join(folder, seenName);
  const found = readSummed(path);
  if (found === undefined) return undefined;
  for (const name of ["curve", "gradients"] as const) {
    demand(found, { [name]: "object" }, path);
    const seen = found[name];
    if (isObject(seen)) demand(seen, { rows: "number", sha256: "string" }, `${path}, ${name}`);
  }
  return found as unknown as AllSeen;
}

/** What is wrong with the rows, a sentence each. */
export function faultsOfRows(folder: string): string[] {
  const seen = readSeen(folder);
  if (seen === undefined) return [];
  return (["curve", "gradients"] as const).flatMap((name) => {
    const path = join(folder, rowNames[name]);
    const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    if (rowsSeen(bytes, seen[name]) !== undefined) return [];
    return [`${path}: its first ${seen[name].rows} rows must be those that were written, got others`];
  });
}
