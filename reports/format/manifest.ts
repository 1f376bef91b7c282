/** manifest.json as it may be believed: whole, of this version, and saying what it said when it was written. */
import { demand, demandVersion, isObject, parseObject } from "./demand.ts";
import { reportError } from "./report-error.ts";
import type { Manifest } from "./records.ts";
import { sumFault } from "./checked-json.ts";

const fields = {
  protocol: "number",
  name: "string",
  command: "string",
  created: "string",
  engine: "object",
  data: "object",
  seeds: "array",
  matrix: "array",
  configuration: "object",
  definitions: "object",
} as const;

const optional = [
  "version",
  "bench",
  "node",
  "platform",
  "cpu",
  "cores",
  "memoryGiB",
  "git",
  "quick",
  "published",
];

const entryFields = {
  hash: "string",
  task: "string",
  taskOptions: "object",
  estimator: "string",
  estimatorOptions: "object",
  seed: "number",
  label: "string",
  taskLabel: "string",
} as const;

/**
 * Throws a ReportError of one sentence where the text is no manifest. One without a sum, as manifests were written
 * at first, is read; but then it must have no field of another name.
 */
export function parseManifest(text: string, path: string): Manifest {
  const value = parseObject(text, path);
  demandVersion(value, path);
  const fault = sumFault(value);
  const strange = Object.keys(value).find(
    (key) => !(key in fields) && !optional.includes(key) && key !== "sum",
  );
  if (fault !== undefined && ("sum" in value || strange !== undefined))
    throw reportError(
      `${path}: it must be as it was written (else a number may be wrong), but ` +
        (strange === undefined ? `${fault}.` : `it has a field ${JSON.stringify(strange)}.`),
    );
  delete value["sum"];
  demand(value, fields, path);
  for (const [i, entry] of (value["matrix"] as unknown[]).entries())
    demandEntry(entry, `${path}, cell ${i + 1}`);
  for (const part of ["tasks", "estimators"])
    if (!isObject((value["definitions"] as Record<string, unknown>)[part]))
      throw reportError(`${path}: field definitions must have an object of ${part}, got none.`);
  return value as unknown as Manifest;
}

function demandEntry(entry: unknown, where: string): void {
  if (!isObject(entry))
    throw reportError(`${where}: a cell of the matrix must be an object, got ${JSON.stringify(entry)}.`);
  demand(entry, entryFields, where);
  if (!/^[\w-]+$/.test(entry["hash"] as string))
    throw reportError(`${where}: field hash must name a folder, got ${JSON.stringify(entry["hash"])}.`);
}
