/** Gradient statistics at fixed parameters: M fixed batches × R draws, estimator noise apart from minibatch noise. */
import { lastGradients, onTape, tf } from "../../estimators/core/autodiff.ts";
import type { Named } from "../../estimators/estimator.ts";
import type { Arrays } from "../../tasks/task.ts";
import type { GradientRow } from "../../reports/format/records.ts";
import type { Compiled, Engine } from "../engine/engine.ts";
import { play, probesFor, stepOptions } from "./program.ts";
import { prefixed, stepShapes, type StepSource, under } from "./step.ts";
import { batches as batchRows, stream } from "./noise-streams.ts";

/**
 * One draw of the gradient: `parameters/NAME` for those upstream of the samples, and `logits/SITE` [B, ...shape],
 * the gradient of the row's own cost with respect to its logits, through the samples only.
 */
export async function compileDraw(
  engine: Engine,
  source: StepSource,
  upstream: readonly string[],
): Promise<Compiled> {
  const { task, estimator, settings, initial } = source;
  const body = (inputs: Named, noise: Parameters<Parameters<Engine["compile"]>[0]>[1]): Named => {
    const parameters = under("task", inputs);
    const probes = probesFor(task, task.rows);
    const outputs: Named = {};
    onTape(() => {
      const { total } = play(task, estimator, {
        parameters,
        own: under("own", inputs),
        state: under("state", inputs),
        batch: under("batch", inputs),
        options: stepOptions(estimator, settings, inputs),
        noise,
        probes,
      });
      const sites = task.sites.map(({ name }) => name);
      const xs = [...upstream.map((name) => parameters[name]!), ...sites.map((name) => probes[name]!)];
      lastGradients(total, xs).forEach((g, i) => {
        const site = sites[i - upstream.length];
        if (site === undefined) outputs[`parameters/${upstream[i]}`] = g;
        else outputs[`logits/${site}`] = tf.mul(tf.squeeze(g, [0]), task.rows);
      });
    });
    return outputs;
  };
  const shapes = (arrays: Arrays, prefix: string) =>
    prefixed(prefix, Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape])));
  return engine.compile(body, {
    ...stepShapes(source),
    ...shapes(initial.parameters, "task"),
    ...shapes(initial.own, "own"),
    ...shapes(initial.state, "state"),
  });
}

/** Sums over the draws of one batch. */
interface Sums {
  readonly halves: readonly [Float64Array, Float64Array];
  readonly squares: Float64Array;
}

const sums = (n: number): Sums => ({
  halves: [new Float64Array(n), new Float64Array(n)],
  squares: new Float64Array(n),
});

// Loops by index: a run looks at hundreds of millions of numbers here, and a closure or an iterator costs ten times as much.

/** Whether all are finite: what is not leaves a NaN, times zero. */
export function allFinite(draw: readonly Float32Array[]): boolean {
  let zeros = 0;
  for (const part of draw) for (let i = 0; i < part.length; i++) zeros += part[i]! * 0;
  return zeros === 0;
}

function add({ halves, squares }: Sums, draw: readonly Float32Array[], half: 0 | 1): void {
  const sum = halves[half];
  let from = 0;
  for (const part of draw) {
    for (let i = 0; i < part.length; i++) {
      const x = part[i]!;
      sum[from + i]! += x;
      squares[from + i]! += x * x;
    }
    from += part.length;
  }
}

/** Trace of the covariance of a draw, from n draws. */
function trace({ halves: [a, b], squares }: Sums, n: number): number {
  let total = 0;
  for (let i = 0; i < squares.length; i++) total += squares[i]! - (a[i]! + b[i]!) ** 2 / n;
  return Math.max(0, total) / (n - 1);
}

export interface Measured extends Pick<GradientRow, "batches" | "draws" | "notFinite"> {
  readonly values: Pick<
    GradientRow,
    | "varianceEstimator"
    | "varianceEstimatorError"
    | "varianceMinibatch"
    | "varianceMinibatchError"
    | "varianceLogits"
    | "norm"
    | "signalToNoise"
    | "deviation"
  >;
}

const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
const finite = (x: number) => (Number.isFinite(x) ? x : null);

