/** One attempt at one cell: claimed, looked at again, run, and sealed; whatever it throws is a failure of it alone. */
import { join } from "node:path";
import { recordsVersion, type CellState } from "../../reports/format/records.ts";
import { faultsOf, isSealed } from "../../reports/format/checksums.ts";
import { claim, takenOver, type Claim, type Holder } from "../store/lock.ts";
import { makeFolder } from "../store/disk.ts";
import type { Engine } from "../engine/engine.ts";
import { diskError, environment, exitOf, messageOf, type BenchError } from "../errors.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { CellOutcome, CellProgress, RunCell } from "../train/cell-job.ts";
import type { Prepared } from "../plan/prepare.ts";
import { seal, unseal } from "../store/checksum.ts";
import { clearCell, dropLeftovers, openCell, readRecord } from "../store/cell-folder.ts";
import { withExitBlocked } from "../plugins/block-exit.ts";

/** What is to be done again. */
export interface Again {
  readonly force: boolean;
  readonly retryFailed: boolean;
}

/** Hears of one cell. */
export interface Hearer {
  started(): void;
  progress(progress: CellProgress): void;
  note(message: string): void;
  /** Rows of a log point are stored. */
  logged(): Promise<void>;
  interrupted(): boolean;
}

/** Somebody else has it; it had ended already; or it was run. */
export type Attempted =
  { readonly busy: Holder } | { readonly found: CellState } | { readonly outcome: CellOutcome };

export interface Place {
  /** Of the run. */
  readonly folder: string;
  readonly prepared: Prepared;
  readonly engine: Engine;
  readonly runCell: RunCell;
}

export function cellPath(folder: string, { hash }: Pick<PlannedCell, "hash">): string {
  return join(folder, "cells", hash);
}

/** The state of a cell that is not to be run again, or undefined. A cell has ended once it is sealed. */
export function finished(path: string, { force, retryFailed }: Again): CellState | undefined {
  if (force || !isSealed(path)) return undefined;
  const state = readRecord(path)?.state;
  if (retryFailed && (state !== "done" || faultsOf(path)!.length > 0)) return undefined;
  // What was sealed with another word has changed since: it is no more to be believed, nor to be written over.
  return state !== undefined && ended.has(state) ? state : "failed";
}

const ended: ReadonlySet<CellState> = new Set(["done", "failed", "diverged", "timeout"]);

export async function attemptCell(
  cell: PlannedCell,
  place: Place,
  again: Again,
  hearer: Hearer,
): Promise<Attempted> {
  const path = cellPath(place.folder, cell);
  makeFolder(join(place.folder, "cells"));
  const claimed = claim(path);
  if ("holder" in claimed) return { busy: claimed.holder };
  if (claimed.from !== undefined) hearer.note(takenOver(nameOf(cell), claimed.from));
  let over = false;
  try {
    const found = finished(path, again);
    over = found !== undefined;
    if (found !== undefined) return { found };
    if (again.force || isSealed(path)) clearCell(path);
    else if (ended.has(readRecord(path)?.state ?? "pending"))
      hearer.note(`${nameOf(cell)}: it had ended, but was not sealed, so its end is done again`);
    hearer.started();
    const outcome = await runClaimed(cell, place, hearer, claimed.claim);
    over = outcome.state !== "interrupted";
    return { outcome };
  } finally {
    claimed.claim.release(over);
  }
}

/** Milliseconds between two looks at whether the claim still holds. */
const lookEvery = 2000;

async function runClaimed(
  cell: PlannedCell,
  { folder: run, prepared, engine, runCell }: Place,
  hearer: Hearer,
  own: Claim,
): Promise<CellOutcome> {
  const { plan, tasks, matrix } = prepared;
  const folder = openCell(cellPath(run, cell), (message) => hearer.note(message));
  const entry = matrix.estimators.find(({ label }) => label === cell.label)!.entry;
  const task = tasks.get(cell.taskKey)!;
  const { claims } = entry.estimator;
  unseal(folder.path);
  folder.writeRecord({
    steps: { done: 0, planned: cell.budget.steps },
    evaluations: { forward: 0, backward: 0 },
    seconds: { train: 0, compile: 0, evaluate: 0 },
    started: new Date().toISOString(),
    ...folder.readRecord(),
    ...identity(cell, plan.engine),
    claims: { ...claims, evaluations: claims.evaluations(task.sites, cell.estimatorSettings) },
    state: "running",
    error: undefined,
    stack: undefined,
  });
  const observer = {
    progress: (progress: CellProgress) => hearer.progress(progress),
    note: (message: string) => hearer.note(message),
    logged: firstOnly(() => hearer.logged()),
    interrupted: either(
      () => hearer.interrupted(),
      losing(() => own.held()),
    ),
  };
  const outcome = await withExitBlocked("inside the cell", () =>
    runCell({ cell, plan, estimator: entry.estimator, task, engine, folder }, observer),
  ).catch((error: unknown) => failure(error, folder.path));
  if (!own.held())
    throw environment(`${nameOf(cell)}: this process slept so long that another took the cell over`);
  const { state, error, stack } = outcome;
  // The seal comes last: a crash before it leaves a cell whose end is done again.
  if (state !== "interrupted") dropLeftovers(folder);
  folder.writeRecord({ state, error, stack, ended: new Date().toISOString() });
  if (state !== "interrupted") seal(folder.path);
  return outcome;
}

/** For the parent of a process that died in a cell: its claim is taken over, and the reason recorded. */
export function recordDeath(cell: PlannedCell, folder: string, engine: string, outcome: CellOutcome): void {
  const path = cellPath(folder, cell);
  const claimed = claim(path);
  if ("holder" in claimed) return;
  const cellFolder = openCell(path, () => undefined);
  unseal(path);
  dropLeftovers(cellFolder);
  const { state, error, stack } = outcome;
  cellFolder.writeRecord({
    steps: { done: 0, planned: cell.budget.steps },
    evaluations: { forward: 0, backward: 0 },
    seconds: { train: 0, compile: 0, evaluate: 0 },
    started: new Date().toISOString(),
    ...cellFolder.readRecord(),
    ...identity(cell, engine),
    ...{ state, error, stack, ended: new Date().toISOString() },
  });
  seal(path);
  claimed.claim.release(true);
}

export function nameOf({ taskLabel, label, seed }: PlannedCell): string {
  return `${taskLabel} ${label} seed ${seed}`;
}

function identity(cell: PlannedCell, engine: string) {
  const { hash, task, taskOptions, estimator, estimatorOptions, seed, label, taskLabel, resolved } = cell;
  return {
    ...{ version: recordsVersion, hash, task, taskOptions, estimator, estimatorOptions, seed },
    ...{ label, taskLabel, resolved, engine },
  };
}

const either = (a: () => boolean, b: () => boolean) => () => a() || b();

/** Whether the claim was lost, looked at now and then. */
function losing(held: () => boolean): () => boolean {
  let looked = performance.now();
  let lost = false;
  return () => {
    if (performance.now() - looked > lookEvery) {
      looked = performance.now();
      lost = !held();
    }
    return lost;
  };
}

/** The report that is first written early in a run; later log points wait for the cell's end. */
function firstOnly(action: () => Promise<void>): () => Promise<void> {
  let first = true;
  return async () => {
    if (!first) return;
    first = false;
    await action();
  };
}

/** What was thrown, as the outcome of the cell; trouble of the environment ends the run instead. */
function failure(error: unknown, path: string): CellOutcome {
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
