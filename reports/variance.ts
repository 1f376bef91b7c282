/** What `bench variance` leaves in a folder: its rows as CSV and JSON, and the chart of bias and variance. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { inkFor } from "./charts/palette.ts";

/** The part of a row that the chart and the table read. */
export interface MeasuredRow {
  readonly estimator: string;
  readonly task: string;
  readonly protocol: string;
  /** Of a bank's reference run. */
  readonly stage?: string;
  readonly step: number;
  readonly draws: number;
  readonly reference: string;
  readonly bias: { readonly norm: number; readonly relative: number; readonly z: number };
  readonly variance: { readonly parameters: number; readonly logits: number; readonly standardError: number };
  readonly cosine: number | null;
}

/** `gs:samples=2,temperature=0.5` → its name without the temperature, and the temperature. */
function splitTemperature(label: string): { family: string; temperature: number | undefined } {
  const [name, options = ""] = label.split(/:(.*)/s);
  const rest = options.split(",").filter((option) => option !== "" && !option.startsWith("temperature="));
  const found = /(?:^|,)temperature=([^,]+)/.exec(options)?.[1];
  return {
    family: rest.length > 0 ? `${name}:${rest.join(",")}` : name!,
    temperature: found === undefined ? undefined : Number(found),
  };
}

/** From this z on a bias is told from none. */
const toldFromNone = 3;
const hollowMeans = `Hollow: a bias that these draws cannot tell from none (z below ${toldFromNone}).`;

/** Points, hollow where the datum says so. */
const points = (color: object) => ({
  mark: { type: "point", size: 60, opacity: 1, tooltip: { content: "data" } },
  encoding: { fill: { ...color, condition: { test: "datum.hollow", value: "white" } } },
});

function sweepSpec(rows: readonly MeasuredRow[]): Record<string, unknown> {
  const values = rows.flatMap((row) => {
    const { family, temperature } = splitTemperature(row.estimator);
    if (temperature === undefined || !Number.isFinite(temperature)) return [];
    const z = Number(row.bias.z.toFixed(2));
    const common = { task: row.task, estimator: family, temperature, z };
    return [
      { ...common, quantity: "variance", hollow: false, value: row.variance.parameters },
      { ...common, quantity: "squared bias", hollow: z < toldFromNone, value: row.bias.norm ** 2 },
    ].filter(({ value }) => value > 0);
  });
  const families = [...new Set(values.map(({ estimator }) => estimator))];
  const color = {
    field: "estimator",
    type: "nominal",
    scale: { domain: families, range: inkFor(families).map(({ colour }) => colour) },
  };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: {
      text: "Bias and variance against temperature",
      subtitle: ["Trace of the covariance of one draw, and squared bias; protocol frozen.", hollowMeans],
    },
    data: { values },
    facet: { column: { field: "task", title: null } },
    spec: {
      width: 420,
      height: 300,
      layer: [
        { mark: "line", encoding: { strokeDash: { field: "quantity", type: "nominal" } } },
        points(color),
      ],
      encoding: {
        x: { field: "temperature", type: "quantitative", scale: { type: "log" }, title: "temperature τ" },
        y: { field: "value", type: "quantitative", scale: { type: "log" }, title: "per draw" },
        color,
        detail: { field: "quantity" },
      },
    },
  };
}

const biasOf = ({ bias }: MeasuredRow) => bias.relative;

const quantities = [
  { name: "estimator variance", scale: "log", of: ({ variance }: MeasuredRow) => variance.parameters },
  { name: "bias relative to ‖g‖", scale: "linear", of: biasOf },
  { name: "cosine to the reference", scale: "linear", of: ({ cosine }: MeasuredRow) => cosine },
] as const;

/** Variance, bias and cosine at the stages of a bank, one above another for each task. */
function stageSpec(rows: readonly MeasuredRow[]): Record<string, unknown> {
  const families = [...new Set(rows.map(({ estimator }) => estimator))];
  const inks = inkFor(families);
  const stages = [...new Set([...rows].sort((a, b) => a.step - b.step).map(({ stage }) => stage))];
  const color = {
    field: "estimator",
    type: "nominal",
    scale: { domain: families, range: inks.map(({ colour }) => colour) },
  };
  const strokeDash = { ...color, scale: { domain: families, range: inks.map(({ dash }) => dash) } };
  const panel = ({ name, scale, of }: (typeof quantities)[number]) => ({
    width: 420,
    height: 200,
    data: {
      values: rows.flatMap((row) => {
        const value = of(row);
        const drawable = value !== null && (scale !== "log" || value > 0);
        const { task, stage, step, estimator, draws, reference } = row;
        const z = Number(row.bias.z.toFixed(2));
        const hollow = of === biasOf && z < toldFromNone;
        return drawable ? [{ task, stage, step, estimator, draws, reference, z, hollow, value }] : [];
      }),
    },
    layer: [{ mark: "line", encoding: { strokeDash } }, points(color)],
    encoding: {
      x: {
        field: "stage",
        type: "ordinal",
        sort: stages,
        title: "stage of training",
        axis: { labelAngle: 0 },
      },
      y: {
        field: "value",
        type: "quantitative",
        scale: { type: scale, ...(scale === "log" ? {} : { zero: false }) },
        title: name,
      },
      color,
    },
  });
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: {
      text: `${[...new Set(rows.map(({ task }) => task))].join(", ")}: estimators at three stages of training`,
      subtitle: [
        "Protocol frozen: the parameters and the batch of a bank, the same for all estimators.",
        hollowMeans,
      ],
    },
    vconcat: quantities.map(panel),
  };
}

/** Writes variance.csv, variance.json and, for a bank or a sweep of the temperature, variance.vl.json; gives the folder. */
export function writeVariance(folder: string, rows: readonly MeasuredRow[]): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "variance.json"), `${JSON.stringify({ rows }, undefined, 2)}\n`);
  const lines = rows.map(
    ({ estimator, task, stage, step, protocol, draws, reference, bias, variance, cosine }) => ({
      ...{ task, stage, step, protocol, estimator, draws, reference, cosine },
      ...{
        variance: variance.parameters,
        standardError: variance.standardError,
        variancePerLogit: variance.logits,
      },
      ...{ bias: bias.norm, biasRelative: bias.relative, biasZ: bias.z },
    }),
  );
  writeFileSync(join(folder, "variance.csv"), stringify(lines, { header: true }));
  const spec = rows.some(({ stage }) => stage !== undefined) ? stageSpec(rows) : sweepSpec(rows);
  writeFileSync(join(folder, "variance.vl.json"), `${JSON.stringify(spec, undefined, 2)}\n`);
  return folder;
}
