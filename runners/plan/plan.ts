/** What a run will do, as plain data: cells, each with the hash of everything that can move a number of it. */
import type { Settings } from "../../estimators/estimator.ts";

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
