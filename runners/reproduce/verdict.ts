/** Compares a measured value with a published one. */
import type { ReproducedValue, ReproductionVerdict } from "../../reports/format/reproduction-record.ts";
import { tInterval } from "../../reports/aggregate/statistics.ts";
import type { Quantity } from "./paper.ts";

/** Half width of a normal 95 % interval, in standard errors. */
const normal = 1.959964;

export interface ValueWithError {
  readonly value: number;
  /** Standard error of the mean over rows or draws; absent where nothing was averaged. */
  readonly standardError?: number;
}

/** Mean and 95 % interval: t over three seeds or more, else normal over the rows of the test split or the draws. */
export function meanWithInterval(
  values: readonly ValueWithError[],
  within: "rows" | "draws",
): ReproducedValue | null {
  if (values.length === 0) return null;
  const numbers = values.map(({ value }) => value);
  const { mean, low, high } = tInterval(numbers);
  if (low !== null && high !== null) return { mean, low, high, over: "seeds", n: values.length };
  const errors = values.map(({ standardError }) => standardError);
  if (errors.some((error) => error === undefined)) {
    return { mean, low: null, high: null, over: "nothing", n: values.length };
  }
  // The rows are the same for all seeds, so that their errors do not average out.
  const half = (normal * errors.reduce<number>((sum, error) => sum + error!, 0)) / values.length;
  return { mean, low: mean - half, high: mean + half, over: within, n: values.length };
}

/** Measured less published, and whether the interval, widened by half a printed unit, holds the published value. */
export function verdictOf(
  measured: ReproducedValue | null,
  published: number | undefined,
  { better, decimals }: Pick<Quantity, "better" | "decimals">,
): { readonly difference: number | null; readonly verdict: ReproductionVerdict } {
  if (measured === null) return { difference: null, verdict: "not measured" };
  if (published === undefined) return { difference: null, verdict: "nothing published" };
  const difference = measured.mean - published;
  const rounding = 0.5 * 10 ** -decimals;
  const half = measured.high === null ? 0 : measured.high - measured.mean;
  // Sums such as 58.85 − 58.9 are off by a few units of the last binary place.
  const agrees = Math.abs(difference) <= (half + rounding) * (1 + 1e-9);
  if (agrees) return { difference, verdict: "agrees" };
  if (better === undefined) return { difference, verdict: "differs" };
  return { difference, verdict: difference < 0 === (better === "lower") ? "better" : "worse" };
}

/** Spearman's rank correlation of pairs, mean ranks for ties; null below three pairs or where one side is all tied. */
export function rankCorrelation(pairs: readonly (readonly [number, number])[]): number | null {
  if (pairs.length < 3) return null;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  // Ranks less their mean, times two.
  const [a, b] = [0, 1].map((side) => {
    const values = pairs.map((pair) => pair[side]!);
    return values.map((value) => sum(values.map((other) => Math.sign(value - other))));
  }) as [number[], number[]];
  const dot = (x: readonly number[], y: readonly number[]) => sum(x.map((value, i) => value * y[i]!));
  const length = Math.sqrt(dot(a, a) * dot(b, b));
  return length === 0 ? null : dot(a, b) / length;
}
