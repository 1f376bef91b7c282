/** The variance of an estimator's draws, with the error of this number. */
import type { Fill } from "../engine/engine.ts";
import type { TrainingSetup } from "../train/training-setup.ts";
import { rowDraw } from "./gradient-draw.ts";
import type { Subject } from "./subject.ts";

export interface DrawVariance {
  /** Trace of a draw's covariance, of the coordinates before the samples. */
  readonly variance: number;
  readonly standardError: number;
  /** ‖E g‖², less what the variance adds to the square of a mean of so many draws, and its standard error. */
  readonly squaredMean: number;
  readonly squaredMeanError: number;
}

/** The variance over calls that have the rows of the setup; `noiseOf` gives each call its noise. */
export async function drawVariance(
  { engine }: Pick<Subject, "engine">,
  setup: TrainingSetup,
  { calls, noiseOf }: { readonly calls: number; readonly noiseOf: (call: number) => Fill },
): Promise<DrawVariance> {
  const draw = await rowDraw(engine, setup);
  const { decoderFrom } = draw;
  const width = draw.labels.length;
  const rows: Float32Array[] = [];
  for (let call = 0; call < calls; call++) {
    const values = Float32Array.from(await draw.run(noiseOf(call)));
    for (let b = 0; b < draw.rows; b++) rows.push(values.subarray(b * width, b * width + decoderFrom));
  }
  const n = rows.length;
  const mean = new Float64Array(decoderFrom);
  for (const row of rows) row.forEach((x, k) => void (mean[k]! += x / n));
  const distances = rows.map((row) => row.reduce((sum, x, k) => sum + (x - mean[k]!) ** 2, 0));
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / (n - 1);
  const variance = average(distances);
  const squared = mean.reduce((sum, x) => sum + x * x, 0);
  const along = rows.map((row) => row.reduce((sum, x, k) => sum + (x - mean[k]!) * mean[k]!, 0));
  return {
    variance,
    standardError: Math.sqrt(average(distances.map((d) => (d - variance) ** 2)) / n),
    squaredMean: squared - variance / n,
    squaredMeanError: 2 * Math.sqrt(average(along.map((x) => x ** 2)) / n),
  };
}
