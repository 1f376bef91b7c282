/** Runs the cells of a plan, in this process or in several, and keeps the report up to date. */
import type { CellState } from "../../reports/format/records.ts";
import { faultsOf } from "../../reports/format/checksums.ts";
import { attemptCell, cellPath, finished, type Again, type Attempted, type Hearer } from "./locked-cell.ts";
import { sweepClaims } from "../store/lock.ts";
import { openEngine } from "../engine/index.ts";
import type { Engine } from "../engine/engine.ts";
import { diskError, environment, messageOf } from "../errors.ts";
import { makeRunFolder, writeManifest } from "../store/run-manifest.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { CellOutcome, CellProgress, RunCell } from "../train/cell-job.ts";
import type { Prepared } from "../plan/prepare.ts";
import { queueOf, type Queue } from "./queue.ts";

/** Hears what happens; draws bars, prints lines, or nothing. Several cells may run at once. */
export interface Reporter {
  started(cell: PlannedCell, index: number, count: number): void;
  progress(cell: PlannedCell, progress: CellProgress): void;
  ended(cell: PlannedCell, outcome: CellOutcome, seconds: number): void;
  skipped(cell: PlannedCell, state: CellState): void;
  note(message: string): void;
}

/** Where cells run, one at a time: this process, or a child. */
export interface Lane {
  attempt(cell: PlannedCell, again: Again, hearer: Hearer): Promise<Attempted>;
  close(): Promise<void>;
}

export interface RunSettings extends Again {
  readonly folder: string;
  readonly name: string;
  /** As it was typed, for the manifest and for the report. */
  readonly command: string;
  readonly reporter: Reporter;
  readonly interrupted: () => boolean;
  readonly runCell: RunCell;
  /** Writes the report of the folder; `partial` while cells are missing. */
  readonly writeReport: (folder: string, options: { partial: boolean }) => Promise<unknown>;
  /** Which cells of the plan this run does; all unless told. */
  readonly mine?: (cell: PlannedCell, index: number) => boolean;
  /** Opens processes for cells; without it they run in this one. */
  readonly openLanes?: (count: number) => readonly Lane[];
}

export interface RunResult {
  /** Final states of the cells of this run. */
  readonly states: ReadonlyMap<string, CellState>;
  readonly interrupted: boolean;
}

/** Runs what is not done yet. A failing cell never stops the others; a failing disk or engine ends the run. */
export async function runPlan(prepared: Prepared, settings: RunSettings): Promise<RunResult> {
  const { plan } = prepared;
  const { folder, reporter, mine = () => true } = settings;
  makeRunFolder(folder);
  const states = new Map<string, CellState>();
  const cells = plan.cells.filter(mine);
  const waiting = cells.filter((cell) => {
    const state = finished(cellPath(folder, cell), settings);
    if (state === undefined) return true;
    states.set(cell.hash, state);
    reporter.skipped(cell, state);
    sweepClaims(cellPath(folder, cell));
    return false;
  });
  const faults = cells
    .filter((cell) => !waiting.includes(cell))
    .flatMap((cell) => faultsOf(cellPath(folder, cell)) ?? []);
  const reports = reportsOf(settings);
  const here = settings.openLanes === undefined;
  const engine = waiting.length > 0 && here ? await openEngine(prepared.engine) : undefined;
  try {
    await writeManifest(folder, { ...settings, prepared }, engine);
    const lanes = settings.openLanes?.(waiting.length) ?? [laneHere(prepared, settings, engine!)];
    await runAll(waiting, lanes, { ...settings, reports, states });
  } finally {
    await engine?.close();
  }
  const interrupted = states.size < cells.length || [...states.values()].includes("interrupted");
  const all = { force: false, retryFailed: false };
  await reports.write(
    interrupted || plan.cells.some((cell) => finished(cellPath(folder, cell), all) === undefined),
  );
  reports.rethrow();
  if (faults.length > 0)
    throw environment(`${faults.join("; ")}; bench run with --retry-failed trains the cell anew`);
  return { states, interrupted };
}

