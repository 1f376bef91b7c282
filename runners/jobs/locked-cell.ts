/** Locks a cell, runs it and writes its checksums. An error marks only this cell as failed. */
import { join } from "node:path";
import {
  checksumFaults,
  isComplete,
  removeChecksums,
  writeChecksums,
} from "../../reports/format/checksums.ts";
import { makeFolder } from "../../reports/format/disk.ts";
import { cellPath, readRecord } from "../../reports/format/read-run.ts";
import { recordsVersion, type CellState } from "../../reports/format/records.ts";
import type { Engine } from "../engine/engine.ts";
import { diskError, environment, exitOf, messageOf, type BenchError } from "../errors.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Prepared } from "../plan/prepare.ts";
import { withExitBlocked } from "../plugins/block-exit.ts";
import { openCell, removeCell, removeTemporaryFiles, type CellFolder } from "../store/cell-folder.ts";
import { tryLock, type Lock, type LockHolder } from "../store/lock.ts";
import type { CellObserver, CellOutcome, RunCell } from "../train/cell-job.ts";

/** Which finished cells to run again. */
export interface RerunOptions {
  readonly force: boolean;
  readonly retryFailed: boolean;
}

/** Receives what happens to a cell; `started` comes once it is locked and has to be run. */
export interface CellListener extends CellObserver {
  started(): void;
}

/** Another process holds the lock; or the cell had ended already; or it was run. */
export type CellResult =
  { readonly busy: LockHolder } | { readonly found: CellState } | { readonly outcome: CellOutcome };

export interface CellContext {
  /** The run's folder. */
  readonly folder: string;
  readonly prepared: Prepared;
  readonly engine: Engine;
  readonly runCell: RunCell;
}

/**
 * The state of a finished cell that is not to be run again, and a sentence for each file that has changed since;
 * undefined for a cell to run.
 */
export function finishedCell(path: string, { force, retryFailed }: RerunOptions) {
  if (force || !isComplete(path)) return undefined;
  const faults = checksumFaults(path)!;
  const state: CellState = faults.length > 0 ? "failed" : readRecord(path)!.state;
  return retryFailed && state !== "done" ? undefined : { state, faults };
}

export async function runLockedCell(
  cell: PlannedCell,
  context: CellContext,
  rerun: RerunOptions,
  listener: CellListener,
): Promise<CellResult> {
  const path = cellPath(context.folder, cell);
  makeFolder(join(context.folder, "cells"));
  const locked = tryLock(path);
  if ("holder" in locked) return { busy: locked.holder };
  if (locked.from !== undefined) {
    const { pid, host, since } = locked.from;
    listener.note(
      `${cellName(cell)}: taking over from process ${pid} on ${host}, which began ${since} and ended`,
    );
  }
  let ended = false;
  try {
    const found = finishedCell(path, rerun);
    ended = found !== undefined;
    if (found !== undefined) return { found: found.state };
    if (rerun.force || isComplete(path)) removeCell(path);
    listener.started();
    const outcome = await runHeldCell(cell, context, listener, locked.lock);
    ended = outcome.state !== "interrupted";
    return { outcome };
  } finally {
    locked.lock.release(ended);
  }
}

async function runHeldCell(
  cell: PlannedCell,
  { folder: run, prepared, engine, runCell }: CellContext,
  listener: CellListener,
  lock: Lock,
): Promise<CellOutcome> {
  const { plan, tasks, matrix } = prepared;
  const folder = openCell(cellPath(run, cell), (message) => listener.note(message));
  const { estimator } = matrix.estimators.find(({ label }) => label === cell.label)!.entry;
  const task = tasks.get(cell.taskKey)!;
  const { claims } = estimator;
  removeChecksums(folder.path);
  beginRecord(folder, cell, plan.engine);
  const evaluations = claims.evaluations(task.sites, cell.estimatorSettings);
  folder.writeRecord({ claims: { ...claims, evaluations }, error: undefined, stack: undefined });
  const lost = atMostEvery(2000, () => !lock.isHeld());
  const observer: CellObserver = {
    progress: (progress) => listener.progress(progress),
    note: (message) => listener.note(message),
    interrupted: () => listener.interrupted() || lost(),
  };
  const outcome = await withExitBlocked("inside the cell", () =>
    runCell({ cell, plan, estimator, task, engine, folder }, observer),
  ).catch((error: unknown) => failureOf(error, folder.path));
  if (!lock.isHeld())
    throw environment(`${cellName(cell)}: this process slept so long that another took the cell over.`);
  endCell(folder, outcome);
  return outcome;
}

/** Writes the record's fixed fields; counters of a cell that goes on stay. */
function beginRecord(folder: CellFolder, cell: PlannedCell, engine: string): void {
  const { hash, task, taskOptions, estimator, estimatorOptions, seed, label, taskLabel, resolved } = cell;
  folder.writeRecord({
    steps: { done: 0, planned: cell.budget.steps },
    evaluations: { forward: 0, backward: 0 },
    seconds: { train: 0, compile: 0, evaluate: 0 },
    started: new Date().toISOString(),
    ...folder.readRecord(),
    ...{ version: recordsVersion, hash, task, taskOptions, estimator, estimatorOptions, seed },
    ...{ label, taskLabel, resolved, engine, state: "running" },
  });
}

/** Writes how a cell ended. The checksums come last: a crash before them leaves a cell whose end is done again. */
function endCell(folder: CellFolder, { state, error, stack }: CellOutcome): void {
  const ended = state !== "interrupted";
  if (ended) removeTemporaryFiles(folder.path);
  folder.writeRecord({ state, error, stack, ended: new Date().toISOString() });
  if (ended) writeChecksums(folder.path);
}

/** Records the end of a cell whose process died, from the process that started it. */
export function recordDeath(cell: PlannedCell, run: string, engine: string, outcome: CellOutcome): void {
  const path = cellPath(run, cell);
  const locked = tryLock(path);
  if ("holder" in locked) return;
  const folder = openCell(path, () => undefined);
  removeChecksums(path);
  beginRecord(folder, cell, engine);
  endCell(folder, outcome);
  locked.lock.release(true);
}

export function cellName({ taskLabel, label, seed }: PlannedCell): string {
  return `${taskLabel} ${label} seed ${seed}`;
}

/** The last answer, asked again after so many milliseconds. */
function atMostEvery(milliseconds: number, ask: () => boolean): () => boolean {
  let asked = performance.now();
  let answer = false;
  return () => {
    if (performance.now() - asked > milliseconds) {
      asked = performance.now();
      answer = ask();
    }
    return answer;
  };
}

/** The outcome of a cell that threw; an error of the environment ends the run instead. */
function failureOf(error: unknown, path: string): CellOutcome {
  const disk = diskError(error, path);
  if (disk !== undefined) throw disk;
  if (exitOf(error) === 3) throw error as BenchError;
  const stack = error instanceof Error ? error.stack : undefined;
  const message = messageOf(error).trim().split("\n", 1)[0] ?? "";
  return {
    state: "failed",
    error: message === "" ? "it threw an error without a message" : message,
    ...(stack === undefined ? {} : { stack }),
  };
}
