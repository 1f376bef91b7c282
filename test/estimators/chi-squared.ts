/** Pearson's χ² of counts. */
import { upperTail } from "../../reports/aggregate/normal-tail.ts";

/** P(χ² ≥ that of these counts), with χ² taken as normal by Wilson and Hilferty's cube root. */
export function chiSquaredP(observed: readonly number[], expected: readonly number[]): number {
  const x = observed.reduce((sum, n, i) => sum + (n - expected[i]!) ** 2 / expected[i]!, 0);
  const freedom = observed.length - 1;
  const spread = 2 / (9 * freedom);
  const z = (Math.cbrt(x / freedom) - 1 + spread) / Math.sqrt(spread);
  return z >= 0 ? upperTail(z) : 1 - upperTail(-z);
}
