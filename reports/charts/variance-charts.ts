/** The charts of `bench variance`: estimators at the stages of a bank, and a sweep over numeric options. */
import { groupBy } from "../format/group-by.ts";
import { twoSidedQuantile } from "../aggregate/student.ts";
import { inkFor } from "./palette.ts";
import { optionScale } from "./sensitivity-panels.ts";
import type { VarianceRow } from "../format/variance-row.ts";
import { freeScale, intervalBars, nominalChannel, schemaUrl, type Specification } from "./vega-spec.ts";

/** From this z on a bias counts as detected. */
const detectedZ = 3;
const hollowNote = `Hollow points: a bias that these draws do not detect (z below ${detectedZ}).`;

/** Errors of variances and biases are computed over 20 blocks of draws: 19 degrees of freedom. */
const blockFreedom = 19;

/** A value with the ends of its interval, where it has an error. */
interface Estimated {
  readonly value: number | null;
  readonly low?: number | null;
  readonly high?: number | null;
}

function withInterval(value: number | null, error: number | null | undefined, freedom: number): Estimated {
  if (value === null || typeof error !== "number" || !(freedom > 0)) return { value };
  const half = twoSidedQuantile(0.05, freedom) * error;
  return { value, low: value - half, high: value + half };
}

const varianceOf = ({ variance }: VarianceRow) =>
  withInterval(variance.parameters, variance.standardError, blockFreedom);

function minibatchOf({ batches }: VarianceRow): Estimated {
  if (batches === undefined) return { value: null };
  const { varianceMinibatch, varianceMinibatchError } = batches.values;
  return withInterval(varianceMinibatch, varianceMinibatchError, batches.batches - 1);
}

/** ‖g‖² over the variance: the interval is that of the variance. */
function signalOf(row: VarianceRow): Estimated {
  const value = row.signalToNoise;
  const { low, high } = varianceOf(row);
  if (value === null || typeof low !== "number" || typeof high !== "number" || low <= 0) return { value };
  const scaled = (variance: number) => (value * row.variance.parameters) / variance;
  return { value, low: scaled(high), high: scaled(low) };
}

/** Rows of an axis: without a value that it cannot show, or an interval that reaches below zero on a logarithm. */
function shownRow<Fields>(fields: Fields, { value, low = null, high = null }: Estimated, log: boolean) {
  if (value === null || (log && value <= 0)) return [];
  const barred = low !== null && (!log || low > 0);
  return [{ ...fields, value, low: barred ? low : null, high: barred ? high : null }];
}

const roundedZ = ({ bias }: VarianceRow) => Number(bias.z.toFixed(2));

/** Points, hollow where the row says so. */
const points = (color: object, encoding: Specification = {}): Specification => ({
  mark: { type: "point", size: 60, opacity: 1, tooltip: { content: "data" } },
  encoding: { ...encoding, fill: { ...color, condition: { test: "datum.hollow", value: "white" } } },
});

const stageQuantities: readonly {
  readonly name: string;
  readonly scale: "log" | "linear";
  readonly isBias?: true;
  readonly of: (row: VarianceRow) => Estimated;
}[] = [
  { name: "estimator variance", scale: "log", of: varianceOf },
  { name: "minibatch variance", scale: "log", of: minibatchOf },
  { name: "signal to noise, ‖g‖² / tr Cov", scale: "log", of: signalOf },
  {
    name: "bias relative to ‖g‖",
    scale: "linear",
    isBias: true,
    of: ({ bias }) => ({ value: bias.relative }),
  },
  {
    name: "cosine to the reference",
    scale: "linear",
    of: ({ cosine, cosineError, draws }) => withInterval(cosine, cosineError, draws - 1),
  },
];

/** Variance, signal to noise, bias and cosine at the stages of a bank, one above another. */
export function stageSpec(rows: readonly VarianceRow[]): Specification {
  const estimators = [...new Set(rows.map(({ estimator }) => estimator))];
  const inks = inkFor(estimators);
  const channel = (range: readonly unknown[]) => nominalChannel("estimator", estimators, range);
  const color = channel(inks.map(({ colour }) => colour));
  const strokeDash = channel(inks.map(({ dash }) => dash));
  const x = {
    field: "stage",
    type: "ordinal",
    sort: [...new Set([...rows].sort((a, b) => a.step - b.step).map(({ stage }) => stage))],
    title: "stage of training",
    axis: { labelAngle: 0 },
  };
  const panels = stageQuantities.flatMap(({ name, scale, of, isBias = false }) => {
    const values = rows.flatMap((row) => {
      const { task, stage, step, estimator, draws, reference } = row;
      const z = roundedZ(row);
      const fields = { task, stage, step, estimator, draws, reference, z, hollow: isBias && z < detectedZ };
      return shownRow(fields, of(row), scale === "log");
    });
    if (values.length === 0) return [];
    const axis = { type: "quantitative", scale: freeScale(scale), title: name };
    const y = { field: "value", ...axis };
    const line = { mark: "line", encoding: { y, strokeDash } };
    const layer = [line, intervalBars(axis), points(color, { y })];
    return [{ width: 420, height: 180, data: { values }, layer, encoding: { x, color } }];
  });
  return {
    $schema: schemaUrl,
    title: {
      text: `${[...new Set(rows.map(({ task }) => task))].join(", ")}: estimators at the stages of training`,
      subtitle: [
        "Protocol frozen: all estimators at the parameters and batches of a bank.",
        "Bars: 95% intervals over draws; of the minibatch variance, over batches.",
        hollowNote,
      ],
    },
    vconcat: panels,
  };
}

