/** What `bench variance` leaves in a folder: its rows as CSV and JSON, and the chart of bias and variance. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { inkFor } from "./charts/palette.ts";
import { hollowMeans, points, stageSpec, toldFromNone } from "./variance-stages.ts";

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
  readonly cosineError?: number | null;
  readonly signalToNoise?: number | null;
  /** Over several fixed batches; at a bank's stages. */
  readonly batches?: {
    readonly batches: number;
    readonly values: {
      readonly varianceMinibatch: number | null;
      readonly varianceMinibatchError?: number | null;
    };
  };
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

/** Writes variance.csv, variance.json and, for a bank or a sweep of the temperature, variance.vl.json; gives the folder. */
export function writeVariance(folder: string, rows: readonly MeasuredRow[]): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "variance.json"), `${JSON.stringify({ rows }, undefined, 2)}\n`);
  const lines = rows.map(
    ({ estimator, task, stage, step, protocol, draws, reference, bias, variance, batches, ...row }) => ({
      ...{ task, stage, step, protocol, estimator, draws, reference, cosine: row.cosine },
      ...{
        variance: variance.parameters,
        standardError: variance.standardError,
        variancePerLogit: variance.logits,
        varianceMinibatch: batches?.values.varianceMinibatch,
        signalToNoise: row.signalToNoise,
      },
      ...{ bias: bias.norm, biasRelative: bias.relative, biasZ: bias.z },
    }),
  );
  writeFileSync(join(folder, "variance.csv"), stringify(lines, { header: true }));
  const spec = rows.some(({ stage }) => stage !== undefined) ? stageSpec(rows) : sweepSpec(rows);
  writeFileSync(join(folder, "variance.vl.json"), `${JSON.stringify(spec, undefined, 2)}\n`);
  return folder;
}
