/**
 * The shapes of what a run leaves on disk: each schema checks a file when it is read, and gives the type of what it
 * holds. Higher is better for `elbo`, `bound` and `accuracy`; lower for `cost`.
 */
import * as v from "valibot";

/** Version of these shapes; a reader refuses what it does not know. */
export const recordsVersion = 1;

const shape = <E extends v.ObjectEntries>(entries: E) => v.pipe(v.object(entries), v.readonly());
const list = <S extends v.GenericSchema>(schema: S) => v.pipe(v.array(schema), v.readonly());
const dictionary = <S extends v.GenericSchema>(schema: S) =>
  v.pipe(v.record(v.string(), schema), v.readonly());

const number = v.number();
const text = v.string();
const measured = v.nullable(number);
const anything = dictionary(v.unknown());

const setting = v.union([number, text, v.boolean()]);
/** The value of an option. */
export type Setting = v.InferOutput<typeof setting>;

const cellName = {
  task: text,
  /** Only the options that were given or that a variant set; empty for the defaults. */
  taskOptions: dictionary(setting),
  estimator: text,
  estimatorOptions: dictionary(setting),
  seed: number,
};

const cellState = v.picklist(["pending", "running", "done", "failed", "diverged", "timeout", "interrupted"]);
export type CellState = v.InferOutput<typeof cellState>;

/** Evaluations of the cost per row and step. */
const cost = shape({ forward: number, backward: number });
export type Cost = v.InferOutput<typeof cost>;

const picture = shape({
  name: text,
  title: text,
  caption: text,
  width: number,
  height: number,
  columns: number,
  tiles: list(text),
});
/** Grey-scale tiles, each width × height bytes, base64. */
export type PictureRecord = v.InferOutput<typeof picture>;

export const cellRecordSchema = shape({
  version: v.literal(recordsVersion),
  hash: text,
  ...cellName,
  /** How charts and tables name the estimator: `rloo:samples=4`. */
  label: text,
  /** The same for the task: `cat10:variant=blog`. */
  taskLabel: text,
  state: cellState,
  /** Everything that the hash covers, resolved. */
  resolved: anything,
  engine: text,
  steps: shape({ done: number, planned: number }),
  evaluations: cost,
  /** Seconds of training alone, and of everything else. */
  seconds: shape({ train: number, compile: number, evaluate: number }),
  started: text,
  ended: v.exactOptional(text),
  /** One sentence, when the state is failed, diverged, timeout or interrupted. */
  error: v.exactOptional(text),
  stack: v.exactOptional(text),
  /** The claims of the task and estimator. */
  claims: v.exactOptional(anything),
  pictures: v.exactOptional(list(picture)),
  /** While it trains: the tiles of one picture so far, base64; they become a picture of their own. */
  strip: v.exactOptional(list(shape({ step: number, tiles: list(text) }))),
});
/** cells/HASH/cell.json */
export type CellRecord = v.InferOutput<typeof cellRecordSchema>;

export const curveRowSchema = shape({
  step: number,
  /** Forward evaluations per row, added over steps, and backward ones. */
  forward: number,
  backward: number,
  /** Seconds of training so far. */
  seconds: number,
  split: v.picklist(["train", "valid", "test"]),
  metric: text,
  value: measured,
  standardError: v.exactOptional(measured),
  /** Samples of the bound. */
  samples: v.exactOptional(number),
  /** Rows that were averaged. */
  rows: v.exactOptional(number),
  /** Whether those rows were the whole split. */
  whole: v.exactOptional(v.boolean()),
});
/**
 * A line of cells/HASH/curve.ndjson. Metrics: elbo, bound, nll, accuracy, cost, relaxation-gap, temperature,
 * learning-rate, ... A value that is not finite is null.
 */
export type CurveRow = v.InferOutput<typeof curveRowSchema>;

export const gradientRowSchema = shape({
  step: number,
  forward: number,
  backward: number,
  seconds: number,
  protocol: v.picklist(["own", "frozen", "shared"]),
  /** Stage of the reference run whose parameters these are; absent along a run's own training. */
  stage: v.exactOptional(v.picklist(["start", "middle", "end"])),
  /** The estimator of the reference run. */
  along: v.exactOptional(text),
  batches: number,
  draws: number,
  /** Trace of the covariance of the gradient with respect to the parameters upstream of the samples. */
  varianceEstimator: measured,
  varianceEstimatorError: measured,
  varianceMinibatch: measured,
  /** By the jackknife over batches; null below three. */
  varianceMinibatchError: v.exactOptional(measured),
  /** Mean over rows of the trace of the covariance of the row's logit gradient. */
  varianceLogits: measured,
  norm: measured,
  /** ‖g‖² / trace of the covariance. */
  signalToNoise: measured,
  /** √tr Cov / ‖mean‖. */
  deviation: measured,
  bias: v.exactOptional(measured),
  biasRelative: v.exactOptional(measured),
  biasZ: v.exactOptional(measured),
  /** Draws of bias and cosine, on the first of the batches. */
  biasDraws: v.exactOptional(number),
  cosine: v.exactOptional(measured),
  /** `exact`, or the name of the long-run reference. */
  reference: v.exactOptional(text),
  referenceError: v.exactOptional(measured),
  /** Draws in which some coordinate was not finite. */
  notFinite: number,
});
/** A line of cells/HASH/gradients.ndjson: M fixed batches × R draws at one point of training. */
export type GradientRow = v.InferOutput<typeof gradientRowSchema>;

