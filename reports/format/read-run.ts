/** From a run folder to records: the only reader of what runners leave on disk. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { demand, demandVersion, parseObject, type Kind } from "./demand.ts";
import { reportError } from "./report-error.ts";
import { parseManifest } from "./manifest.ts";
import type { Cell, CellRecord, CurveRow, GradientRow, Manifest, RunRecords } from "./records.ts";
import { faultsOf, isSealed } from "./checksums.ts";
import { readSeen, rowNames, rowsSeen, type Seen } from "./seen-rows.ts";
import { readStages, withStages } from "./stage-records.ts";
import { canonicalJson, sumFault } from "./checked-json.ts";

const absent = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

async function bytesOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (absent(error)) return null;
    throw reportError(`${path}: must be a readable file, got ${(error as Error).message}.`);
  }
}

const textOf = async (path: string): Promise<string | null> =>
  (await bytesOf(path))?.toString("utf8") ?? null;

const cellFields = {
  hash: "string",
  task: "string",
  estimator: "string",
  seed: "number",
  label: "string",
  taskLabel: "string",
  state: "string",
  engine: "string",
  steps: "object",
  evaluations: "object",
  seconds: "object",
} as const;

const curveFields = { step: "number", split: "string", metric: "string", value: "number or null" } as const;
const gradientFields = { step: "number", protocol: "string", varianceEstimator: "number or null" } as const;

const states = ["pending", "running", "done", "failed", "diverged", "timeout", "interrupted"];

/**
 * Rows of an NDJSON file; a last line without its newline is one still being written, and is left out. Of a cell that
 * has not ended only rows that were seen count, and they must be those.
 */
async function readRows<Row>(
  path: string,
  fields: Readonly<Record<string, Kind>>,
  seen: Seen | undefined,
): Promise<Row[]> {
  const all = (await bytesOf(path)) ?? Buffer.alloc(0);
  const bytes = seen === undefined ? all : rowsSeen(all, seen);
  if (bytes === undefined)
    throw reportError(
      `${path}: its first ${seen!.rows} rows must be those that were written (else a number may be wrong), ` +
        "got others; bench run makes them again.",
    );
  const lines = bytes.toString("utf8").split("\n");
  lines.pop();
  const rows: Row[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const where = `${path}, line ${index + 1}`;
    const row = parseObject(line, where);
    demand(row, fields, where);
    rows.push(row as unknown as Row);
  }
  return rows;
}

/** An ended cell's files must be those that were sealed; the checkpoint, which no report reads, is left to runners. */
function demandSeal(folder: string): void {
  const [fault] = faultsOf(folder, ["checkpoint"]) ?? [];
  if (fault !== undefined)
    throw reportError(
      `${fault} (else a number may be wrong); bench run with --retry-failed trains the cell anew.`,
    );
}

/** The record as a report may believe it: the end of a cell counts once it is sealed. */
function believed(record: CellRecord, folder: string): CellRecord {
  const ended = !["pending", "running", "interrupted"].includes(record.state);
  if (!ended || isSealed(folder)) return record;
  return { ...record, state: "interrupted", error: "its end is not sealed yet: bench run goes on with it" };
}

type Entry = Manifest["matrix"][number];

/** A record must be of the cell that the matrix names; its labels too, unless it was made for other words. */
function demandEntry(record: CellRecord, entry: Entry, path: string): void {
  const words = ({ taskOptions, estimatorOptions }: Entry) => canonicalJson([taskOptions, estimatorOptions]);
  const names = ["hash", "task", "estimator", "seed"] as const;
  const labels = words(record) === words(entry) ? (["label", "taskLabel"] as const) : [];
  for (const name of [...names, ...labels])
    if (record[name] !== entry[name])
      throw reportError(
        `${path}: its ${name} must be that of the manifest's matrix, ${JSON.stringify(entry[name])}, ` +
          `got ${JSON.stringify(record[name])}.`,
      );
}

async function readCell(folder: string, entry: Entry): Promise<Cell | null> {
  const path = join(folder, "cell.json");
  const text = await textOf(path);
  if (text === null) return null;
  demandSeal(folder);
  const { sum, ...record } = parseObject(text, path);
  const fault = sum === undefined ? undefined : sumFault({ sum, ...record });
  if (fault !== undefined)
    throw reportError(`${path}: it must be as it was written (else a number may be wrong), but ${fault}.`);
  demandVersion(record, path);
  demand(record, cellFields, path);
  if (!states.includes(record["state"] as string))
    throw reportError(
      `${path}: state must be one of ${states.join(", ")}, got ${JSON.stringify(record["state"])}.`,
    );
  demandEntry(record as unknown as CellRecord, entry, path);
  // Read before the rows, which may grow meanwhile.
  const seen = isSealed(folder) ? undefined : readSeen(folder);
  try {
    const [curve, gradients] = await Promise.all([
      readRows<CurveRow>(join(folder, rowNames.curve), curveFields, seen?.curve),
      readRows<GradientRow>(join(folder, rowNames.gradients), gradientFields, seen?.gradients),
    ]);
    return { record: believed(record as unknown as CellRecord, folder), curve, gradients };
  } catch (error) {
    // A run that goes on has dropped rows meanwhile.
    if (seen !== undefined && canonicalJson(readSeen(folder)) !== canonicalJson(seen))
      return readCell(folder, entry);
    throw error;
  }
}

/**
 * Reads a run folder: manifest.json and cells/HASH/{cell.json, curve.ndjson, gradients.ndjson}. Cells come in the
 * order of the manifest's matrix; cells on disk that the matrix does not name are left out. Throws a ReportError
 * of one sentence that names the file when something is missing, corrupt or of another version.
 */
export async function readRun(folder: string): Promise<RunRecords> {
  const path = join(folder, "manifest.json");
  const text = await textOf(path);
  if (text === null)
    throw reportError(
      `${folder}: must be a run folder with a manifest.json, got none (did \`bench run\` write here?).`,
    );
  const checked = parseManifest(text, path);
  const found = await readdir(join(folder, "cells")).catch((error: unknown) => {
    if (absent(error)) return [] as string[];
    throw reportError(
      `${join(folder, "cells")}: must be a readable folder, got ${(error as Error).message}.`,
    );
  });
  const wanted = checked.matrix.filter(({ hash }) => found.includes(hash));
  const cells = await Promise.all(wanted.map((entry) => readCell(join(folder, "cells", entry.hash), entry)));
  const stages = await readStages(folder);
  return {
    folder,
    manifest: checked,
    cells: withStages(
      cells.filter((cell) => cell !== null),
      stages,
    ),
  };
}
