/** Runs the cells of a plan one after another, and keeps the report up to date. */
import { join } from "node:path";
import type { CellState } from "../reports/records.ts";
import { recordsVersion } from "../reports/records.ts";
import { openEngine } from "./engines.ts";
import type { Engine } from "./engine/engine.ts";
import { diskError, exitOf, messageOf, type BenchError } from "./errors.ts";
import { makeRunFolder, writeManifest } from "./manifest.ts";
import type { CellOutcome, CellProgress, PlannedCell, RunCell } from "./plan.ts";
import type { Prepared } from "./prepare.ts";
import { clearCell, dropPrevious, openCell, readRecord } from "./store.ts";

/** Hears what happens; draws bars, prints lines, or nothing. */
export interface Reporter {
  started(cell: PlannedCell, index: number, count: number): void;
  progress(cell: PlannedCell, progress: CellProgress): void;
  ended(cell: PlannedCell, outcome: CellOutcome, seconds: number): void;
  skipped(cell: PlannedCell, state: CellState): void;
  note(message: string): void;
}

export interface RunSettings {
  readonly folder: string;
  readonly name: string;
  /** As it was typed, for the manifest and for the report. */
  readonly command: string;
  readonly force: boolean;
  readonly retryFailed: boolean;
  readonly reporter: Reporter;
  readonly interrupted: () => boolean;
  readonly runCell: RunCell;
  /** Writes the report of the folder; `partial` while cells are missing. */
  readonly writeReport: (folder: string, options: { partial: boolean }) => Promise<unknown>;
}

export interface RunResult {
  /** Final states of all cells of the plan. */
  readonly states: ReadonlyMap<string, CellState>;
  readonly interrupted: boolean;
}

/** Runs what is not done yet. A failing cell never stops the others; a failing disk or engine ends the run. */
export async function runPlan(prepared: Prepared, settings: RunSettings): Promise<RunResult> {
  const { plan } = prepared;
  const { folder, reporter } = settings;
  makeRunFolder(folder);
  const states = new Map<string, CellState>();
  const waiting = plan.cells.filter((cell) => {
    const state = finished(folder, cell, settings);
    if (state === undefined) return true;
    states.set(cell.hash, state);
    reporter.skipped(cell, state);
    return false;
  });
  const reports = reportsOf(settings);
  const engine = waiting.length > 0 ? await openEngine(prepared.engine) : undefined;
  try {
    writeManifest(folder, { ...settings, prepared }, engine);
    for (const [index, cell] of waiting.entries()) {
      if (settings.interrupted()) break;
      reporter.started(cell, index, waiting.length);
      const began = performance.now();
      const outcome = await runOne(cell, prepared, { ...settings, reports, engine: engine! });
      states.set(cell.hash, outcome.state);
      reporter.ended(cell, outcome, (performance.now() - began) / 1000);
      if (outcome.state === "interrupted") break;
      if (index + 1 < waiting.length) await reports.write(true);
    }
  } finally {
    await engine?.close();
  }
  const interrupted = states.size < plan.cells.length || [...states.values()].includes("interrupted");
  await reports.write(interrupted);
  reports.rethrow();
  return { states, interrupted };
}

interface Reports {
  write(partial: boolean): Promise<void>;
  /** Throws what a report that could not be made threw. */
  rethrow(): void;
}

/** A report that cannot be made, for another reason than the disk, is said once and stops no cell. */
function reportsOf({ writeReport, folder, reporter }: RunSettings): Reports {
  let fault: { readonly error: unknown } | undefined;
  return {
    async write(partial) {
      try {
        await writeReport(folder, { partial });
        fault = undefined;
      } catch (error) {
        const disk = diskError(error, folder);
        if (disk !== undefined) throw disk;
        if (fault === undefined) reporter.note(`the report could not be written: ${messageOf(error)}`);
        fault = { error };
      }
    },
    rethrow() {
      if (fault !== undefined) throw fault.error;
    },
  };
}

/** The state of a cell that is not to be run again, or undefined. Clears what is to be run anew. */
function finished(
  folder: string,
  cell: PlannedCell,
  { force, retryFailed }: RunSettings,
): CellState | undefined {
  const path = cellPath(folder, cell);
  const state = readRecord(path)?.state;
  const failed = state === "failed" || state === "diverged" || state === "timeout";
  if (force || (failed && retryFailed)) {
    clearCell(path);
    return undefined;
  }
  return state === "done" || failed ? state : undefined;
}

function cellPath(folder: string, { hash }: PlannedCell): string {
  return join(folder, "cells", hash);
}

interface Running extends RunSettings {
  readonly reports: Reports;
  readonly engine: Engine;
}

async function runOne(
  cell: PlannedCell,
  { plan, tasks, matrix }: Prepared,
  settings: Running,
): Promise<CellOutcome> {
  const { reporter, reports, engine } = settings;
  const note = (message: string) => reporter.note(message);
  const folder = openCell(cellPath(settings.folder, cell), note);
  const entry = matrix.estimators.find(({ label }) => label === cell.label)!.entry;
  const task = tasks.get(cell.taskLabel)!;
  const { claims } = entry.estimator;
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
    progress: (progress: CellProgress) => reporter.progress(cell, progress),
    note,
    logged: firstOnly(() => reports.write(true)),
    interrupted: settings.interrupted,
  };
  const outcome = await settings
    .runCell({ cell, plan, estimator: entry.estimator, task, engine, folder }, observer)
    .catch((error: unknown) => failure(error, folder.path));
  const { state, error, stack } = outcome;
  folder.writeRecord({ state, error, stack, ended: new Date().toISOString() });
  if (state === "done") dropPrevious(folder);
  return outcome;
}

function identity(cell: PlannedCell, engine: string) {
  const { hash, task, taskOptions, estimator, estimatorOptions, seed, label, taskLabel, resolved } = cell;
  return {
    ...{ version: recordsVersion, hash, task, taskOptions, estimator, estimatorOptions, seed },
    ...{ label, taskLabel, resolved, engine },
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
