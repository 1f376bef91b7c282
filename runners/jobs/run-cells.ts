/** Runs the cells of a plan, in this process or in several, and keeps the report up to date. */
import { isComplete } from "../../reports/format/checksums.ts";
import { cellPath } from "../../reports/format/read-run.ts";
import type { CellState } from "../../reports/format/records.ts";
import { openEngine } from "../engine/index.ts";
import { diskError, environment, messageOf } from "../errors.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Prepared } from "../plan/prepare.ts";
import { removeStaleLock } from "../store/lock.ts";
import { makeRunFolder, storeManifest } from "../store/run-manifest.ts";
import type { CellOutcome, CellProgress, RunCell } from "../train/cell-job.ts";
import { queueOf, type CellQueue } from "./cell-queue.ts";
import { workerHere, type CellWorker } from "./cell-workers.ts";
import { finishedCell, cellName, type RerunOptions } from "./locked-cell.ts";

/** Shows what happens: draws bars, prints lines, or does nothing. Several cells may run at once. */
export interface Reporter {
  started(cell: PlannedCell, index: number, count: number): void;
  progress(cell: PlannedCell, progress: CellProgress): void;
  ended(cell: PlannedCell, outcome: CellOutcome, seconds: number): void;
  skipped(cell: PlannedCell, state: CellState): void;
  note(message: string): void;
}

export interface RunSettings extends RerunOptions {
  readonly folder: string;
  readonly name: string;
  /** As it was typed, for the manifest and the report. */
  readonly command: string;
  readonly reporter: Reporter;
  readonly interrupted: () => boolean;
  readonly runCell: RunCell;
  /** Writes the report of the folder; `partial` while cells are missing. */
  readonly writeReport: (folder: string, options: { partial: boolean }) => Promise<unknown>;
  /** Which cells of the plan this run does: all by default. */
  readonly mine?: (cell: PlannedCell, index: number) => boolean;
  /** Opens child processes for so many cells; by default the cells run in this process. */
  readonly openWorkers?: (cells: number) => readonly CellWorker[];
}

export interface RunResult {
  /** Final states of the cells of this run, by hash. */
  readonly states: ReadonlyMap<string, CellState>;
  readonly interrupted: boolean;
}

/** Runs what is not done yet. A failing cell never stops the others; a failing disk or engine ends the run. */
export async function runPlan(prepared: Prepared, settings: RunSettings): Promise<RunResult> {
  const { plan } = prepared;
  const { folder, reporter, mine = () => true, openWorkers } = settings;
  makeRunFolder(folder);
  const states = new Map<string, CellState>();
  const faults: string[] = [];
  const cells = plan.cells.filter(mine);
  const waiting = cells.filter((cell) => {
    const found = finishedCell(cellPath(folder, cell), settings);
    if (found === undefined) return true;
    states.set(cell.hash, found.state);
    faults.push(...found.faults);
    reporter.skipped(cell, found.state);
    removeStaleLock(cellPath(folder, cell));
    return false;
  });
  const reports = reportsOf(settings);
  const engine =
    waiting.length > 0 && openWorkers === undefined ? await openEngine(prepared.engine) : undefined;
  try {
    await storeManifest(folder, { ...settings, prepared }, engine);
    const workers = openWorkers?.(waiting.length) ?? [workerHere({ ...settings, prepared, engine: engine! })];
    await runAll(waiting, workers, { ...settings, reports, states });
  } finally {
    await engine?.close();
  }
  const interrupted = states.size < cells.length || [...states.values()].includes("interrupted");
  const missing = plan.cells.some((cell) => !isComplete(cellPath(folder, cell)));
  await reports.write(interrupted || missing);
  reports.throwFailure();
  if (faults.length > 0)
    throw environment(`${faults.join("; ")}. To train the cell again: bench run with --retry-failed.`);
  return { states, interrupted };
}

interface OngoingRun extends RunSettings {
  readonly reports: Reports;
  readonly states: Map<string, CellState>;
}

