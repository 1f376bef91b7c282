/** What `bench variance` leaves in a folder: its rows as CSV and JSON, and the chart of bias and variance. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { stageSpec } from "../charts/variance-stages.ts";
import { sweepSpec } from "../charts/variance-sweep.ts";

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
 * Writes variance.csv, variance.json and, for a bank or a sweep of options, variance.vl.json, and the chart as SVG if that
 * is asked for; gives the folder.
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
