/** A cell's folder: rows that are appended, a record and checkpoints that are replaced. */
import { existsSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import {
  appendFlushed,
  makeFolder,
  namesIn,
  onDisk,
  readBytes,
  replaceFile,
} from "../../reports/format/disk.ts";
import { writeJson } from "../../reports/format/json-file.ts";
import { readRecord, recordFile } from "../../reports/format/read-run.ts";
import type { CellRecord, Cost, CurveRow, GradientRow } from "../../reports/format/records.ts";
import type { Snapshot } from "../engine/engine.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";

/** What a checkpoint keeps beside the engine's snapshot. */
export interface Counters {
  readonly evaluations: Cost;
  readonly seconds: CellRecord["seconds"];
  /** Whatever else the cell needs to go on; JSON. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface Checkpoint {
  readonly snapshot: Snapshot;
  readonly counters: Counters;
}

/** Fields to change; undefined removes one. */
export type RecordFields = { readonly [K in keyof CellRecord]?: CellRecord[K] | undefined };

/**
 * All functions are synchronous, so that rows and checkpoints reach the disk in the order of the calls. A full or
 * read-only disk is a DiskError.
 */
export interface CellFolder {
  readonly path: string;
  appendCurve(rows: readonly CurveRow[]): void;
  appendGradients(rows: readonly GradientRow[]): void;
  /** Merges the fields into cell.json. */
  writeRecord(fields: RecordFields): void;
  readRecord(): CellRecord | undefined;
  /** To be called after the rows of its step were appended: it stores how long their files are. Two are kept. */
  saveCheckpoint(checkpoint: Checkpoint): void;
  /**
   * The newest checkpoint that can be read; rows appended after it are removed (all rows where there is none), so that
   * a cell that goes on never stores a row twice.
   */
  resume(): Checkpoint | undefined;
}

/** Bytes of each file of rows. */
interface Sizes {
  readonly curve: number;
  readonly gradients: number;
}

/** Opens or makes the folder. The caller holds its lock. `note` receives a sentence on a checkpoint that is not used. */
export function openCell(path: string, note: (message: string) => void): CellFolder {
  makeFolder(path);
  const [curve, gradients] = [join(path, "curve.ndjson"), join(path, "gradients.ndjson")];
  const [checkpoint, previous] = [join(path, "checkpoint"), join(path, "checkpoint.previous")];
  const append = (file: string, rows: readonly object[]) => {
    if (rows.length > 0) appendFlushed(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  };
  const sizes = (): Sizes => ({ curve: sizeOf(curve), gradients: sizeOf(gradients) });
  const shorten = (to: Sizes) => {
    for (const [file, size] of [
      [curve, to.curve],
      [gradients, to.gradients],
    ] as const)
      if (sizeOf(file) > size) onDisk(file, () => truncateSync(file, size));
  };

  return {
    path,
    appendCurve: (rows) => append(curve, rows),
    appendGradients: (rows) => append(gradients, rows),
    readRecord: () => readRecord(path),
    writeRecord: (fields) => writeJson(recordFile(path), { ...readRecord(path), ...fields }),
    saveCheckpoint({ snapshot, counters }) {
      const bytes = encodeCheckpoint(snapshot, { counters, sizes: sizes() });
      onDisk(path, () => existsSync(checkpoint) && renameSync(checkpoint, previous));
      replaceFile(checkpoint, bytes);
    },
    resume() {
      for (const file of [checkpoint, previous]) {
        const bytes = readBytes(file);
        if (bytes === undefined) continue;
        const found = readCheckpoint(bytes, sizes());
        if ("fault" in found) {
          note(`${file}: this checkpoint cannot be used: ${found.fault}`);
          continue;
        }
        shorten(found.sizes);
        return { snapshot: found.snapshot, counters: found.counters };
      }
      shorten({ curve: 0, gradients: 0 });
      return undefined;
    },
  };
}

function sizeOf(file: string): number {
  return onDisk(file, () => statSync(file, { throwIfNoEntry: false })?.size ?? 0);
}

function readCheckpoint(
  bytes: Buffer,
  now: Sizes,
): (Checkpoint & { readonly sizes: Sizes }) | { readonly fault: string } {
  const decoded = decodeCheckpoint(bytes);
  if ("fault" in decoded) return decoded;
  const { counters, sizes } = decoded.beside as { counters: Counters; sizes?: Sizes };
  if (sizes === undefined) return { fault: "an earlier version of bench wrote it" };
  if (now.curve < sizes.curve || now.gradients < sizes.gradients)
    return { fault: "rows that were written before it are missing" };
  return { snapshot: decoded.snapshot, counters, sizes };
}

/** Removes what a finished cell no longer needs: the last checkpoint but one, and half-written files of crashes. */
export function removeTemporaryFiles(cell: string): void {
  for (const name of namesIn(cell))
    if (name === "checkpoint.previous" || name.endsWith(".part"))
      onDisk(cell, () => rmSync(join(cell, name), { force: true }));
}

/** Removes a cell's folder, so that the cell starts again. */
export function removeCell(path: string): void {
  onDisk(path, () => rmSync(path, { recursive: true, force: true }));
}
