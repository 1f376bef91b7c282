/** results.csv: every measured number in one long table, made from the cells and never read back. */
import { stringify } from "csv-stringify/sync";
import { squaredErrors } from "./gradient-error.ts";
import type { Cell, CellRecord, CurveRow, GradientRow, Setting } from "./records.ts";

const columns =
  "task,taskOptions,estimator,estimatorOptions,seed,engine," +
  "split,metric,step,forward,backward,seconds,value,standardError,protocol,cell";

const startsFormula = /^[=+\-@\t\r]/;

/** Names may come from plug-ins: an apostrophe keeps a spreadsheet from running one as a formula. */
const quoted = (value: string) => stringify([[startsFormula.test(value) ? `'${value}` : value]]).slice(0, -1);

/** Rows of equal fields as CSV, a header line first. */
export const csvTable = (rows: readonly Readonly<Record<string, string | number | null>>[]): string =>
  stringify(
    [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))].map((row) =>
      row.map((value) => (typeof value === "string" && startsFormula.test(value) ? `'${value}` : value)),
    ),
  );

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

/** A number of a row; one that is not finite is null, and its field empty. */
type Field = number | null | undefined;

/** The fields from `split` to `protocol`. */
function fields(
  row: Pick<CurveRow, "step" | "forward" | "backward" | "seconds">,
  [split, metric, protocol]: readonly [string, string, string],
  value: Field,
  standardError: Field,
): string {
  const { step, forward, backward, seconds } = row;
  const numbers = `${step},${forward},${backward},${seconds},${value ?? ""},${standardError ?? ""}`;
  return `${split},${metric},${numbers},${protocol}`;
}

/** A row for each metric of a gradient row that was measured. */
function gradientFields(row: GradientRow, record: CellRecord): string[] {
  const errors: Readonly<Record<string, Field>> = {
    "variance-estimator": row.varianceEstimatorError,
    "variance-minibatch": row.varianceMinibatchError,
  };
  const squared = squaredErrors(row, record);
  const derived =
    squared === undefined
      ? []
      : ([
          ["mean-squared-error", squared.perDraw],
          ["mean-squared-error-per-evaluation", squared.perEvaluation],
        ] as const);
  const own = Object.entries(gradientMetrics)
    .filter(([, key]) => row[key] !== undefined)
    .map(([metric, key]) => fields(row, ["gradients", metric, row.protocol], row[key], errors[metric]));
  const more = derived.map(([metric, value]) =>
    fields(row, ["gradients", metric, row.protocol], value, null),
  );
  return [...own, ...more];
}

function cellLines({ record, curve, gradients }: Cell): string[] {
  const { task, taskOptions, estimator, estimatorOptions, seed, engine, hash } = record;
  const names = [task, settings(taskOptions), estimator, settings(estimatorOptions)].map(quoted);
  const [start, end] = [[...names, seed, quoted(engine)].join(","), quoted(hash)];
  const metrics = new Map(curve.map(({ metric }) => [metric, quoted(metric)]));
  const rows = [
    ...curve.map((row) =>
      fields(row, [row.split, metrics.get(row.metric)!, ""], row.value, row.standardError),
    ),
    ...gradients.flatMap((row) => gradientFields(row, record)),
  ];
  return rows.map((row) => `${start},${row},${end}\n`);
}

/** The table as text, a header line first. */
export const resultsTable = (cells: readonly Cell[]): string =>
  [`${columns}\n`, ...cells.map((cell) => cellLines(cell).join(""))].join("");
