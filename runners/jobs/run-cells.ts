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
import { workerHere, type CellWorker } from "./cell-workers.ts";
import { finishedCell, cellName, type CellListener, type RerunOptions } from "./locked-cell.ts";

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
  /** Milliseconds in which only one worker takes cells, so that a short run starts no further processes; 0 by default. */
  readonly startDelay?: number;
  /** Whether this process takes cells until then, instead of the first child. */
  readonly startHere?: boolean;
  /** Milliseconds by which the spacing of partial reports is kept; the clock of the process by default. */
  readonly now?: () => number;
}

export interface RunResult {
  /** Final states of the cells of this run, by hash. */
  readonly states: ReadonlyMap<string, CellState>;
  readonly interrupted: boolean;
}

/** Runs what is not done yet. A failing cell never stops the others; a failing disk or engine ends the run. */
export async function runPlan(prepared: Prepared, settings: RunSettings): Promise<RunResult> {
  const { plan } = prepared;
  const {
    folder,
    reporter,
    mine = () => true,
    openWorkers,
    startHere = openWorkers === undefined,
  } = settings;
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
  const engine = waiting.length > 0 && startHere ? await openEngine(prepared.engine) : undefined;
  try {
    await storeManifest(folder, { ...settings, prepared }, engine);
    const here = engine && workerHere({ ...settings, prepared, engine });
    const workers = openWorkers?.(waiting.length) ?? [];
    await runAll(waiting, { here, workers }, { ...settings, reports, states });
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

/** Milliseconds after which a cell that another process holds is tried again. */
const retryDelay = 500;

/** Milliseconds between two looks whether the start delay is over. */
const startPoll = 20;

/**
 * Each worker takes the next cell as soon as it is free; cells that another process holds come last. An error or an
 * interruption of one worker stops the others. `here` takes cells until the start delay is over, then hands over to the
 * first of `workers`; alone, it takes all.
 */
async function runAll(
  waiting: readonly PlannedCell[],
  { here, workers }: { here: CellWorker | undefined; workers: readonly CellWorker[] },
  run: RunSettings & { readonly reports: Reports; readonly states: Map<string, CellState> },
): Promise<void> {
  const { reporter, reports, states, force, retryFailed, startDelay = 0 } = run;
  const begin = performance.now();
  const early = () => performance.now() < begin + startDelay;
  const queue = [...waiting];
  const busy = new Set<PlannedCell>();
  let begun = 0;
  let shown = false;
  let ended = false;
  const interrupted = () => ended || run.interrupted();

  async function runOne(worker: CellWorker, cell: PlannedCell): Promise<void> {
    const began = performance.now();
    const listener: CellListener = {
      started: () => reporter.started(cell, begun++, waiting.length),
      progress(progress) {
        reporter.progress(cell, progress);
        // The first measurement of the run brings the first report. A disk error is thrown by the next report.
        if (!shown && progress.elbo !== undefined) {
          shown = true;
          void reports.update().catch(() => undefined);
        }
      },
      note: (message) => reporter.note(message),
      interrupted,
    };
    const result = await worker.run(cell, { force, retryFailed }, listener);
    if ("busy" in result) {
      const { pid, host } = result.busy;
      if (!busy.has(cell))
        reporter.note(`${cellName(cell)}: process ${pid} on ${host} runs it; others first`);
      busy.add(cell);
      queue.push(cell);
    } else if ("found" in result) {
      states.set(cell.hash, result.found);
      reporter.skipped(cell, result.found);
    } else {
      const { outcome } = result;
      states.set(cell.hash, outcome.state);
      reporter.ended(cell, outcome, (performance.now() - began) / 1000);
      if (outcome.state === "interrupted") ended = true;
      else if (queue.length > 0) await reports.update();
    }
  }

  async function work(worker: CellWorker, ready = () => true): Promise<void> {
    try {
      for (let cell = queue.shift(); cell !== undefined; cell = ready() ? queue.shift() : undefined) {
        if (busy.has(cell)) await new Promise((resolve) => setTimeout(resolve, retryDelay));
        if (interrupted()) return;
        await runOne(worker, cell);
      }
    } catch (error) {
      ended = true;
      throw error;
    }
  }

  async function workFirst(): Promise<void> {
    if (here !== undefined) await work(here, workers.length === 0 ? undefined : early);
    if (workers.length > 0) await work(workers[0]!);
  }

  async function workLater(worker: CellWorker): Promise<void> {
    while (early() && queue.length > 0 && !interrupted())
      await new Promise((resolve) => setTimeout(resolve, startPoll));
    await work(worker);
  }

  const results = await Promise.allSettled([workFirst(), ...workers.slice(1).map(workLater)]);
  await Promise.allSettled(workers.map((worker) => worker.close()));
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

type Reports = ReturnType<typeof reportsOf>;

/** Time between two partial reports, in times of the last one: reports take a twentieth of the run at most. */
const spacing = 19;

/** One report at a time. One that cannot be made, except for a disk error, is noted once and stops no cell. */
function reportsOf({ writeReport, folder, reporter, now = () => performance.now() }: RunSettings) {
  let failure: { readonly error: unknown } | undefined;
  let due = 0;
  let last: Promise<void> = Promise.resolve();
  async function writeNow(partial: boolean): Promise<void> {
    const began = now();
    due = Infinity;
    try {
      await writeReport(folder, { partial });
      failure = undefined;
    } catch (error) {
      const disk = diskError(error, folder);
      if (disk !== undefined) throw disk;
      if (failure === undefined) reporter.note(`the report could not be written: ${messageOf(error)}`);
      failure = { error };
    } finally {
      due = now() + spacing * (now() - began);
    }
  }
  const write = (partial: boolean): Promise<void> =>
    (last = last.catch(() => undefined).then(() => writeNow(partial)));
  return {
    write,
    /** Writes a partial report, unless one is being written or the last one took long and is recent. */
    update: async () => (now() < due ? undefined : write(true)),
    /** Throws the error of a report that could not be made. */
    throwFailure() {
      if (failure !== undefined) throw failure.error;
    },
  };
}
