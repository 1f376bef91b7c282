/** From a run's folder to records: the only reader of what a run leaves on disk. */
import { join } from "node:path";
import type { GenericSchema, InferOutput } from "valibot";
import { environment } from "./bench-error.ts";
import { canonicalJson } from "./canonical-json.ts";
import { checksumFaults, isComplete } from "./checksums.ts";
import { namesIn, readBytes } from "./disk.ts";
import { parseJson, readJson } from "./json-file.ts";
import { readManifest } from "./manifest.ts";
import { readStages, withStages } from "./stage-records.ts";
import {
  cellRecordSchema,
  curveRowSchema,
  gradientRowSchema,
  type Cell,
  type CellRecord,
  type MatrixCell,
  type RunRecords,
} from "./records.ts";

/** The folder of a cell in a run's folder. */
export const cellPath = (run: string, { hash }: { readonly hash: string }) => join(run, "cells", hash);

export const recordFile = (cell: string) => join(cell, "cell.json");

/** The record of a cell's folder, or undefined where there is none. */
export const readRecord = (cell: string): CellRecord | undefined =>
  readJson(recordFile(cell), cellRecordSchema);

/** Rows of an NDJSON file. A last line without its newline is one that is still being written, and is left out. */
function readRows<S extends GenericSchema>(path: string, schema: S): InferOutput<S>[] {
  const lines = (readBytes(path)?.toString("utf8") ?? "").split("\n").slice(0, -1);
  return lines.flatMap((line, index) =>
    line.trim() === "" ? [] : [parseJson(line, schema, `${path}, line ${index + 1}`)],
  );
}

const resumable = (state: CellRecord["state"]) => ["pending", "running", "interrupted"].includes(state);

/** A record must be of the cell that the matrix names; its labels too, unless it was made for other words. */
function refuseOtherCell(record: CellRecord, cell: MatrixCell, path: string): void {
  const words = ({ taskOptions, estimatorOptions }: MatrixCell) =>
    canonicalJson([taskOptions, estimatorOptions]);
  const names = ["hash", "task", "estimator", "seed"] as const;
  const labels = words(record) === words(cell) ? (["label", "taskLabel"] as const) : [];
  for (const name of [...names, ...labels])
    if (record[name] !== cell[name])
      throw environment(
        `${path}: field ${name} is ${JSON.stringify(record[name])}, but ${JSON.stringify(cell[name])} in the manifest.`,
      );
}

function readCell(folder: string, cell: MatrixCell): Cell[] {
  // No report reads the checkpoint.
  const [fault] = checksumFaults(folder, ["checkpoint"]) ?? [];
  if (fault !== undefined)
    throw environment(`${fault}. To train the cell again: bench run with --retry-failed.`);
  const record = readRecord(folder);
  if (record === undefined) return [];
  refuseOtherCell(record, cell, recordFile(folder));
  const finishing = !resumable(record.state) && !isComplete(folder);
  const end = {
    state: "interrupted",
    error: "the end of the cell is not stored yet; bench run goes on",
  } as const;
  return [
    {
      record: finishing ? { ...record, ...end } : record,
      curve: readRows(join(folder, "curve.ndjson"), curveRowSchema),
      gradients: readRows(join(folder, "gradients.ndjson"), gradientRowSchema),
    },
  ];
}

/**
 * Reads a run's folder: manifest.json and cells/HASH/{cell.json, curve.ndjson, gradients.ndjson}. Cells come in the
 * order of the manifest's matrix; cells on disk that the matrix does not name are left out. Throws a BenchError of one
 * sentence that names the file when something is missing, corrupt or of another version.
 */
export function readRun(folder: string): RunRecords {
  const manifest = readManifest(folder);
  const found = new Set(namesIn(join(folder, "cells")));
  const begun = manifest.matrix.filter(({ hash }) => found.has(hash));
  const cells = begun.flatMap((cell) => readCell(cellPath(folder, cell), cell));
  return { folder, manifest, cells: withStages(cells, readStages(folder)) };
}
