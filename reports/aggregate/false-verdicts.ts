/** How often verdicts are wrong where nothing differs: groups of seeds of one estimator, compared as if of several. */
import { comparePairs } from "./pairs.ts";
import { significance } from "./statistics.ts";
import { incompleteBeta } from "./student.ts";
import type { Measure, Pair } from "../format/summary.ts";

export interface FalseVerdicts {
  /** Seeds of each estimator. */
  readonly seeds: number;
  /** How many estimators are compared at once, with Holm's correction over their pairs. */
  readonly estimators: number;
  readonly comparisons: number;
  /** Comparisons in which some pair got a verdict. */
  readonly wrong: number;
  /** Their share, with its exact 95 % interval (Clopper and Pearson 1934). */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

const measure: Measure = {
  ...{ metric: "cost", split: "train", title: "cost", unit: "" },
  ...{ higherIsBetter: false, scale: "linear", provisional: false },
};

/**
 * Compares disjoint groups of the values, one of each seed of a single estimator: no seed is in two comparisons, so that
 * they are independent. `compare` gives the verdicts, by default those of a report.
 */
export function falseVerdicts(
  values: readonly number[],
  { seeds, estimators }: Pick<FalseVerdicts, "seeds" | "estimators">,
  compare: (...given: Parameters<typeof comparePairs>) => readonly Pick<Pair, "verdict">[] = comparePairs,
): FalseVerdicts {
  const comparisons = Math.floor(values.length / (seeds * estimators));
  let wrong = 0;
  for (let c = 0; c < comparisons; c++) {
    const series = Array.from({ length: estimators }, (_, e) => ({
      label: String(e),
      values: Array.from({ length: seeds }, (_seed, seed) => ({
        ...{ seed, value: values[(c * estimators + e) * seeds + seed]! },
      })),
    }));
    const verdicts = compare(series, measure).map(({ verdict }) => verdict);
    if (verdicts.some((verdict) => verdict === "better" || verdict === "worse")) wrong += 1;
  }
  return {
    seeds,
    estimators,
    comparisons,
    wrong,
    rate: wrong / comparisons,
    ...shareInterval(wrong, comparisons),
  };
}

/** The exact 95 % interval of a probability from `count` events in `n`. */
export function shareInterval(count: number, n: number): { readonly low: number; readonly high: number } {
  /** The p at which I_p(a, b), which grows with p, reaches a value. */
  const solve = (a: number, b: number, value: number) => {
    let [low, high] = [0, 1];
    for (let k = 0; k < 60; k++) {
      const middle = (low + high) / 2;
      if (incompleteBeta(middle, 1 - middle, a, b) < value) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return {
    low: count === 0 ? 0 : solve(count, n - count + 1, significance / 2),
    high: count === n ? 1 : solve(count + 1, n - count, 1 - significance / 2),
  };
}

/** `4.9% [4.1, 5.8] with 3 seeds` */
export function rateText({ rate, low, high, seeds }: FalseVerdicts): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  return `${percent(rate)}% [${percent(low)}, ${percent(high)}] with ${seeds} seeds`;
}
