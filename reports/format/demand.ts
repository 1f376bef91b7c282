/** What is read must have the shape that was written; if not, one sentence names the file and the field. */
import { reportError } from "./report-error.ts";
import { recordsVersion } from "./records.ts";

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();

export function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw reportError(`${where}: must hold JSON, got ${oneLine((error as Error).message)}.`);
  }
  if (!isObject(value))
    throw reportError(`${where}: must hold a JSON object, got ${oneLine(text.slice(0, 40))}.`);
  return value;
}

export type Kind = "number" | "string" | "object" | "array" | "number or null";

function isKind(value: unknown, kind: Kind): boolean {
  if (kind === "number or null") return value === null || typeof value === "number";
  if (kind === "object") return isObject(value);
  if (kind === "array") return Array.isArray(value);
  return typeof value === kind;
}

export function demand(
  value: Record<string, unknown>,
  fields: Readonly<Record<string, Kind>>,
  where: string,
): void {
  for (const [field, kind] of Object.entries(fields))
    if (!isKind(value[field], kind)) {
      const got =
        value[field] === undefined ? "nothing" : (JSON.stringify(value[field]) ?? "nothing").slice(0, 60);
      throw reportError(
        `${where}: field ${field} must be ${/^[ao]/.test(kind) ? "an" : "a"} ${kind}, got ${got}.`,
      );
    }
}

export function demandVersion(value: Record<string, unknown>, where: string): void {
  if (value["version"] !== recordsVersion)
    throw reportError(
      `${where}: version must be ${recordsVersion} (the shapes this reader knows), got ${JSON.stringify(value["version"])}.`,
    );
}
