/** The mean squared error of a gradient estimate: bias² + variance. */
import type { CellRecord, GradientRow } from "./records.ts";

/**
 * The error of one draw, and that of a gradient that costs one evaluation: bias² + variance × evaluations of a draw, since
 * averaging draws lowers the variance and leaves the bias. Undefined where the bias was not measured, unless the estimator
 * claims to have none.
 */
export function squaredErrors(
  { bias, varianceEstimator }: GradientRow,
  { claims, evaluations: { forward, backward } }: Pick<CellRecord, "claims" | "evaluations">,
): { readonly perDraw: number; readonly perEvaluation: number } | undefined {
  const size = bias ?? (bias === undefined && claims?.["unbiased"] === true ? 0 : null);
  if (size === null || varianceEstimator === null) return undefined;
  return squaredErrorsOf(size ** 2, varianceEstimator, forward + backward);
}

/** The same from its parts. */
export const squaredErrorsOf = (squaredBias: number, variance: number, evaluations: number) => ({
  perDraw: squaredBias + variance,
  perEvaluation: squaredBias + variance * evaluations,
});
