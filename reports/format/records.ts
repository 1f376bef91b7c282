/** The shapes of what a run leaves on disk. Higher is better for `elbo`, `bound` and `accuracy`; lower for `cost`. */

/** Version of these shapes; a reader refuses what it does not know. */
export const recordsVersion = 1;

export type Setting = number | string | boolean;

export interface CellName {
  readonly task: string;
  /** Only the options that were given or that a variant set; empty for the defaults. */
  readonly taskOptions: Readonly<Record<string, Setting>>;
  readonly estimator: string;
  readonly estimatorOptions: Readonly<Record<string, Setting>>;
  readonly seed: number;
}

export type CellState = "pending" | "running" | "done" | "failed" | "diverged" | "timeout" | "interrupted";

export interface Cost {
  /** Evaluations of the cost per row and step. */
  readonly forward: number;
  readonly backward: number;
}

/** cells/HASH/cell.json */
export interface CellRecord extends CellName {
  readonly version: number;
  readonly hash: string;
  /** How charts and tables name the estimator: `rloo:samples=4`. */
  readonly label: string;
  /** The same for the task: `cat10:variant=blog`. */
  readonly taskLabel: string;
  readonly state: CellState;
  /** Everything that the hash covers, resolved. */
  readonly resolved: Readonly<Record<string, unknown>>;
  readonly engine: string;
  readonly steps: { readonly done: number; readonly planned: number };
  readonly evaluations: Cost;
  /** Seconds of training alone, and of everything else. */
  readonly seconds: { readonly train: number; readonly compile: number; readonly evaluate: number };
  readonly started: string;
  readonly ended?: string;
  /** One sentence, when the state is failed, diverged, timeout or interrupted. */
  readonly error?: string;
  readonly stack?: string;
  /** What the task and estimator say of themselves. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly pictures?: readonly PictureRecord[];
  /** While it trains: tiles that one picture had so far, base64, which end as a picture of their own. */
  readonly strip?: readonly { readonly step: number; readonly tiles: readonly string[] }[];
}

/** Grey-scale tiles, each width × height bytes, base64. */
export interface PictureRecord {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly tiles: readonly string[];
}

/**
 * A line of cells/HASH/curve.ndjson. Metrics: elbo, bound, nll, accuracy, cost, relaxation-gap, temperature,
 * learning-rate, ... A value that is not finite is null.
 */
export interface CurveRow {
  readonly step: number;
  /** Forward evaluations per row, added over steps, and backward ones. */
  readonly forward: number;
  readonly backward: number;
  /** Seconds of training so far. */
  readonly seconds: number;
  readonly split: "train" | "valid" | "test";
  readonly metric: string;
  readonly value: number | null;
  readonly standardError?: number;
  /** Samples of the bound. */
  readonly samples?: number;
  /** Rows that were averaged. */
  readonly rows?: number;
  /** Whether those rows were the whole split. */
  readonly whole?: boolean;
}

/** A line of cells/HASH/gradients.ndjson: M fixed batches × R draws at one point of training. */
export interface GradientRow {
  readonly step: number;
  readonly forward: number;
  readonly backward: number;
  readonly seconds: number;
  readonly protocol: "own" | "frozen" | "shared";
  /** Of the reference run whose parameters these are; absent along a run's own training. */
  readonly stage?: "start" | "middle" | "end";
  /** What was trained to get there. */
  readonly along?: string;
  readonly batches: number;
  readonly draws: number;
  /** Of the gradient with respect to the parameters upstream of the samples: trace of the covariance. */
  readonly varianceEstimator: number | null;
  readonly varianceEstimatorError: number | null;
  readonly varianceMinibatch: number | null;
  /** By the jackknife over batches; null below three. */
  readonly varianceMinibatchError?: number | null;
  /** Mean over rows of the trace of the covariance of the row's logit gradient. */
  readonly varianceLogits: number | null;
  readonly norm: number | null;
  /** ‖g‖² / trace of the covariance. */
  readonly signalToNoise: number | null;
  /** √tr Cov / ‖mean‖. */
  readonly deviation: number | null;
  readonly bias?: number | null;
  readonly biasRelative?: number | null;
  readonly biasZ?: number | null;
  /** Draws of bias and cosine, on the first of the batches. */
  readonly biasDraws?: number;
  readonly cosine?: number | null;
  /** `exact`, or the name of the long-run reference. */
  readonly reference?: string;
  readonly referenceError?: number | null;
  /** Draws in which some coordinate was not finite. */
  readonly notFinite: number;
}

/** A value that a paper prints for exactly what a cell of the run does: drawn as a reference line. */
export interface PublishedRecord {
  /** Labels of the task and of the estimator in the matrix. */
  readonly task: string;
  readonly estimator: string;
  readonly metric: string;
  readonly split: "train" | "valid" | "test";
  /** In the sign in which cells store the metric. */
  readonly value: number;
  readonly title: string;
  readonly source: string;
}

/** manifest.json */
export interface Manifest {
  readonly version: number;
  readonly protocol: number;
  readonly name: string;
  readonly command: string;
  readonly created: string;
  readonly bench: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly engine: { readonly name: string; readonly description: Readonly<Record<string, string | number>> };
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  readonly data: Readonly<Record<string, string>>;
  readonly quick: boolean;
  readonly seeds: readonly number[];
  readonly matrix: readonly (CellName & {
    readonly hash: string;
    readonly label: string;
    readonly taskLabel: string;
  })[];
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Only where the protocols match exactly; absent in runs without. */
  readonly published?: readonly PublishedRecord[];
  /** What the report says of tasks and estimators. */
  readonly definitions: {
    readonly tasks: Readonly<Record<string, { title: string; doc: string; paper?: string }>>;
    readonly estimators: Readonly<
      Record<
        string,
        { title: string; formula?: string; paper?: string; unbiased: boolean | "direction"; plugin?: string }
      >
    >;
  };
}

/** A cell as a reader finds it. */
export interface Cell {
  readonly record: CellRecord;
  readonly curve: readonly CurveRow[];
  readonly gradients: readonly GradientRow[];
}

/** A run folder as a reader finds it. */
export interface RunRecords {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly cells: readonly Cell[];
}
