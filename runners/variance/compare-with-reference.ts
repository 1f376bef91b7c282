/** Compares the draws of an estimator with the reference gradient: the statistics of a row of `bench variance`. */
import { squaredErrorsOf } from "../../reports/format/gradient-error.ts";
import type { VarianceRow } from "../../reports/format/variance-row.ts";
import type { BlockSums } from "../train/block-sums.ts";
import { meanOf, norm, type Draws } from "../train/draw-sums.ts";
import { finiteOrNull } from "../train/gradient-statistics.ts";
import { deviationOf, squaredBias, traceWithError } from "./moments.ts";
import type { Reference } from "./reference.ts";

/** Gradients of more parameters than this are not listed. */
const listed = 1000;

/** The columns that compare draws with a reference. */
type Comparison = Omit<
  VarianceRow,
  "estimator" | "task" | "protocol" | "stage" | "step" | "settled" | "batches" | "draws" | "evaluations"
>;

const list = (x: Float64Array) => (x.length > listed ? null : [...x]);

/** `rows` of the batch; `forward` and `backward` evaluations of the cost per row and draw. */
export function compareWithReference(
  { parameters, logits, seconds, cosines, count }: Draws,
  reference: Reference,
  { rows, forward, backward }: { readonly rows: number; readonly forward: number; readonly backward: number },
): Comparison {
  const variance = traceWithError(parameters);
  const perLogit = traceWithError(logits);
  const deviation = deviationOf(parameters);
  const secondsPerDraw = seconds / count;
  const bias = biasOf(parameters, reference);
  const squared = squaredErrorsOf(bias.norm ** 2, variance.value, forward + backward);
  return {
    reference: reference.name,
    referenceError: reference.error,
    gradient: {
      norm: norm(reference.mean),
      parameters: list(meanOf(parameters)),
      exact: reference.gradient instanceof Float64Array ? list(reference.gradient) : null,
    },
    bias,
    variance: {
      parameters: variance.value,
      logits: perLogit.value / rows,
      standardError: variance.error,
      logitsError: perLogit.error / rows,
    },
    deviation: finiteOrNull(deviation.value),
    deviationError: finiteOrNull(deviation.error),
    ...cosineOf(cosines),
    ...signalOf(parameters, reference),
    secondsPerDraw,
    varianceTimesEvaluations: variance.value * forward,
    varianceTimesSeconds: variance.value * secondsPerDraw,
    meanSquaredError: squared.perDraw,
    meanSquaredErrorPerEvaluation: squared.perEvaluation,
    notFinite: parameters.notFinite,
  };
}

/**
 * The bias is √T. Its error is how far √T moves when T grows by its own error: error / 2√T where the bias is clear, and at
 * most √error where it is not. A sampled reference adds its own error to that of the ratio to ‖g‖.
 */
function biasOf(parameters: BlockSums, reference: Reference): VarianceRow["bias"] {
  const { value, error } = squaredBias(parameters, reference.gradient);
  const truth = norm(reference.mean);
  const size = Math.sqrt(Math.max(0, value));
  const standardError = value > 0 ? Math.sqrt(value + error) - size : null;
  const relative = size / truth;
  return {
    ...{ norm: size, relative, z: error > 0 ? value / error : 0 },
    ...{ squared: value, squaredError: error, standardError },
    relativeError:
      standardError === null
        ? null
        : finiteOrNull(Math.hypot(standardError / truth, relative * (reference.error ?? 0))),
  };
}

function cosineOf(cosines: readonly number[]): Pick<VarianceRow, "cosine" | "cosineError"> {
  const n = cosines.length;
  const cosine = cosines.reduce((a, b) => a + b, 0) / n;
  const spread = cosines.reduce((total, x) => total + (x - cosine) ** 2, 0) / (n - 1);
  return { cosine: finiteOrNull(cosine), cosineError: finiteOrNull(Math.sqrt(spread / n)) };
}

/** The jackknife of 1 / tr Cov, and twice the relative error of a sampled reference's norm. */
function signalOf(parameters: BlockSums, reference: Reference) {
  const squared = norm(reference.mean) ** 2;
  const { value, error } = traceWithError(parameters, (trace) => squared / trace);
  return {
    signalToNoise: finiteOrNull(value),
    signalToNoiseError: Number.isFinite(value)
      ? finiteOrNull(Math.hypot(error, 2 * value * (reference.error ?? 0)))
      : null,
  };
}
