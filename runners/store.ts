/** A cell's folder: rows that are appended, a record and checkpoints that are replaced whole or not at all. */
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CellRecord, Cost, CurveRow, GradientRow } from "../reports/records.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { appendFlushed, flushFolder, makeFolder, onDisk, replaceFile } from "./disk.ts";
import type { Snapshot } from "./engine/engine.ts";

/** What a checkpoint keeps beside the engine's snapshot: counters, and sums of a cell's own by name. */
export interface Counters {
  readonly evaluations: Cost;
  readonly seconds: CellRecord["seconds"];
  /** Whatever else the cell must know to go on; JSON. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface Checkpoint {
  readonly snapshot: Snapshot;
  readonly counters: Counters;
}

/** Fields to change; undefined takes one away. */
export type RecordFields = { readonly [K in keyof CellRecord]?: CellRecord[K] | undefined };

/**
 * All functions are synchronous, so that rows and checkpoints reach the disk in the order of the calls. A full
 * or read-only disk is a BenchError of exit 3.
 */
export interface CellFolder {
  readonly path: string;
  appendCurve(rows: readonly CurveRow[]): void;
  appendGradients(rows: readonly GradientRow[]): void;
  /** Merges the fields into cell.json, written beside, flushed and renamed. */
  writeRecord(fields: RecordFields): void;
  readRecord(): CellRecord | undefined;
  /** To be called after the rows of its step were appended: it remembers how many there are. Two are kept. */
  saveCheckpoint(checkpoint: Checkpoint): void;
  /**
   * The newest whole checkpoint; rows appended after it are dropped (all rows, when there is none), so that a
   * cell that goes on never stores one twice.
   */
  resume(): Checkpoint | undefined;
}

const names = {
  record: "cell.json",
  curve: "curve.ndjson",
  gradients: "gradients.ndjson",
  checkpoint: "checkpoint",
  previous: "checkpoint.previous",
} as const;

/** How many rows a checkpoint has seen. */
interface Seen {
  readonly curve: number;
  readonly gradients: number;
}

/** Opens or makes the folder. `note` hears of a torn checkpoint. */
export function openCell(path: string, note: (message: string) => void): CellFolder {
  makeFolder(path);
  const file = (name: keyof typeof names) => join(path, names[name]);
  const rows = { curve: readLines(file("curve")).length, gradients: readLines(file("gradients")).length };

  function append(kind: keyof Seen, added: readonly object[]): void {
    if (added.length === 0) return;
    appendFlushed(file(kind), added.map((row) => JSON.stringify(row) + "\n").join(""));
    rows[kind] += added.length;
  }

  function keepOnly(seen: Seen): void {
    for (const kind of ["curve", "gradients"] as const) {
      if (!existsSync(file(kind))) continue;
      const kept = readLines(file(kind)).slice(0, seen[kind]);
      replaceFile(file(kind), kept.map((line) => line + "\n").join(""));
      rows[kind] = kept.length;
    }
  }

  return {
    path,
    appendCurve: (added) => append("curve", added),
    appendGradients: (added) => append("gradients", added),
    readRecord: () => readRecord(path),
    writeRecord(fields) {
      const record = { ...readRecord(path), ...fields };
      replaceFile(file("record"), JSON.stringify(record, undefined, 2) + "\n");
    },
    saveCheckpoint({ snapshot, counters }) {
      const beside = `${file("checkpoint")}.ready`;
      replaceFile(beside, encodeCheckpoint(snapshot, { counters, seen: { ...rows } }));
      onDisk(path, () => {
        if (existsSync(file("checkpoint"))) renameSync(file("checkpoint"), file("previous"));
        renameSync(beside, file("checkpoint"));
        flushFolder(path);
      });
    },
    resume() {
      for (const name of ["checkpoint", "previous"] as const) {
        const found = readCheckpoint(file(name));
        if (found === undefined) continue;
        if ("fault" in found) {
          note(`${file(name)}: the checkpoint is torn (${found.fault}), so the one before it is used`);
          continue;
        }
        if (rows.curve < found.seen.curve || rows.gradients < found.seen.gradients) {
          note(`${path}: rows that ${names[name]} has seen are missing, so it is not used`);
          continue;
        }
        keepOnly(found.seen);
        return { snapshot: found.snapshot, counters: found.counters };
      }
      keepOnly({ curve: 0, gradients: 0 });
      return undefined;
    },
  };
}

/** The record of a cell's folder, or undefined where there is none that can be read. */
export function readRecord(folder: string): CellRecord | undefined {
  const text = readIfThere(join(folder, names.record))?.toString("utf8");
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as CellRecord;
  } catch {
    return undefined;
  }
}

/** Removes what a finished cell needs no more: all but its last checkpoint. */
export function dropPrevious(folder: CellFolder): void {
  onDisk(folder.path, () => rmSync(join(folder.path, names.previous), { force: true }));
}

/** Empties a cell's folder, so that it starts anew. */
export function clearCell(path: string): void {
  onDisk(path, () => rmSync(path, { recursive: true, force: true }));
}

type Found = (Checkpoint & { readonly seen: Seen }) | { readonly fault: string };

function readCheckpoint(path: string): Found | undefined {
  const bytes = readIfThere(path);
  if (bytes === undefined) return undefined;
  const decoded = decodeCheckpoint(bytes);
  if ("fault" in decoded) return decoded;
  const { counters, seen } = decoded.beside as { counters: Counters; seen: Seen };
  return { snapshot: decoded.snapshot, counters, seen };
}

/** Whole lines only: a crash may leave the last one torn. */
function readLines(path: string): string[] {
  const text = readIfThere(path)?.toString("utf8") ?? "";
  return text.split("\n").slice(0, -1);
}

function readIfThere(path: string): Buffer | undefined {
  return onDisk(path, () => (existsSync(path) ? readFileSync(path) : undefined));
}
