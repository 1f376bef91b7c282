/** results.csv: every measured number in one long table, made from the cells and never read back. */
import { stringify } from "csv-stringify/sync";
import type { Cell, CurveRow, GradientRow, Setting } from "./records.ts";

const columns = [
  "task",
  "taskOptions",
  "estimator",
  "estimatorOptions",
  "seed",
  "engine",
  "split",
  "metric",
  "step",
  "forward",
  "backward",
  "seconds",
  "value",
  "standardError",
  "protocol",
  "cell",
] as const;

type Row = Readonly<Partial<Record<(typeof columns)[number], string | number | null | undefined>>>;

/** Names may come from plug-ins: an apostrophe keeps a spreadsheet from running one as a formula. */
const text = (value: string) => (/^[=+\-@\t\r]/.test(value) ? `'${value}` : value);

const settings = (options: Readonly<Record<string, Setting>>) =>
  Object.entries(options)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");

/** The fields of a gradient row by their names in the table. */
export const gradientMetrics = {
  "variance-estimator": "varianceEstimator",
  "variance-minibatch": "varianceMinibatch",
  "variance-logits": "varianceLogits",
  "gradient-norm": "norm",
  "signal-to-noise": "signalToNoise",
  deviation: "deviation",
  bias: "bias",
  "bias-relative": "biasRelative",
  "bias-z": "biasZ",
  cosine: "cosine",
  "not-finite": "notFinite",
} as const satisfies Readonly<Record<string, keyof GradientRow>>;

const errors = (row: GradientRow): Readonly<Record<string, number | null | undefined>> => ({
  "variance-estimator": row.varianceEstimatorError,
  "variance-minibatch": row.varianceMinibatchError,
});

function* gradientRows(row: GradientRow, shared: Row): Generator<Row> {
  const { step, forward, backward, seconds, protocol } = row;
  for (const [metric, key] of Object.entries(gradientMetrics)) {
    const value = row[key];
    // A value that is not finite is null, one that was not measured is absent.
    if (value === undefined) continue;
    const standardError = errors(row)[metric];
    yield {
      ...shared,
      split: "gradients",
      metric,
      step,
      forward,
      backward,
      seconds,
      value,
      standardError,
      protocol,
    };
  }
}

const quoted = new Map<string, string>();

/** Few texts occur many times: each is quoted once. */
function field(value: Row[keyof Row]): string {
  if (typeof value === "number") return String(value);
  if (value === undefined || value === null || value === "") return "";
  const known = quoted.get(value) ?? stringify([[value]]).slice(0, -1);
  quoted.set(value, known);
  return known;
}

function curveRow(
  { split, metric, step, forward, backward, seconds, value, standardError }: CurveRow,
  shared: Row,
): Row {
  return { ...shared, split, metric: text(metric), step, forward, backward, seconds, value, standardError };
}

function* cellRows({ record, curve, gradients }: Cell): Generator<Row> {
  const shared = {
    task: text(record.task),
    taskOptions: text(settings(record.taskOptions)),
    estimator: text(record.estimator),
    estimatorOptions: text(settings(record.estimatorOptions)),
    seed: record.seed,
    engine: text(record.engine),
    cell: text(record.hash),
  };
  for (const row of curve) yield curveRow(row, shared);
  for (const row of gradients) yield* gradientRows(row, shared);
}

/**
 * The table as text, a header line first. A value that was not finite is empty.
 */
export function resultsTable(cells: readonly Cell[]): string {
  const lines = [columns.join(",")];
  for (const cell of cells)
    for (const row of cellRows(cell)) lines.push(columns.map((column) => field(row[column])).join(","));
  return `${lines.join("\n")}\n`;
}
