/** The percentile bootstrap, for statistics that have no t interval. Pure: its draws are a function of their count. */
import { significance } from "./statistics.ts";
import type { Range } from "./statistics.ts";

/** Below this a percentile interval covers far less than it says (75% where it says 95%, of three values). */
export const fewestForBootstrap = 10;

/** The k-th of a fixed sequence of uniform 32-bit integers: splitmix32. */
function mixed(k: number): number {
  let z = Math.imul(k + 1, 0x9e3779b9);
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/**
 * A statistic with the percentiles of its values on resamples with replacement: approximate, and without bounds
 * below ten values. The same values give the same interval.
 */
export function bootstrapInterval(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
  { resamples = 4000, coverage = 1 - significance } = {},
): Range {
  const n = values.length;
  const mean = statistic(values);
  if (n < fewestForBootstrap) return { mean, low: null, high: null };
  const drawn = Array.from({ length: resamples }, (_, b) =>
    statistic(Array.from({ length: n }, (_, i) => values[Math.floor((mixed(b * n + i) / 2 ** 32) * n)]!)),
  ).sort((a, b) => a - b);
  const tail = Math.floor(((1 - coverage) / 2) * resamples);
  return { mean, low: drawn[tail]!, high: drawn[resamples - 1 - tail]! };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}
