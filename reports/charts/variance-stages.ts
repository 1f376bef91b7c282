/** The chart of estimators at the stages of a bank, with the error of every number that has one. */
import { inkFor } from "./palette.ts";
import { twoSidedQuantile } from "../aggregate/student.ts";
import type { MeasuredRow } from "../export/variance-files.ts";

/** From this z on a bias is told from none. */
export const toldFromNone = 3;
export const hollowMeans = `Hollow: a bias that these draws cannot tell from none (z below ${toldFromNone}).`;

/** Points, hollow where the datum says so. */
export const points = (color: object) => ({
  mark: { type: "point", size: 60, opacity: 1, tooltip: { content: "data" } },
  encoding: { fill: { ...color, condition: { test: "datum.hollow", value: "white" } } },
});

/** Blocks of draws that errors are made of, less one. */
export const blocks = 19;

interface Value {
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
}

export function around(value: number | null, error: number | null | undefined, freedom: number): Value {
  if (value === null || typeof error !== "number" || !(freedom > 0)) return { value };
  const half = twoSidedQuantile(0.05, freedom) * error;
  return { value, low: value - half, high: value + half };
}

export const varianceOf = ({ variance }: MeasuredRow) =>
  around(variance.parameters, variance.standardError, blocks);

function minibatchOf({ batches }: MeasuredRow): Value {
  if (batches === undefined) return { value: null };
  const { varianceMinibatch, varianceMinibatchError } = batches.values;
  return around(varianceMinibatch, varianceMinibatchError, batches.batches - 1);
}

/** ‖g‖² over the variance: the error is that of the variance. */
function signalOf(row: MeasuredRow): Value {
  const value = row.signalToNoise ?? null;
  const { low, high } = varianceOf(row);
  if (value === null || typeof low !== "number" || typeof high !== "number" || low <= 0) return { value };
  const scaled = (variance: number) => (value * row.variance.parameters) / variance;
  return { value, low: scaled(high), high: scaled(low) };
}

const biasOf = ({ bias }: MeasuredRow): Value => ({ value: bias.relative });

const quantities: readonly { name: string; scale: "log" | "linear"; of: (row: MeasuredRow) => Value }[] = [
  { name: "estimator variance", scale: "log", of: varianceOf },
  { name: "minibatch variance", scale: "log", of: minibatchOf },
  { name: "signal to noise, ‖g‖² / tr Cov", scale: "log", of: signalOf },
  { name: "bias relative to ‖g‖", scale: "linear", of: biasOf },
  {
    name: "cosine to the reference",
    scale: "linear",
    of: ({ cosine, cosineError, draws }) => around(cosine, cosineError, draws - 1),
  },
];

function valuesOf(rows: readonly MeasuredRow[], { scale, of }: (typeof quantities)[number]) {
  return rows.flatMap((row) => {
    const { value, low = null, high = null } = of(row);
    if (value === null || (scale === "log" && value <= 0)) return [];
    const { task, stage, step, estimator, draws, reference } = row;
    const z = Number(row.bias.z.toFixed(2));
    const hollow = of === biasOf && z < toldFromNone;
    // A bar that reaches below zero has no end on a logarithmic axis.
    const barred = low !== null && (scale !== "log" || low > 0);
    const bar = barred ? { low, high } : { low: null, high: null };
    return [{ task, stage, step, estimator, draws, reference, z, hollow, value, ...bar }];
  });
}

/** Variance, signal to noise, bias and cosine at the stages, one above another. */
export function stageSpec(rows: readonly MeasuredRow[]): Record<string, unknown> {
  const families = [...new Set(rows.map(({ estimator }) => estimator))];
  const inks = inkFor(families);
  const stages = [...new Set([...rows].sort((a, b) => a.step - b.step).map(({ stage }) => stage))];
  const color = {
    field: "estimator",
    type: "nominal",
    scale: { domain: families, range: inks.map(({ colour }) => colour) },
  };
  const strokeDash = { ...color, scale: { domain: families, range: inks.map(({ dash }) => dash) } };
  const x = {
    field: "stage",
    type: "ordinal",
    sort: stages,
    title: "stage of training",
    axis: { labelAngle: 0 },
  };
  const panels = quantities.flatMap((quantity) => {
    const values = valuesOf(rows, quantity);
    if (values.length === 0) return [];
    const { name, scale } = quantity;
    const axis = {
      type: "quantitative",
      scale: { type: scale, ...(scale === "log" ? {} : { zero: false }) },
    };
    const y = { field: "value", ...axis, title: name };
    const bars = {
      transform: [{ filter: "datum.low !== null" }],
      mark: { type: "rule", strokeWidth: 1.5 },
      encoding: { y: { field: "low", ...axis, title: name }, y2: { field: "high" } },
    };
    const line = { mark: "line", encoding: { y, strokeDash } };
    const dots = points(color);
    const layer = [line, bars, { ...dots, encoding: { y, ...dots.encoding } }];
    return [{ width: 420, height: 180, data: { values }, layer, encoding: { x, color } }];
  });
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: {
      text: `${[...new Set(rows.map(({ task }) => task))].join(", ")}: estimators at three stages of training`,
      subtitle: [
        "Protocol frozen: the parameters and the batches of a bank, the same for all estimators.",
        "Bars: 95% intervals over draws; of the minibatch variance, over batches.",
        hollowMeans,
      ],
    },
    vconcat: panels,
  };
}
