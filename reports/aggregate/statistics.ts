/** Intervals, paired differences, Holm's correction and tie groups: pure functions of numbers. */
import { twoSidedP, twoSidedQuantile } from "./student.ts";
import type { Verdict } from "../format/summary.ts";

/** With fewer seeds there is neither an interval nor a verdict. */
export const fewestSeeds = 3;

/** Family-wise error rate of the verdicts, and one minus the coverage of the intervals. */
export const significance = 0.05;

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The unbiased sample variance, n − 1 in the denominator; NaN below two values. */
export function sampleVariance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

/** A mean with the ends of its interval, which are null where there are too few values. */
export interface Range {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The mean with its t interval, x̄ ± t_{n−1} s / √n, which is exact for normal values; below three values the mean
 * alone, because an interval could not be trusted.
 */
export function tInterval(values: readonly number[], coverage = 1 - significance): Range {
  const n = values.length;
  const centre = mean(values);
  if (n < fewestSeeds) return { mean: centre, low: null, high: null };
  const half = twoSidedQuantile(1 - coverage, n - 1) * Math.sqrt(sampleVariance(values) / n);
  return { mean: centre, low: centre - half, high: centre + half };
}

/** The geometric mean with the t interval of the logarithms, for variances and times; values must be above zero. */
export function geometricInterval(values: readonly number[], coverage = 1 - significance): Range {
  const { mean: centre, low, high } = tInterval(values.map(Math.log), coverage);
  const raise = (value: number | null) => (value === null ? null : Math.exp(value));
  return { mean: Math.exp(centre), low: raise(low), high: raise(high) };
}

/**
 * A t interval on a linear scale, a geometric one on a logarithmic scale. Zeros have no logarithm (the variance of
 * exact enumeration): then the plain mean, without an interval.
 */
export function intervalOn(scale: "linear" | "log", values: readonly number[]): Range {
  if (scale === "linear") return tInterval(values);
  return values.every((value) => value > 0)
    ? geometricInterval(values)
    : { mean: mean(values), low: null, high: null };
}

/** The paired t test of a mean difference of zero; `p` is null below three pairs. */
export function pairedDifference(differences: readonly number[]): Range & { readonly p: number | null } {
  const range = tInterval(differences);
  if (differences.length < fewestSeeds) return { ...range, p: null };
  const error = Math.sqrt(sampleVariance(differences) / differences.length);
  // Equal differences have no error: a shift is certain, or its absence is.
  const p = error === 0 ? (range.mean === 0 ? 1 : 0) : twoSidedP(range.mean / error, differences.length - 1);
  return { ...range, p };
}

/** Holm's step-down adjusted p values, in the given order; nulls stand for tests not made, and stay null. */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const tested = ps.flatMap((p, index) => (p === null ? [] : [{ p, index }])).sort((a, b) => a.p - b.p);
  const adjusted: (number | null)[] = ps.map(() => null);
  let largest = 0;
  for (const [rank, { p, index }] of tested.entries()) {
    largest = Math.max(largest, Math.min(1, p * (tested.length - rank)));
    adjusted[index] = largest;
  }
  return adjusted;
}

/** The verdict on the first of two estimators, from its advantage (positive: better) and its adjusted p value. */
export function testVerdict(advantage: number | null, adjusted: number | null): Verdict {
  if (advantage === null || adjusted === null) return "not enough seeds to tell";
  if (adjusted >= significance) return "no detectable difference";
  return advantage > 0 ? "better" : "worse";
}

/** a, b, …, z, a2, b2, …: `ab` stays two groups. */
function letter(index: number): string {
  const round = Math.floor(index / 26) + 1;
  return String.fromCharCode(97 + (index % 26)) + (round > 1 ? String(round) : "");
}

/**
 * Tie groups of `count` items sorted from best to worst: a letter for every longest run of neighbours in which no
 * pair differs. Two that share a letter are not detectably different; the reverse need not hold.
 */
export function tieGroups(count: number, differ: (first: number, second: number) => boolean): string[] {
  const groups: string[] = Array.from({ length: count }, () => "");
  let reached = -1;
  let letters = 0;
  for (let start = 0; start < count; start++) {
    let end = start;
    const joins = (next: number) =>
      Array.from({ length: next - start }, (_, k) => start + k).every((member) => !differ(member, next));
    while (end + 1 < count && joins(end + 1)) end++;
    if (end <= reached) continue;
    for (let member = start; member <= end; member++) groups[member] += letter(letters);
    letters++;
    reached = end;
  }
  return groups;
}