interface BatchResult {
  readonly mean: Float64Array;
  readonly trace: number;
  /** Trace of the logit gradients' covariance, mean over rows. */
  readonly logits: number;
  /** Estimate of ‖g‖² without the noise's own share: the product of two halves' means. */
  readonly squaredNorm: number;
  readonly draws: number;
  readonly notFinite: number;
}

async function measureBatch(
  draw: (r: number) => Promise<Arrays>,
  R: number,
  rows: number,
): Promise<BatchResult> {
  let parameters: Sums | undefined;
  let logits: Sums | undefined;
  const kept: [number, number] = [0, 0];
  for (let r = 0; r < R; r++) {
    const outputs = Object.entries(await draw(r));
    const parts = (prefix: string) =>
      outputs.flatMap(([name, a]) => (name.startsWith(prefix) ? [a.values] : []));
    const [p, l] = [parts("parameters/"), parts("logits/")];
    const length = (arrays: readonly Float32Array[]) => arrays.reduce((n, a) => n + a.length, 0);
    parameters ??= sums(length(p));
    logits ??= sums(length(l));
    const half = (r % 2) as 0 | 1;
    // A draw with a coordinate that is not finite is left out of both.
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
    notFinite: R - n,
  };
}

/** What a measurement needs beside the compiled draw. */
export interface At {
  readonly inputs: Arrays;
  readonly seed: number;
  readonly step: number;
}

/** Measures at the parameters, state and scalars in `inputs` (batches are added here). */
export async function measureGradients(
  compiled: Compiled,
  { task }: StepSource,
  { inputs, seed, step }: At,
  { batches: M, draws: R }: { batches: number; draws: number },
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Measured> {
  const rowsOf = batchRows(`${task.name} fixed`, seed, task.splits.train, task.rows);
  const results: BatchResult[] = [];
  for (let m = 0; m < M; m++) {
    const given = { ...inputs, ...prefixed("batch", task.gather("train", rowsOf(m))) };
    const draw = (r: number) => compiled.run(given, stream("gradients", task.name, seed, step, m, r));
    results.push(await measureBatch(draw, R, task.rows));
    await pause();
  }
  return {
    batches: M,
    draws: R,
    notFinite: results.reduce((n, b) => n + b.notFinite, 0),
    values: combine(results),
  };
}

/** Standard error of the minibatch variance by the jackknife over batches; NaN below three. */
function minibatchError(distances: readonly number[], noise: readonly number[]): number {
  const M = distances.length;
  const total = distances.reduce((a, b) => a + b, 0);
  const share = noise.reduce((a, b) => a + b, 0);
  // Without batch m the squared distances to the mean of the others add up to total − M/(M−1) d_m.
  const without = distances.map(
    (d, m) => (total - (M / (M - 1)) * d) / (M - 2) - (share - noise[m]!) / (M - 1),
  );
  const centre = mean(without);
  return Math.sqrt(((M - 1) / M) * without.reduce((sum, x) => sum + (x - centre) ** 2, 0));
}

function combine(results: readonly BatchResult[]): Measured["values"] {
  const traces = results.map((b) => b.trace);
  const estimator = mean(traces);
  const M = results.length;
  const overall = results[0]!.mean.map((_, i) => mean(results.map((b) => b.mean[i]!)));
  const distances = results.map((b) => b.mean.reduce((s, x, i) => s + (x - overall[i]!) ** 2, 0));
  const noise = results.map((b) => b.trace / b.draws);
  const between = distances.reduce((a, b) => a + b, 0) / (M - 1);
  const norm = Math.sqrt(overall.reduce((s, x) => s + x * x, 0));
  const spread = Math.sqrt(traces.reduce((s, t) => s + (t - estimator) ** 2, 0) / (M - 1));
  const signal = mean(results.map((b) => Math.max(0, b.squaredNorm)));
  return {
    varianceEstimator: finite(estimator),
    varianceEstimatorError: finite(spread / Math.sqrt(M)),
    varianceMinibatch: finite(Math.max(0, between - mean(noise))),
    varianceMinibatchError: M < 3 ? null : finite(minibatchError(distances, noise)),
    varianceLogits: finite(mean(results.map((b) => b.logits))),
    norm: finite(norm),
    signalToNoise: finite(signal / estimator),
    deviation: finite(Math.sqrt(estimator) / Math.sqrt(signal)),
  };
}
