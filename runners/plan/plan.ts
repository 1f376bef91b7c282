/** What a run will do, as plain data: its cells, each with a hash of everything that can change one of its numbers. */
import type { Settings } from "../../estimators/estimator.ts";

/** Increased when the same cell would lead to other numbers in a report. It is part of every hash. */
export const protocolVersion = 3;

/** The first limit that is reached ends the training. */
export interface Budget {
  readonly steps: number;
  /** Forward evaluations of the cost per row, summed over steps. */
  readonly evaluations?: number;
  /** Seconds of training, without the time for compiling and measuring. */
  readonly seconds?: number;
}

/** How many rows of a split are averaged: all, or that many, chosen by a constant of the protocol. */
export type Rows = number | "all";

/** How often and how well a cell is measured. The same for all cells of a plan. */
export interface Measurement {
  /** Number of log points after the start; `logSteps` lists the steps. */
  readonly logPoints: number;
  readonly evaluation: {
    /** Rows of the validation ELBO at log points (m = 1). */
    readonly validRows: Rows;
    /** Rows of the test ELBO at the end (m = 1). */
    readonly testRows: Rows;
    /** Rows of the m-sample bound at the end. With 0 the test split is not used, as when learning rates are chosen. */
    readonly boundRows: Rows;
    /** Validation rows of the same bound at the end; by default none. */
    readonly validBoundRows?: Rows;
  };
  /** m of the bound at the end. */
  readonly boundSamples: number;
  /** Gradients on fixed batches, with so many draws each, at so many of the log points (see `gradientSteps`). */
  readonly gradients: { readonly batches: number; readonly draws: number; readonly points: number };
}

export interface PlannedCell {
  readonly hash: string;
  readonly task: string;
  /** The options that the request names. */
  readonly taskOptions: Settings;
  /** All options: those of the request, of the variant and the defaults. */
  readonly taskSettings: Settings;
  readonly estimator: string;
  readonly estimatorOptions: Settings;
  readonly estimatorSettings: Settings;
  /** `rloo:samples=4` */
  readonly label: string;
  /** The task and its options in the plan: `cat10:variant=blog`. */
  readonly taskKey: string;
  /** The name in records and reports: `taskKey`, unless the request sets another. */
  readonly taskLabel: string;
  readonly seed: number;
  readonly budget: Budget;
  /** Everything that the hash covers. */
  readonly resolved: Readonly<Record<string, unknown>>;
}

export interface Plan extends Measurement {
  readonly protocol: number;
  readonly cells: readonly PlannedCell[];
  /** The engine and its options: `onnx:device=webgpu`. */
  readonly engine: string;
  readonly quick: boolean;
  /** Seconds of training between two checkpoints. */
  readonly checkpointSeconds: number;
  /** The folder of IDX files of `--data`. */
  readonly data?: string;
  /** Files and packages of `--plugin`. */
  readonly plugins: readonly string[];
}

/** The defaults of a run. */
export const usual: Measurement & { readonly seeds: number; readonly checkpointEvery: string } = {
  seeds: 5,
  checkpointEvery: "30s",
  logPoints: 40,
  evaluation: { validRows: 1000, testRows: "all", boundRows: 1000 },
  boundSamples: 1000,
  // Intervals come from the batches: with 32 draws on each that of the variance is no smaller.
  gradients: { batches: 8, draws: 16, points: 6 },
};

/** The defaults of a run with `--quick`. */
export const quick: Measurement & { readonly seeds: number; readonly steps: number } = {
  seeds: 1,
  steps: 500,
  logPoints: 5,
  evaluation: { validRows: 1000, testRows: 1000, boundRows: 1000 },
  boundSamples: 50,
  gradients: { batches: 2, draws: 16, points: 2 },
};
