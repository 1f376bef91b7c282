/** The variance of an estimator's draws, with the error of this number. */
import type { Fill } from "../engine/engine.ts";
import type { TrainingSetup } from "../train/training-setup.ts";
import { manyDraws } from "./many-draws.ts";
import type { Subject } from "./subject.ts";

export interface DrawVariance {
  /** Trace of a draw's covariance, of the coordinates before the samples. */
  readonly variance: number;
  readonly standardError: number;
  /** ‖E g‖², less what the variance adds to the square of a mean of so many draws, and its standard error. */
  readonly squaredMean: number;
  readonly squaredMeanError: number;
}

/** Rows that one run of the compiled step draws; even, since rows of some problems differ in turn. */
const rowsOfPart = 1000;

/** The variance over calls of so many rows; `open` makes the step, `noiseOf` gives each call its noise. */
export async function drawVariance(
  subject: Pick<Subject, "engine" | "trainingEngine">,
  open: (rows: number) => Promise<TrainingSetup>,
  given: {
    readonly calls: number;
    readonly rowsOfCall: number;
    readonly noiseOf: (call: number) => Fill;
  },
): Promise<DrawVariance> {
  const draw = await manyDraws(subject, await open(rowsOfPart));
  const { decoderFrom } = draw;
  const rows: Float32Array[] = [];
  for (let call = 0; call < given.calls; call++)
    await draw.run(given.rowsOfCall, given.noiseOf(call), (row) => rows.push(row.slice(0, decoderFrom)));
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
