/** JSON files that carry the SHA-256 of what they say, so that a digit that changes later is found. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { parseObject } from "./demand.ts";
import { reportError } from "./report-error.ts";

/** JSON with sorted keys and without `undefined`, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, v]) => `${JSON.stringify(key)}:${canonicalJson(v)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) return JSON.stringify(String(value));
  return JSON.stringify(value) ?? "null";
}

const sumOf = (value: object) => createHash("sha256").update(canonicalJson(value)).digest("hex");

/** The text of a file that says this, and its sum. */
export function summedText(value: object): string {
  const said = JSON.parse(JSON.stringify({ ...value, sum: undefined })) as object;
  return `${JSON.stringify({ ...said, sum: sumOf(said) }, undefined, 2)}\n`;
}

/** What is wrong with the sum of an object that was read, as the end of a sentence; nothing where it holds. */
export function sumFault({ sum, ...said }: Readonly<Record<string, unknown>>): string | undefined {
  if (sum === undefined) return "it has no sum of what it says";
  return sum === sumOf(said) ? undefined : "its sum is not that of what it says";
}

/** What a file of this text says, without its sum, which must hold. */
export function parseSummed(text: string, path: string): Record<string, unknown> {
  const value = parseObject(text, path);
  const fault = sumFault(value);
  if (fault !== undefined)
    throw reportError(`${path}: it must be as it was written (else a number may be wrong), but ${fault}.`);
  delete value["sum"];
  return value;
}

/** The same of a file, or undefined where there is none. */
export function readSummed(path: string): Record<string, unknown> | undefined {
  return existsSync(path) ? parseSummed(readText(path), path) : undefined;
}

/** The text of a file that is there; one that cannot be read is said in a sentence. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw reportError(`${path}: must be a readable file, got ${(error as Error).message}.`);
  }
}
