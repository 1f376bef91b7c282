/** Writes the files of `bench variance`: its rows as CSV and JSON, and its chart. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { stageSpec, sweepSpec } from "../charts/variance-charts.ts";
import type { VarianceRow } from "../format/variance-row.ts";

/** A row of variance.csv. */
function csvRow(row: VarianceRow) {
  const { bias, variance, evaluations } = row;
  return {
    task: row.task,
    stage: row.stage,
    step: row.step,
    protocol: row.protocol,
    estimator: row.estimator,
    draws: row.draws,
    reference: row.reference,
    forward: evaluations.forward,
    backward: evaluations.backward,
    variance: variance.parameters,
    standardError: variance.standardError,
    variancePerLogit: variance.logits,
    variancePerLogitError: variance.logitsError,
    varianceMinibatch: row.batches?.values.varianceMinibatch,
    deviation: row.deviation,
    deviationError: row.deviationError,
    signalToNoise: row.signalToNoise,
    signalToNoiseError: row.signalToNoiseError,
    cosine: row.cosine,
    cosineError: row.cosineError,
    bias: bias.norm,
    biasError: bias.standardError,
    biasRelative: bias.relative,
    biasRelativeError: bias.relativeError,
    biasZ: bias.z,
    secondsPerDraw: row.secondsPerDraw,
    varianceTimesSeconds: row.varianceTimesSeconds,
    varianceTimesEvaluations: row.varianceTimesEvaluations,
    meanSquaredError: row.meanSquaredError,
    meanSquaredErrorPerEvaluation: row.meanSquaredErrorPerEvaluation,
  };
}

/**
 * Writes variance.csv, variance.json and, for a bank or a sweep of options, the chart as variance.vl.json and, with
 * `svg`, as variance.svg. Returns the folder.
 */
export async function writeVariance(
  folder: string,
  rows: readonly VarianceRow[],
  svg = false,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "variance.json"), `${JSON.stringify({ rows }, undefined, 2)}\n`);
  writeFileSync(join(folder, "variance.csv"), stringify(rows.map(csvRow), { header: true }));
  const spec = rows.some(({ stage }) => stage !== undefined) ? stageSpec(rows) : sweepSpec(rows);
  if (spec === undefined) return folder;
  writeFileSync(join(folder, "variance.vl.json"), `${JSON.stringify(spec, undefined, 2)}\n`);
  if (svg) {
    const { drawSvg } = await import("./picture.ts");
    writeFileSync(join(folder, "variance.svg"), await drawSvg(spec));
  }
  return folder;
}
