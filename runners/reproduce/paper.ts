/** What a paper is, as data: its experiments, its published values, what it leaves unstated and what we chose. */

/** A number that an experiment reports, where a cell has it, and which way is better. */
export interface Quantity {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  /** Of the last such row of a cell's curve. */
  readonly metric: string;
  readonly split: "train" | "valid" | "test";
  /** Of the stored value: −1 for a negative log-likelihood, 100 for per cent. */
  readonly factor: number;
  /** Nothing where neither way is better: a variance at fixed parameters is right or wrong. */
  readonly better?: "lower" | "higher";
  /** As printed in the paper: half a unit of the last decimal is rounding. */
  readonly decimals: number;
}

export interface Column {
  /** As the paper calls it. */
  readonly title: string;
  /** As the command line does: `normalise:of=muprop`. */
  readonly estimator: string;
  /** By name of quantity. */
  readonly published: Readonly<Record<string, number>>;
}

interface Common {
  /** As `--only` has it. */
  readonly id: string;
  readonly title: string;
  /** Where the values are printed, or how they were derived where no paper prints them. */
  readonly source: string;
  /** As the command line has it: `bits:t=0.499`. */
  readonly task: string;
  /** The values are of no paper, but follow from the task. */
  readonly derived?: boolean;
}

/** Estimators trained on a task, each with a learning rate chosen on validation where there is a grid. */
export interface TrainingExperiment extends Common {
  readonly kind: "training";
  readonly quantities: readonly Quantity[];
  readonly columns: readonly Column[];
  /** Of training, at the budget that is the paper's. */
  readonly steps: number;
  /** The grid; with one, the validation of each estimator chooses. */
  readonly rates?: RateGrid;
  /** The task needs labels, which `--data` need not have: it always takes the original MNIST. */
  readonly labelled?: boolean;
  /** Where it departs from what the paper states, in a sentence each: no value then matches exactly. */
  readonly departs?: readonly string[];
}

export interface RateGrid {
  readonly all: readonly number[];
  /** What is tried instead where the budget is short, longest first; the last is one rate, untuned. */
  readonly fewer: readonly (readonly number[])[];
}

/** Gradient and variance of one draw at the parameters before training. */
export interface VarianceExperiment extends Common {
  readonly kind: "variance";
  /** Quantities `gradient` (of the first parameter) and `variance` (trace). */
  readonly columns: readonly Column[];
  readonly draws: number;
}

/** Steps per second of a sampling estimator and of marginalisation against the number of classes. */
export interface SpeedExperiment extends Common {
  readonly kind: "speed";
  readonly classes: readonly number[];
  readonly sampling: string;
  readonly marginal: string;
  /** How many times faster the sampling one is, by number of classes. */
  readonly published: Readonly<Record<number, number>>;
}

export type Experiment = TrainingExperiment | VarianceExperiment | SpeedExperiment;

export interface PaperData {
  /** Of estimators/papers.ts. */
  readonly key: string;
  readonly experiments: readonly Experiment[];
  /** Names for several experiments at once: `table-1`. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** What the paper states and we do. */
  readonly stated: readonly string[];
  /** What it leaves open or we do otherwise, and what we chose. */
  readonly chosen: readonly string[];
  /** The files that the paper used, where ours differ: their MD5 sums, and where they are had. */
  readonly data?: { readonly sums: Readonly<Record<string, string>>; readonly where: string };
}

/** The numbers of a column in a training or variance experiment. */
export function columnsOf(experiment: Experiment): readonly Column[] {
  return experiment.kind === "speed" ? [] : experiment.columns;
}

/** What variance experiments report. */
export const varianceQuantities: readonly Quantity[] = [
  { name: "gradient", title: "gradient", unit: "", metric: "", split: "train", factor: 1, decimals: 6 },
  { name: "variance", title: "variance", unit: "", metric: "", split: "train", factor: 1, decimals: 8 },
];

/** The quantities of an experiment. */
export function quantitiesOf(experiment: Experiment): readonly Quantity[] {
  return experiment.kind === "training"
    ? experiment.quantities
    : experiment.kind === "variance"
      ? varianceQuantities
      : [];
}
