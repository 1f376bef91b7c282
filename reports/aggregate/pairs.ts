/** Compares estimators with each other, paired by seed; p values are corrected by Holm's method within a task. */
import type { UnrankedRow } from "./estimator-row.ts";
import { holm, pairedDifference, testVerdict } from "./statistics.ts";
import type { Measure, Pair, Verdict } from "../format/summary.ts";

/** One estimator's values by seed. */
export interface SeedSeries {
  readonly label: string;
  /** States of seeds without a result: `2 of 5 diverged`. */
  readonly broken?: string | undefined;
  readonly values: readonly { readonly seed: number; readonly value: number }[];
}

export const seriesOf = ({ estimator, value, broken }: UnrankedRow): SeedSeries => ({
  label: estimator,
  values: value?.values ?? [],
  broken,
});

type Difference = Pick<Pair, "difference" | "low" | "high" | "seeds" | "p"> & {
  /** Above zero where the first is better. */
  readonly advantage: number | null;
};

/** Compares two series on the seeds that both have: by differences on a linear scale, by ratios on a logarithmic one. */
export function compareSeries(first: SeedSeries, second: SeedSeries, measure: Measure): Difference {
  const bySeed = new Map(second.values.map(({ seed, value }) => [seed, value]));
  const shared = first.values.flatMap(({ seed, value }) => {
    const other = bySeed.get(seed);
    return other === undefined ? [] : [[value, other] as const];
  });
  const seeds = shared.length;
  if (seeds === 0) return { difference: null, low: null, high: null, seeds, p: null, advantage: null };
  const ratios = measure.scale === "log" && shared.every(([a, b]) => a > 0 && b > 0);
  const { mean, low, high, p } = pairedDifference(shared.map(([a, b]) => (ratios ? Math.log(a / b) : a - b)));
  const advantage = measure.higherIsBetter ? mean : -mean;
  if (measure.scale === "linear") return { difference: mean, low, high, seeds, p, advantage };
  // A variance of zero has no ratio: the test is of the plain difference, and no ratio is stated.
  if (!ratios) return { difference: null, low: null, high: null, seeds, p, advantage };
  const raised = (value: number | null) => (value === null ? null : Math.exp(value));
  return { difference: Math.exp(mean), low: raised(low), high: raised(high), seeds, p, advantage };
}

/**
 * Withholds a verdict that broken seeds may have caused. The seeds that an estimator has lost are those it did worst
 * on, so the others can show that it is worse, and nothing else.
 */
export function withheldVerdict(verdict: Verdict, first: SeedSeries, second: SeedSeries): Verdict {
  const [firstBroke, secondBroke] = [first.broken !== undefined, second.broken !== undefined];
  const doubtful = {
    better: firstBroke,
    worse: secondBroke,
    "no detectable difference": firstBroke || secondBroke,
    "not enough seeds to tell": false,
    "not judged": false,
  };
  return doubtful[verdict] ? "not judged" : verdict;
}

/** All pairs, each once, the earlier of `series` first. */
export function comparePairs(series: readonly SeedSeries[], measure: Measure): Pair[] {
  const pairs = series.flatMap((first, index) =>
    series.slice(index + 1).map((second) => ({ first, second, ...compareSeries(first, second, measure) })),
  );
  const adjusted = holm(pairs.map(({ p }) => p));
  return pairs.map(({ advantage, first, second, ...difference }, index) => {
    const corrected = adjusted[index] ?? null;
    const broken = [first, second].filter((one) => one.broken !== undefined);
    return {
      first: first.label,
      second: second.label,
      ...difference,
      adjusted: corrected,
      verdict: withheldVerdict(testVerdict(advantage, corrected), first, second),
      ...(broken.length > 0 && { broken: broken.map((one) => `${one.label}: ${one.broken}`).join("; ") }),
    };
  });
}

/** Returns a function that tells whether the verdict separates two estimators. */
export function detectsDifference(pairs: readonly Pair[]): (first: string, second: string) => boolean {
  const key = (first: string, second: string) => JSON.stringify([first, second].sort());
  const apart = new Set(
    pairs
      .filter(({ verdict }) => verdict === "better" || verdict === "worse")
      .map(({ first, second }) => key(first, second)),
  );
  return (first, second) => apart.has(key(first, second));
}
