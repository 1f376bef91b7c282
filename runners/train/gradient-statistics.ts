/** Gradient statistics at fixed parameters: M batches × R draws, which tell the estimator's noise from the minibatch's. */
import type { Arrays } from "../../tasks/task.ts";
import type { GradientStatistics } from "../../reports/format/variance-row.ts";
import { mean } from "../../reports/aggregate/statistics.ts";
import type { Compiled } from "../engine/engine.ts";
import { flatGradient } from "./compile-draw.ts";
import { prefixed } from "./step-inputs.ts";
import type { TrainingSetup } from "./training-setup.ts";
import { fixedRows, stream } from "./noise-streams.ts";

// Loops by index: a run looks at hundreds of millions of numbers here, and a closure or an iterator costs ten times as much.

export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

/** Whether all numbers are finite: any other leaves a NaN, times zero. */
function allFinite(values: Float64Array): boolean {
  let zeros = 0;
  for (let i = 0; i < values.length; i++) zeros += values[i]! * 0;
  return zeros === 0;
}

/** Sums over the draws of one batch; even and odd draws apart. */
interface HalfSums {
  readonly halves: readonly [Float64Array, Float64Array];
  readonly squares: Float64Array;
}

const emptySums = (n: number): HalfSums => ({
  halves: [new Float64Array(n), new Float64Array(n)],
  squares: new Float64Array(n),
});

function add({ halves, squares }: HalfSums, draw: Float64Array, half: 0 | 1): void {
  const sum = halves[half];
  for (let i = 0; i < draw.length; i++) {
    const x = draw[i]!;
    sum[i]! += x;
    squares[i]! += x * x;
  }
}

/** Trace of the covariance of a draw, from n draws. */
function trace({ halves: [a, b], squares }: HalfSums, n: number): number {
  let total = 0;
  for (let i = 0; i < squares.length; i++) total += squares[i]! - (a[i]! + b[i]!) ** 2 / n;
  return Math.max(0, total) / (n - 1);
}

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

async function measureBatch(
  draw: (r: number) => Promise<Arrays>,
  R: number,
  rows: number,
): Promise<BatchResult> {
  let parameters: HalfSums | undefined;
  let logits: HalfSums | undefined;
  const kept: [number, number] = [0, 0];
  for (let r = 0; r < R; r++) {
    const outputs = await draw(r);
    const [p, l] = [flatGradient(outputs, "parameters/"), flatGradient(outputs, "logits/")];
    parameters ??= emptySums(p.length);
    logits ??= emptySums(l.length);
    const half = (r % 2) as 0 | 1;
    // A draw with a number that is not finite is left out of both.
    if (!allFinite(p) || !allFinite(l)) continue;
    add(parameters, p, half);
    add(logits, l, half);
    kept[half] += 1;
  }
  const n = kept[0] + kept[1];
  const [a, b] = parameters!.halves;
  return {
    mean: a.map((x, i) => (x + b[i]!) / n),
    trace: trace(parameters!, n),
    logits: trace(logits!, n) / rows,
    squaredNorm: a.reduce((total, x, i) => total + (x / kept[0]) * (b[i]! / kept[1]), 0),
    draws: n,
  };
}

/**
 * Measures at the parameters, state and scalars in `inputs`; batches are added here. Batches and noise are named by seed and
 * step, so that estimators are compared on the same.
 */
export async function measureGradients(
  draw: Compiled,
  { task }: TrainingSetup,
  { inputs, seed, step }: { readonly inputs: Arrays; readonly seed: number; readonly step: number },
  { batches: M, draws: R }: { readonly batches: number; readonly draws: number },
): Promise<GradientStatistics> {
  const rowsOf = fixedRows(task, seed);
  const results: BatchResult[] = [];
  for (let m = 0; m < M; m++) {
    const given = { ...inputs, ...prefixed("batch", task.gather("train", rowsOf(m))) };
    const drawOne = (r: number) => draw.run(given, stream("gradients", task.name, seed, step, m, r));
    results.push(await measureBatch(drawOne, R, task.rows));
    await new Promise(setImmediate);
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
