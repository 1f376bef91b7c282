/** What `bench variance` leaves in a folder: its rows as CSV and JSON, and the chart of bias and variance. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { inkFor } from "./charts/palette.ts";
import {
  around,
  blocks,
  hollowMeans,
  points,
  stageSpec,
  toldFromNone,
  varianceOf,
} from "./variance-stages.ts";

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
  readonly bias: {
    readonly norm: number;
    readonly relative: number;
    readonly z: number;
    /** An estimate of the squared norm, and its error. */
    readonly squared?: number;
    readonly squaredError?: number;
    readonly standardError?: number | null;
    readonly relativeError?: number | null;
  };
  readonly variance: {
    readonly parameters: number;
    readonly logits: number;
    readonly standardError: number;
    readonly logitsError?: number;
  };
  readonly deviation?: number | null;
  readonly deviationError?: number | null;
  readonly signalToNoiseError?: number | null;
  readonly evaluations?: { readonly forward: number; readonly backward: number };
  readonly secondsPerDraw?: number;
  readonly varianceTimesEvaluations?: number;
  readonly varianceTimesSeconds?: number;
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

function sweepSpec(rows: readonly MeasuredRow[]): Record<string, unknown> | undefined {
  const values = rows.flatMap((row) => {
    const { family, temperature } = splitTemperature(row.estimator);
    if (temperature === undefined || !Number.isFinite(temperature)) return [];
    const z = Number(row.bias.z.toFixed(2));
    const common = { task: row.task, estimator: family, temperature, z };
    const squared = row.bias.norm ** 2;
    const quantities = [
      { ...common, quantity: "variance", hollow: false, ...varianceOf(row) },
      {
        ...common,
        quantity: "squared bias",
        hollow: z < toldFromNone,
        ...around(squared, row.bias.squaredError, blocks),
      },
    ];
    return quantities.flatMap(({ value, low = null, high = null, ...rest }) => {
      if (value === null || value <= 0) return [];
      // A bar that reaches below zero has no end on a logarithmic axis.
      return [{ ...rest, value, ...(low !== null && low > 0 ? { low, high } : { low: null, high: null }) }];
    });
  });
  if (values.length === 0) return undefined;
  const families = [...new Set(values.map(({ estimator }) => estimator))];
  const color = {
    field: "estimator",
    type: "nominal",
    scale: { domain: families, range: inkFor(families).map(({ colour }) => colour) },
  };
  const y = { type: "quantitative", scale: { type: "log" }, title: "per draw", axis: { tickCount: 6 } };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: {
      text: "Bias and variance against temperature",
      subtitle: [
        "Trace of the covariance of one draw, and squared bias; protocol frozen. Bars: 95% intervals.",
        hollowMeans,
      ],
    },
    description: "Variance and squared bias of gradient estimators against their temperature",
    data: { values },
    facet: { column: { field: "task", title: null } },
    spec: {
      width: 420,
      height: 300,
      layer: [
        { mark: "line", encoding: { strokeDash: { field: "quantity", type: "nominal" } } },
        {
          transform: [{ filter: "datum.low !== null" }],
          mark: { type: "rule", strokeWidth: 1.5 },
          encoding: { y: { ...y, field: "low" }, y2: { field: "high" } },
        },
        points(color),
      ],
      encoding: {
        x: {
          ...{ field: "temperature", type: "quantitative", title: "temperature τ" },
          scale: { type: "log", nice: false },
        },
        y: { ...y, field: "value" },
        color,
        detail: { field: "quantity" },
      },
    },
  };
}

/** A row of variance.csv. */
function flat({ task, stage, step, protocol, estimator, draws, reference, ...row }: MeasuredRow) {
  const { bias, variance, batches, evaluations } = row;
  return {
    ...{ task, stage, step, protocol, estimator, draws, reference },
    ...{ forward: evaluations?.forward, backward: evaluations?.backward },
    ...{ variance: variance.parameters, standardError: variance.standardError },
    ...{ variancePerLogit: variance.logits, variancePerLogitError: variance.logitsError },
    varianceMinibatch: batches?.values.varianceMinibatch,
    ...{ deviation: row.deviation, deviationError: row.deviationError },
    ...{ signalToNoise: row.signalToNoise, signalToNoiseError: row.signalToNoiseError },
    ...{ cosine: row.cosine, cosineError: row.cosineError },
    ...{ bias: bias.norm, biasError: bias.standardError },
    ...{ biasRelative: bias.relative, biasRelativeError: bias.relativeError, biasZ: bias.z },
    ...{ secondsPerDraw: row.secondsPerDraw, varianceTimesSeconds: row.varianceTimesSeconds },
    varianceTimesEvaluations: row.varianceTimesEvaluations,
  };
}

/**
 * Writes variance.csv, variance.json and, for a bank or a sweep of the temperature, variance.vl.json, and the chart as
 * SVG if that is asked for; gives the folder.
 */
export async function writeVariance(
  folder: string,
  rows: readonly MeasuredRow[],
  svg = false,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "variance.json"), `${JSON.stringify({ rows }, undefined, 2)}\n`);
  writeFileSync(join(folder, "variance.csv"), stringify(rows.map(flat), { header: true }));
  const spec = rows.some(({ stage }) => stage !== undefined) ? stageSpec(rows) : sweepSpec(rows);
  if (spec === undefined) return folder;
  writeFileSync(join(folder, "variance.vl.json"), `${JSON.stringify(spec, undefined, 2)}\n`);
  if (svg) {
    const { drawSvg } = await import("./picture.ts");
    writeFileSync(join(folder, "variance.svg"), await drawSvg(spec));
  }
  return folder;
}
