/** A cell's folder: rows that are appended, a record and checkpoints that are replaced whole or not at all. */
import type { CellRecord, Cost, CurveRow, GradientRow } from "../reports/records.ts";
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

/**
 * All functions are synchronous, so that rows and checkpoints reach the disk in the order of the calls. A full
 * or read-only disk is a BenchError of exit 3.
 */
export interface CellFolder {
  readonly path: string;
  appendCurve(rows: readonly CurveRow[]): void;
  appendGradients(rows: readonly GradientRow[]): void;
  /** Merges the fields into cell.json, written beside, flushed and renamed. */
  writeRecord(fields: Partial<CellRecord>): void;
  readRecord(): CellRecord | undefined;
  /** To be called after the rows of its step were appended: it remembers how many there are. Two are kept. */
  saveCheckpoint(checkpoint: Checkpoint): void;
  /**
   * The newest whole checkpoint; rows appended after it are dropped (all rows, when there is none), so that a
   * cell that goes on never stores one twice.
   */
  resume(): Checkpoint | undefined;
}