const published = shape({
  /** Labels of the task and of the estimator in the matrix. */
  task: text,
  estimator: text,
  metric: text,
  split: v.picklist(["train", "valid", "test"]),
  /** In the sign in which cells store the metric. */
  value: number,
  title: text,
  source: text,
});
/** A value that a paper prints for exactly what a cell of the run does: drawn as a reference line. */
export type PublishedRecord = v.InferOutput<typeof published>;

const tuned = shape({
  /** Labels of the task and of the estimator at its default, and of the estimator with the chosen options. */
  task: text,
  estimator: text,
  label: text,
  /** Training steps and seed of each trial. */
  steps: number,
  seed: number,
  /** What the trials are judged by, in the sign in which cells store it. */
  metric: text,
  split: v.picklist(["train", "valid"]),
  higherIsBetter: v.boolean(),
  /** The value is null where the trial did not finish. */
  trials: list(shape({ options: dictionary(setting), value: measured })),
  /** The options of the best trial; null where none finished. */
  chosen: v.nullable(dictionary(setting)),
});
/** The trials of `bench run --tune` of one estimator on one task. */
export type TunedRecord = v.InferOutput<typeof tuned>;

const matrixCell = shape({
  hash: v.pipe(text, v.regex(/^[\w-]+$/, "must be the name of a folder")),
  ...cellName,
  label: text,
  taskLabel: text,
});
/** A cell of a run's matrix: its names and its hash, by which its folder is called. */
export type MatrixCell = v.InferOutput<typeof matrixCell>;

export const manifestSchema = shape({
  version: v.literal(recordsVersion),
  protocol: number,
  name: text,
  command: text,
  created: text,
  bench: text,
  node: text,
  platform: text,
  cpu: text,
  cores: number,
  memoryGiB: number,
  engine: shape({ name: text, description: dictionary(v.union([text, number])) }),
  git: v.nullable(shape({ commit: text, dirty: v.boolean() })),
  /** Checksum of each data file. */
  data: dictionary(text),
  quick: v.boolean(),
  seeds: list(number),
  matrix: list(matrixCell),
  /** What all cells of the run share. */
  configuration: anything,
  /** Only where the protocols match exactly; absent in runs without. */
  published: v.exactOptional(list(published)),
  /** Of --target: a value by the task's label. */
  targets: v.exactOptional(dictionary(number)),
  /** Of a run with --tune. */
  tuned: v.exactOptional(list(tuned)),
  /** What the report says of tasks and estimators. */
  definitions: shape({
    tasks: dictionary(
      v.object({
        title: text,
        doc: text,
        paper: v.exactOptional(text),
        plugin: v.exactOptional(text),
      }),
    ),
    estimators: dictionary(
      v.object({
        title: text,
        formula: v.exactOptional(text),
        paper: v.exactOptional(text),
        unbiased: v.union([v.boolean(), v.literal("direction")]),
        plugin: v.exactOptional(text),
      }),
    ),
    /** By label, where training samples are relaxed or do not follow the model's distributions. */
    otherSamples: v.exactOptional(dictionary(v.picklist(["relaxed", "other"]))),
  }),
});
/** manifest.json */
export type Manifest = v.InferOutput<typeof manifestSchema>;

export const stageRecordSchema = shape({
  version: v.literal(recordsVersion),
  taskLabel: text,
  /** Seed of the bank and of the cells: a reference run and a cell of one seed begin with the same parameters. */
  seed: number,
  rows: list(
    shape({
      estimator: text,
      /** The hash of the cell that it was measured for; absent in the first ones. */
      cell: v.exactOptional(text),
      row: gradientRowSchema,
    }),
  ),
});
/** bank/TASK-seedN.json of a run's folder: measurements at the stages of a bank. */
export type StageRecord = v.InferOutput<typeof stageRecordSchema>;

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
