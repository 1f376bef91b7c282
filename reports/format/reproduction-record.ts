/**
 * The record of `bench reproduce`, reproduction.json: published values beside measured ones. Each row is one number of a
 * paper with all that says how it was measured; the paper and the command stand once, above the rows.
 */

export const reproductionVersion = 1;

/** "agrees" where the interval holds the published value; "differs" where neither side is better. */
export type ReproductionVerdict =
  "agrees" | "better" | "worse" | "differs" | "not measured" | "nothing published";

export interface ReproducedValue {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  /** The 95 % interval is over seeds (t), rows of the split or draws (normal); "nothing" where there is none. */
  readonly over: "seeds" | "rows" | "draws" | "nothing";
  /** Trainings that were averaged; 1 for draws. */
  readonly n: number;
}

/** A new value beside those that the repository stores of earlier seeds. */
export interface VerifiedValue {
  readonly mean: number;
  /** Half the interval in which one further seed lies with probability 99 %. */
  readonly half: number;
  readonly seeds: number;
  readonly agrees: boolean;
}

/** One number of a paper. */
export interface ReproducedRow {
  /** The experiment's name for `--only`, its title, and where the paper prints the value. */
  readonly experiment: string;
  readonly title: string;
  readonly source: string;
  /** The paper's name for the estimator. */
  readonly column: string;
  /** Task and estimator as on the command line, without the learning rate. */
  readonly task: string;
  readonly estimator: string;
  readonly quantity: string;
  readonly unit: string;
  /** Decimals that the paper prints. */
  readonly decimals: number;
  readonly published: number | null;
  /** The value follows from the task and is printed in no paper: it stands under "exact". */
  readonly derived: boolean;
  readonly measured: ReproducedValue | null;
  /** Measured less published. */
  readonly difference: number | null;
  readonly verdict: ReproductionVerdict;
  /** With --verify: the stored values of the same settings; absent where too few are stored. */
  readonly verified?: VerifiedValue;
  /** Differences from what the paper did, a sentence each. */
  readonly unequal: readonly string[];
  /** Training steps that were done. */
  readonly steps: number | null;
  readonly learningRate: number | null;
  /** Rates to choose from and the validation value of each, higher is better; empty where nothing was chosen. */
  readonly tried: readonly { readonly rate: number; readonly value: number | null }[];
  /** Seeds that were trained. */
  readonly seeds: number;
  /** Samples m of the bound, where it is one, and the images or rows that were averaged. */
  readonly samples: number | null;
  readonly rows: number | null;
  /** States of the cells: "done", or each that occurs. */
  readonly states: string;
  /** Hashes of the test cells in `runs/EXPERIMENT/cells`. */
  readonly cells: readonly string[];
}

/** Speed at one number of classes. */
export interface SpeedRow {
  readonly experiment: string;
  readonly classes: number;
  /** Steps per second. */
  readonly sampling: number;
  readonly marginal: number;
  /** Sampling over marginalisation: median, least and largest over turns. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** The ratio of their multiply–adds. */
  readonly model: number;
  readonly published: number | null;
}

/** Estimators from best to worst. */
export interface EstimatorOrder {
  readonly experiment: string;
  readonly quantity: string;
  /** Spearman's rank correlation over the estimators that were measured. */
  readonly correlation: number | null;
  readonly published: readonly string[];
  readonly measured: readonly string[];
}

export interface Reproduction {
  readonly version: number;
  readonly paper: { readonly key: string; readonly citation: string; readonly link: string };
  readonly command: string;
  readonly budget: string;
  /** Options that decide what is measured; the same command goes on only where they are the same. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Everything was measured. */
  readonly complete: boolean;
  /** Of the whole, estimated before it starts, and of all calls so far. */
  readonly seconds: { readonly estimated: number; readonly spent: number };
  readonly engine: string;
  /** Cells that ran at once. */
  readonly jobs: number;
  readonly data: string;
  /** What the paper states, what we chose, and what the settings give up. */
  readonly stated: readonly string[];
  readonly chosen: readonly string[];
  readonly gaveUp: readonly string[];
  readonly rows: readonly ReproducedRow[];
  readonly orders: readonly EstimatorOrder[];
  readonly speed: readonly SpeedRow[];
}
