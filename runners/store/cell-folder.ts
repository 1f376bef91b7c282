/** A cell's folder: rows that are appended, a record and checkpoints that are replaced whole or not at all. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CellRecord, Cost, CurveRow, GradientRow } from "../../reports/format/records.ts";
import { rowNames, seenName, type AllSeen } from "../../reports/format/seen-rows.ts";
import { isObject } from "../../reports/format/demand.ts";
import { sumFault, summedText } from "../../reports/format/checked-json.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { flushFolder, makeFolder, onDisk, replaceFile } from "./disk.ts";
import type { Snapshot } from "../engine/engine.ts";
import { openRows } from "./row-file.ts";

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
  ...rowNames,
  seen: seenName,
  checkpoint: "checkpoint",
  previous: "checkpoint.previous",
} as const;

/** Opens or makes the folder, which no other process may be at. `note` hears of a checkpoint that is not used. */
export function openCell(path: string, note: (message: string) => void): CellFolder {
  makeFolder(path);
  const file = (name: keyof typeof names) => join(path, names[name]);
  const rows = { curve: openRows(file("curve")), gradients: openRows(file("gradients")) };
  const lost = existsSync(file("record")) && readRecord(path) === undefined;
  const seen = (): AllSeen => ({ curve: rows.curve.seen(), gradients: rows.gradients.seen() });
  const remember = () => replaceFile(file("seen"), summedText(seen()));
  const keepOnly = (curve: number, gradients: number) => {
    onDisk(path, () => rmSync(file("seen"), { force: true }));
    rows.curve.keepOnly(curve);
    rows.gradients.keepOnly(gradients);
    remember();
  };

  return {
    path,
    appendCurve(added) {
      rows.curve.append(added);
      remember();
    },
    appendGradients(added) {
      rows.gradients.append(added);
      remember();
    },
    readRecord: () => readRecord(path),
    writeRecord(fields) {
      const record = { ...readRecord(path), ...fields };
      replaceFile(file("record"), summedText(record));
    },
    saveCheckpoint({ snapshot, counters }) {
      const beside = `${file("checkpoint")}.ready`;
      replaceFile(beside, encodeCheckpoint(snapshot, { counters, seen: seen() }));
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
        if (lost) {
          note(`${file("record")}: it is torn or changed, so the cell starts anew`);
          break;
        }
        const { curve, gradients } = found.seen;
        if (!rows.curve.begins(curve) || !rows.gradients.begins(gradients)) {
          note(`${path}: rows that ${names[name]} has seen are missing or changed, so it is not used`);
          continue;
        }
        keepOnly(curve.rows, gradients.rows);
        return { snapshot: found.snapshot, counters: found.counters };
      }
      keepOnly(0, 0);
      return undefined;
    },
  };
}

/** The record of a cell's folder, or undefined where there is none that is as it was written. */
export function readRecord(folder: string): CellRecord | undefined {
  const text = readIfThere(join(folder, names.record))?.toString("utf8");
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value)) return undefined;
    const { sum, ...record } = value;
    // Those of before have no sum.
    return sum === undefined || sumFault(value) === undefined ? (record as unknown as CellRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what an ended cell needs no more: sums of rows, the last checkpoint but one, what crashes left half-written. */
export function dropLeftovers({ path }: CellFolder): void {
  onDisk(path, () => {
    for (const name of readdirSync(path))
      if (name === names.seen || name === names.previous || /\.(new|ready)$/.test(name))
        rmSync(join(path, name), { force: true });
  });
}

/** Empties a cell's folder, so that it starts anew. */
export function clearCell(path: string): void {
  onDisk(path, () => rmSync(path, { recursive: true, force: true }));
}

type Found = (Checkpoint & { readonly seen: AllSeen }) | { readonly fault: string };

function readCheckpoint(path: string): Found | undefined {
  const bytes = readIfThere(path);
  if (bytes === undefined) return undefined;
  const decoded = decodeCheckpoint(bytes);
  if ("fault" in decoded) return decoded;
  const { counters, seen } = decoded.beside as { counters: Counters; seen: AllSeen };
  return { snapshot: decoded.snapshot, counters, seen };
}

function readIfThere(path: string): Buffer | undefined {
  return onDisk(path, () => (existsSync(path) ? readFileSync(path) : undefined));
}