/** `gs:samples=2,temperature=0.5` → its name, and its options as text. */
function parsed(label: string): { readonly name: string; readonly options: ReadonlyMap<string, string> } {
  const [name = "", text = ""] = label.split(/:(.*)/s);
  const parts = text.split(",").filter((part) => part !== "");
  return { name, options: new Map(parts.map((part) => part.split(/=(.*)/s) as [string, string])) };
}

function withoutOption(label: string, option: string): string {
  const { name, options } = parsed(label);
  const rest = [...options].filter(([key]) => key !== option).map(([key, value]) => `${key}=${value}`);
  return rest.length > 0 ? `${name}:${rest.join(",")}` : name;
}

/** A row whose label lacks the varied option, and that option's value. */
interface SweptRow {
  readonly row: VarianceRow;
  readonly at: number;
}

/** The rows that differ in this option of the estimator or of the task alone, and have it at two numbers or more. */
function sweptRows(rows: readonly VarianceRow[], owner: "estimator" | "task", option: string): SweptRow[] {
  const all = rows.flatMap((row): SweptRow[] => {
    const at = Number(parsed(row[owner]).options.get(option) ?? NaN);
    return Number.isFinite(at) ? [{ row: { ...row, [owner]: withoutOption(row[owner], option) }, at }] : [];
  });
  const families = groupBy(all, ({ row }) => JSON.stringify([row.estimator, row.task]));
  const varied = [...families.values()].filter((same) => same.some(({ at }) => at !== same[0]!.at));
  return all.filter((one) => varied.some((same) => same.includes(one)));
}

/** Variance and squared bias of a row, at the option's value. */
function sweepValues({ row, at }: SweptRow) {
  const { task, estimator, bias } = row;
  const z = roundedZ(row);
  const fields = { task, estimator, at, z };
  return [
    ...shownRow({ ...fields, quantity: "variance", hollow: false }, varianceOf(row), true),
    ...shownRow(
      { ...fields, quantity: "squared bias", hollow: z < detectedZ },
      withInterval(bias.norm ** 2, bias.squaredError, blockFreedom),
      true,
    ),
  ];
}

function sweepPanel(swept: readonly SweptRow[], option: string) {
  const estimators = [...new Set(swept.map(({ row }) => row.estimator))];
  const colours = inkFor(estimators).map(({ colour }) => colour);
  const color = { ...nominalChannel("estimator", estimators, colours), legend: { labelLimit: 260 } };
  const scale = { ...freeScale(optionScale(swept.map(({ at }) => at))), nice: false };
  const y = { type: "quantitative", scale: { type: "log" }, title: "per draw", axis: { tickCount: 6 } };
  return {
    title: {
      text: `Bias and variance against ${option}`,
      subtitle: [
        "Trace of the covariance of one draw, and squared bias; protocol frozen. Bars: 95% intervals.",
        hollowNote,
      ],
    },
    data: { values: swept.flatMap(sweepValues) },
    facet: { column: { field: "task", title: null } },
    spec: {
      width: 420,
      height: 300,
      layer: [
        { mark: "line", encoding: { strokeDash: { field: "quantity", type: "nominal" } } },
        intervalBars(y),
        points(color),
      ],
      encoding: {
        x: { field: "at", type: "quantitative", title: option, scale },
        y: { ...y, field: "value" },
        color,
        detail: { field: "quantity" },
      },
    },
  };
}

/** A panel for each option that takes several numbers; nothing where no option does. */
export function sweepSpec(rows: readonly VarianceRow[]): Specification | undefined {
  const panels = (["estimator", "task"] as const).flatMap((owner) =>
    [...new Set(rows.flatMap((row) => [...parsed(row[owner]).options.keys()]))].flatMap((option) => {
      const swept = sweptRows(rows, owner, option);
      return swept.length === 0 ? [] : [sweepPanel(swept, option)];
    }),
  );
  if (panels.length === 0) return undefined;
  return {
    $schema: schemaUrl,
    description: panels.map(({ title }) => title.text).join("; "),
    ...(panels.length === 1
      ? panels[0]
      : { vconcat: panels, resolve: { scale: { color: "independent", fill: "independent" } } }),
  };
}