function laneHere(prepared: Prepared, { folder, runCell }: RunSettings, engine: Engine): Lane {
  return {
    attempt: (cell, again, hearer) => attemptCell(cell, { folder, prepared, engine, runCell }, again, hearer),
    close: () => Promise.resolve(),
  };
}

interface Running extends RunSettings {
  readonly reports: Reports;
  readonly states: Map<string, CellState>;
}

/** Each lane takes the next cell as soon as it is free. What ends one lane for good asks the others to stop. */
async function runAll(
  waiting: readonly PlannedCell[],
  lanes: readonly Lane[],
  running: Running,
): Promise<void> {
  let ended = false;
  const stopped = () => ended || running.interrupted();
  const queue = queueOf(waiting, { stopped, note: (message) => running.reporter.note(message) });
  const settled = await Promise.allSettled(
    lanes.map(async (lane) => {
      try {
        if (!(await runLane(lane, queue, { ...running, interrupted: stopped }))) ended = true;
      } catch (error) {
        ended = true;
        throw error;
      }
    }),
  );
  await Promise.allSettled(lanes.map((lane) => lane.close()));
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Whether it went to the end of the queue. */
async function runLane(lane: Lane, queue: Queue, running: Running): Promise<boolean> {
  const { reporter, reports, states } = running;
  for (let cell = await queue.next(); cell !== undefined; cell = await queue.next()) {
    const current = cell;
    const began = performance.now();
    const attempted = await lane.attempt(current, running, {
      started: () => reporter.started(current, queue.begin(current), queue.count),
      progress: (progress) => reporter.progress(current, progress),
      note: (message) => reporter.note(message),
      logged: () => reports.along(),
      interrupted: running.interrupted,
    });
    if ("busy" in attempted) {
      queue.later(current, attempted.busy);
      continue;
    }
    queue.end(current);
    if ("found" in attempted) {
      states.set(current.hash, attempted.found);
      reporter.skipped(current, attempted.found);
      continue;
    }
    const { outcome } = attempted;
    states.set(current.hash, outcome.state);
    reporter.ended(current, outcome, (performance.now() - began) / 1000);
    if (outcome.state === "interrupted") return false;
    if (queue.left() > 0) await reports.along();
  }
  return true;
}

interface Reports {
  write(partial: boolean): Promise<void>;
  /** Writes a partial one; where the last was dear and is recent, later. */
  along(): Promise<void>;
  /** Throws what a report that could not be made threw. */
  rethrow(): void;
}

/** Reports that take longer than this are spaced, in milliseconds. */
const quick = 100;
/** Between two spaced reports goes this many times what the last one took, so that they take a twentieth of the time at most. */
const spacing = 19;

/** One report at a time. One that cannot be made, for another reason than the disk, is said once and stops no cell. */
function reportsOf({ writeReport, folder, reporter }: RunSettings): Reports {
  let fault: { readonly error: unknown } | undefined;
  let last: Promise<void> = Promise.resolve();
  let due = 0;
  let later: NodeJS.Timeout | undefined;
  async function write(partial: boolean): Promise<void> {
    clearTimeout(later);
    later = undefined;
    const began = performance.now();
    try {
      await writeReport(folder, { partial });
      fault = undefined;
    } catch (error) {
      const disk = diskError(error, folder);
      if (disk !== undefined) throw disk;
      if (fault === undefined) reporter.note(`the report could not be written: ${messageOf(error)}`);
      fault = { error };
    } finally {
      const ended = performance.now();
      due = ended - began > quick ? ended + spacing * (ended - began) : 0;
    }
  }
  const after = (what: () => Promise<void> | void): Promise<void> =>
    (last = last.catch(() => undefined).then(what));
  return {
    write: (partial) => after(() => write(partial)),
    along: () =>
      after(() => {
        const wait = due - performance.now();
        if (wait <= 0) return write(true);
        // A disk that fails then is heard of by the next that waits for its report.
        later ??= setTimeout(() => void after(() => write(true)).catch(() => undefined), wait).unref();
      }),
    rethrow() {
      if (fault !== undefined) throw fault.error;
    },
  };
}
