/** What a run will do, as plain data: cells, each with the hash of everything that can move a number of it. */
import type { Estimator, Settings } from "../../estimators/estimator.ts";
import type { Task } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import type { CellFolder } from "../store/cell-folder.ts";

/** Raised when a number of a report would come out differently from the same cell. It belongs to every hash. */
export const protocolVersion = 2;

/** The first limit that is reached ends the training. */
export interface Budget {
  readonly steps: number;
  /** Forward evaluations of the cost per row, added over steps. */
  readonly evaluations?: number;
  /** Seconds of training, compiling and measuring left out. */
  readonly seconds?: number;
}

/** How many rows of a split are averaged: all, or that many chosen by a constant of the protocol. */
export type Rows = number | "all";

/** How often and how well a cell is measured. The same for all cells of a plan. */
export interface Measurement {
  /** Log points after the start: `logSteps` says which steps they are. */
  readonly logPoints: number;
  readonly evaluation: {
    /** Rows of the validation ELBO at log points (m = 1). */
    readonly validRows: Rows;
    /** Rows of the test ELBO at the end (m = 1). */
    readonly testRows: Rows;
    /** Rows of the m-sample bound at the end. Test rows of 0 are never looked at: a choice of learning rates. */
    readonly boundRows: Rows;
    /** Validation rows of the same bound at the end; none unless told. */
    readonly validBoundRows?: Rows;
  };
  /** m of the bound at the end. */
  readonly boundSamples: number;
  /** M fixed batches × R draws, at so many of the log points: `gradientSteps` says which. */
  readonly gradients: { readonly batches: number; readonly draws: number; readonly points: number };
}

export interface PlannedCell {
  readonly hash: string;
  readonly task: string;
  /** As given. */
  readonly taskOptions: Settings;
  /** Resolved: defaults, variant and given options together. */
  readonly taskSettings: Settings;
  readonly estimator: string;
  readonly estimatorOptions: Settings;
  readonly estimatorSettings: Settings;
  /** `rloo:samples=4` */
  readonly label: string;
  /** `cat10:variant=blog`: of the task in the plan. */
  readonly taskKey: string;
  /** The same in records and reports, unless the request calls it otherwise. */
  readonly taskLabel: string;
  readonly seed: number;
  readonly budget: Budget;
  /** All that the hash covers. */
  readonly resolved: Readonly<Record<string, unknown>>;
}

export interface Plan extends Measurement {
  readonly protocol: number;
  readonly cells: readonly PlannedCell[];
  /** As named: `onnx`, `onnx:device=webgpu`. */
  readonly engine: string;
  readonly quick: boolean;
  /** At most so many seconds of training are lost to a crash. */
  readonly checkpointSeconds: number;
  /** The folder of IDX files given by `--data`. */
  readonly data?: string;
  /** Files and packages given by `--plugin`, resolved. */
  readonly plugins: readonly string[];
}

/** All that `runCell` needs; a cell knows nothing of other cells. */
export interface CellJob {
  readonly cell: PlannedCell;
  readonly plan: Plan;
  readonly estimator: Estimator;
  readonly task: Task;
  readonly engine: Engine;
  readonly folder: CellFolder;
}

export interface CellProgress {
  readonly step: number;
  readonly steps: number;
  /** The latest validation ELBO (or minus the cost of a toy). */
  readonly elbo?: number;
  readonly phase: "compile" | "train" | "evaluate";
}

/** What a cell says while it runs. */
export interface CellObserver {
  /** Cheap; to be called at every step. */
  progress(progress: CellProgress): void;
  /** One sentence for the user. */
  note(message: string): void;
  /** To be awaited after the rows of a log point are stored: the first report is written here. */
  logged(): Promise<void>;
  /** True once the user asked to stop: finish the step, save a checkpoint, answer `interrupted`. */
  interrupted(): boolean;
}

/**
 * How a cell ended. Counters, times and pictures go into the record through `folder.writeRecord`. An error
 * thrown instead counts as failed, except a BenchError of exit 3, which ends the whole run.
 */
export interface CellOutcome {
  readonly state: "done" | "failed" | "diverged" | "timeout" | "interrupted";
  /** One sentence, unless done. */
  readonly error?: string;
  readonly stack?: string;
}

export type RunCell = (job: CellJob, observer: CellObserver) => Promise<CellOutcome>;

/** Defaults of a run. */
export const usual: Measurement & { readonly seeds: number } = {
  seeds: 5,
  logPoints: 40,
  evaluation: { validRows: 1000, testRows: "all", boundRows: 1000 },
  boundSamples: 1000,
  gradients: { batches: 8, draws: 32, points: 12 },
};

/** Of `--quick`. */
export const quick: Measurement & { readonly seeds: number; readonly steps: number } = {
  seeds: 1,
  steps: 500,
  logPoints: 5,
  evaluation: { validRows: 1000, testRows: 1000, boundRows: 1000 },
  boundSamples: 50,
  gradients: { batches: 2, draws: 16, points: 2 },
};

/** The steps after which a cell is measured: 0, the last, and `points` − 1 evenly between them. */
export function logSteps(steps: number, points: number): number[] {
  const count = Math.max(1, Math.min(points, steps));
  return Array.from({ length: count + 1 }, (_, i) => Math.round((i * steps) / count));
}

/** Those of the log steps at which gradients are measured too: the first, the last, and evenly between. */
export function gradientSteps(steps: number, logPoints: number, points: number): number[] {
  const all = logSteps(steps, logPoints);
  const count = Math.min(points, all.length);
  if (count === 0) return [];
  if (count === 1) return [0];
  const chosen = Array.from(
    { length: count },
    (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]!,
  );
  return [...new Set(chosen)];
}