/** Each worker takes the next cell as soon as it is free. An error or an interruption of one stops the others. */
async function runAll(
  waiting: readonly PlannedCell[],
  workers: readonly CellWorker[],
  run: OngoingRun,
): Promise<void> {
  let ended = false;
  const stopped = () => ended || run.interrupted();
  const queue = queueOf(waiting, stopped);
  const results = await Promise.allSettled(
    workers.map(async (worker) => {
      try {
        if (!(await runQueue(worker, queue, { ...run, interrupted: stopped }))) ended = true;
      } catch (error) {
        ended = true;
        throw error;
      }
    }),
  );
  await Promise.allSettled(workers.map((worker) => worker.close()));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Whether the worker came to the end of the queue. */
async function runQueue(worker: CellWorker, queue: CellQueue, run: OngoingRun): Promise<boolean> {
  const { reporter, reports, states, force, retryFailed } = run;
  const noted = new Set<PlannedCell>();
  for (let next = await queue.next(); next !== undefined; next = await queue.next()) {
    const cell = next;
    const began = performance.now();
    const result = await worker.run(
      cell,
      { force, retryFailed },
      {
        started: () => reporter.started(cell, queue.begin(), queue.count),
        progress: (progress) => reporter.progress(cell, progress),
        note: (message) => reporter.note(message),
        logged: () => reports.update(),
        interrupted: run.interrupted,
      },
    );
    if ("busy" in result) {
      const { pid, host } = result.busy;
      if (!noted.has(cell))
        reporter.note(`${cellName(cell)}: process ${pid} on ${host} runs it; others first`);
      noted.add(cell);
      queue.later(cell);
      continue;
    }
    queue.end();
    if ("found" in result) {
      states.set(cell.hash, result.found);
      reporter.skipped(cell, result.found);
      continue;
    }
    states.set(cell.hash, result.outcome.state);
    reporter.ended(cell, result.outcome, (performance.now() - began) / 1000);
    if (result.outcome.state === "interrupted") return false;
    if (queue.left() > 0) await reports.update();
  }
  return true;
}

interface Reports {
  write(partial: boolean): Promise<void>;
  /** Writes a partial report, less often when reports take long. */
  update(): Promise<void>;
  /** Throws the error of a report that could not be made. */
  throwFailure(): void;
}

/** Reports that take longer than this are spaced, in milliseconds. */
const quickReport = 100;
/** Time between two spaced reports, in times of the last one: reports take a twentieth of the run at most. */
const spacing = 19;

/** One report at a time. One that cannot be made, except for a disk error, is noted once and stops no cell. */
function reportsOf({ writeReport, folder, reporter }: RunSettings): Reports {
  let failure: { readonly error: unknown } | undefined;
  let last: Promise<void> = Promise.resolve();
  let due = 0;
  let later: NodeJS.Timeout | undefined;
  async function write(partial: boolean): Promise<void> {
    clearTimeout(later);
    later = undefined;
    const began = performance.now();
    try {
      await writeReport(folder, { partial });
      failure = undefined;
    } catch (error) {
      const disk = diskError(error, folder);
      if (disk !== undefined) throw disk;
      if (failure === undefined) reporter.note(`the report could not be written: ${messageOf(error)}`);
      failure = { error };
    } finally {
      const ended = performance.now();
      due = ended - began > quickReport ? ended + spacing * (ended - began) : 0;
    }
  }
  const afterLast = (action: () => Promise<void> | void): Promise<void> =>
    (last = last.catch(() => undefined).then(action));
  return {
    write: (partial) => afterLast(() => write(partial)),
    update: () =>
      afterLast(() => {
        const wait = due - performance.now();
        if (wait <= 0) return write(true);
        // A disk error is reported by the next caller that awaits a report.
        later ??= setTimeout(() => void afterLast(() => write(true)).catch(() => undefined), wait).unref();
      }),
    throwFailure() {
      if (failure !== undefined) throw failure.error;
    },
  };
}
