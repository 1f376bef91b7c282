/** What a cell is given to run, what it reports while it runs, and how it ends. */
import type { Estimator } from "../../estimators/estimator.ts";
import type { Task } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import type { Plan, PlannedCell } from "../plan/plan.ts";
import type { CellFolder } from "../store/cell-folder.ts";

/** Everything that `runCell` needs. A cell knows nothing about other cells. */
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
  /** The latest validation ELBO; minus the cost for a toy. */
  readonly elbo?: number;
  readonly phase: "compile" | "train" | "evaluate";
}

/** Receives what a cell reports while it runs, and can interrupt it. */
export interface CellObserver {
  /** Called at every step, so it must be cheap. */
  progress(progress: CellProgress): void;
  /** One sentence for the user. */
  note(message: string): void;
  /** True once the user asked to stop: the cell finishes its step, saves a checkpoint and returns `interrupted`. */
  interrupted(): boolean;
}

/**
 * How a cell ended. Counters, times and pictures are stored through `folder.writeRecord` instead. An error that is
 * thrown counts as failed, except a BenchError of exit 3, which ends the whole run.
 */
export interface CellOutcome {
  readonly state: "done" | "failed" | "diverged" | "timeout" | "interrupted";
  /** One sentence; absent when done. */
  readonly error?: string;
  readonly stack?: string;
}

export type RunCell = (job: CellJob, observer: CellObserver) => Promise<CellOutcome>;
