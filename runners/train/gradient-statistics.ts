/** Gradient statistics at fixed parameters: M batches × R draws, which tell the estimator's noise from the minibatch's. */
import type { Arrays } from "../../tasks/task.ts";
import type { GradientStatistics } from "../../reports/format/variance-row.ts";
import { mean } from "../../reports/aggregate/statistics.ts";
import type { CompiledDraw } from "./compile-draw.ts";
import { dot, meanOf, norm, sumDraws, traceOf, type Draws } from "./draw-sums.ts";
import { prefixed } from "./step-inputs.ts";
import type { TrainingSetup } from "./training-setup.ts";
import { drawStream, fixedRows } from "./noise-streams.ts";

/** JSON has no number for what is not finite. */
export const finiteOrNull = (x: number): number | null => (Number.isFinite(x) ? x : null);

interface BatchResult {
  readonly mean: Float64Array;
  readonly trace: number;
  /** Trace of the logit gradients' covariance, mean over rows. */
  readonly logits: number;
  /** ‖g‖², unbiased: the product of the means of two halves. */
  readonly squaredNorm: number;
  readonly draws: number;
}

/** Even draws and odd draws are the two blocks. */
function batchResult({ parameters, logits }: Draws, rows: number): BatchResult {
  const [a, b] = [meanOf(parameters, [0]), meanOf(parameters, [1])];
  return {
    mean: meanOf(parameters),
    trace: traceOf(parameters),
    logits: traceOf(logits) / rows,
    squaredNorm: dot(a, b),
    draws: parameters.draws[0]! + parameters.draws[1]!,
  };
}

/**
 * Measures at the parameters, state and scalars in `inputs`; batches are added here. Batches and noise are named by seed and
 * step, so that estimators are compared on the same.
 */
export async function measureGradients(
  draw: CompiledDraw,
  { task }: TrainingSetup,
  { inputs, seed, step }: { readonly inputs: Arrays; readonly seed: number; readonly step: number },
  { batches: M, draws: R }: { readonly batches: number; readonly draws: number },
): Promise<GradientStatistics> {
  const rowsOf = fixedRows(task, seed);
  const results: BatchResult[] = [];
  for (let m = 0; m < M; m++) {
    const given = { ...inputs, ...prefixed("batch", task.gather("train", rowsOf(m))) };
    const noise = drawStream("gradients", task.name, seed, step, m);
    results.push(
      batchResult(await sumDraws(draw, given, noise, { blocks: 2, enough: (n) => n >= R }), task.rows),
    );
  }
  return {
    batches: M,
    draws: R,
    notFinite: results.reduce((n, { draws }) => n + R - draws, 0),
    values: combine(results),
  };
}

/** Standard error of a statistic by the jackknife, from its values with each part left out in turn. */
export function jackknifeError(without: readonly number[]): number {
  const [n, centre] = [without.length, mean(without)];
  return Math.sqrt(((n - 1) / n) * without.reduce((sum, x) => sum + (x - centre) ** 2, 0));
}

/** Standard error of the minibatch variance by the jackknife over batches; NaN below three. */
function minibatchError(distances: readonly number[], noise: readonly number[]): number {
  const M = distances.length;
  const total = distances.reduce((a, b) => a + b, 0);
  const share = noise.reduce((a, b) => a + b, 0);
  // Without batch m the squared distances to the mean of the others add up to total − M/(M−1) d_m.
  return jackknifeError(
    distances.map((d, m) => (total - (M / (M - 1)) * d) / (M - 2) - (share - noise[m]!) / (M - 1)),
  );
}

function combine(results: readonly BatchResult[]): GradientStatistics["values"] {
  const traces = results.map((b) => b.trace);
  const estimator = mean(traces);
  const M = results.length;
  const overall = results[0]!.mean.map((_, i) => mean(results.map((b) => b.mean[i]!)));
  const distances = results.map((b) => b.mean.reduce((s, x, i) => s + (x - overall[i]!) ** 2, 0));
  const noise = results.map((b) => b.trace / b.draws);
  const between = distances.reduce((a, b) => a + b, 0) / (M - 1);
  const spread = Math.sqrt(traces.reduce((s, t) => s + (t - estimator) ** 2, 0) / (M - 1));
  const signal = mean(results.map((b) => Math.max(0, b.squaredNorm)));
  return {
    varianceEstimator: finiteOrNull(estimator),
    varianceEstimatorError: finiteOrNull(spread / Math.sqrt(M)),
    varianceMinibatch: finiteOrNull(Math.max(0, between - mean(noise))),
    varianceMinibatchError: M < 3 ? null : finiteOrNull(minibatchError(distances, noise)),
    varianceLogits: finiteOrNull(mean(results.map((b) => b.logits))),
    norm: finiteOrNull(norm(overall)),
    signalToNoise: finiteOrNull(signal / estimator),
    deviation: finiteOrNull(Math.sqrt(estimator) / Math.sqrt(signal)),
  };
}
