/** Every estimator against every other, paired by seed, corrected by Holm within the task. */
import { holm, pairedDifference, verdictOf } from "./statistics.ts";
import type { Measure, Pair, Verdict } from "../format/summary.ts";

/** One estimator's values by seed. */
export interface Series {
  readonly label: string;
  /** What befell the seeds that broke: `2 of 5 diverged`. */
  readonly broken?: string | undefined;
  readonly values: readonly { readonly seed: number; readonly value: number }[];
}

interface Difference {
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly seeds: number;
  readonly p: number | null;
  /** Above zero where the first is better. */
  readonly advantage: number | null;
}

/** Paired by seed: differences on a linear scale, ratios on a logarithmic one. */
export function compareSeries(first: Series, second: Series, measure: Measure): Difference {
  const theirs = new Map(second.values.map(({ seed, value }) => [seed, value]));
  const shared = first.values.flatMap(({ seed, value }) => {
    const other = theirs.get(seed);
    return other === undefined ? [] : [[value, other] as const];
  });
  if (shared.length === 0)
    return { difference: null, low: null, high: null, seeds: 0, p: null, advantage: null };
  const sign = measure.higherIsBetter ? 1 : -1;
  const ratios = measure.scale === "log" && shared.every(([a, b]) => a > 0 && b > 0);
  const { mean, low, high, p } = pairedDifference(shared.map(([a, b]) => (ratios ? Math.log(a / b) : a - b)));
  const advantage = sign * mean;
  const seeds = shared.length;
  if (measure.scale === "linear") return { difference: mean, low, high, seeds, p, advantage };
  // A variance of zero has no ratio: the test is of the plain difference, and no ratio is stated.
  if (!ratios) return { difference: null, low: null, high: null, seeds, p, advantage };
  const raise = (value: number | null) => (value === null ? null : Math.exp(value));
  return { difference: Math.exp(mean), low: raise(low), high: raise(high), seeds, p, advantage };
}

/**
 * The seeds that an estimator has lost are those it did worst on: what is left may show that it is worse, and nothing
 * else.
 */
export function judged(verdict: Verdict, first: Series, second: Series): Verdict {
  const lostByWinner = { better: first.broken, worse: second.broken } as const;
  if (verdict === "better" || verdict === "worse")
    return lostByWinner[verdict] === undefined ? verdict : "not judged";
  const anyBroken = first.broken !== undefined || second.broken !== undefined;
  return verdict === "no detectable difference" && anyBroken ? "not judged" : verdict;
}

function brokenOf(series: readonly Series[]): { broken?: string } {
  const texts = series.flatMap(({ label, broken }) => (broken === undefined ? [] : [`${label}: ${broken}`]));
  return texts.length === 0 ? {} : { broken: texts.join("; ") };
}

/** All pairs, each once, the earlier of `series` first. */
export function comparePairs(series: readonly Series[], measure: Measure): Pair[] {
  const raw = series.flatMap((first, index) =>
    series.slice(index + 1).map((second) => ({ first, second, ...compareSeries(first, second, measure) })),
  );
  const adjusted = holm(raw.map(({ p }) => p));
  return raw.map(({ advantage, first, second, ...pair }, index) => ({
    first: first.label,
    second: second.label,
    ...pair,
    adjusted: adjusted[index] ?? null,
    verdict: judged(verdictOf(advantage, adjusted[index] ?? null), first, second),
    ...brokenOf([first, second]),
  }));
}

/** Whether a verdict tells two estimators apart. */
export function differs(pairs: readonly Pair[]): (first: string, second: string) => boolean {
  const apart = new Set(
    pairs
      .filter(({ verdict }) => verdict === "better" || verdict === "worse")
      .flatMap(({ first, second }) => [JSON.stringify([first, second]), JSON.stringify([second, first])]),
  );
  return (first, second) => apart.has(JSON.stringify([first, second]));
}
