/** Estimators compared over several tasks, by the statistics of rliable (Agarwal et al. 2021) and by mean ranks. */
import type { AcrossTasks, RankingRow, TaskSummary } from "../format/summary.ts";
import { rankTest } from "./friedman.ts";
import { mean, significance, tieGroups, type Range } from "./statistics.ts";

/** The scores of an estimator: for each task those of its seeds, as long as they like. */
export type Scores = readonly (readonly number[])[];

/** The mean of the middle half of all scores, as scipy.stats.trim_mean(scores, 0.25): ⌊n/4⌋ are cut off at both ends. */
export function interquartileMean(scores: Scores): number {
  const sorted = Float64Array.from(scores.flat()).sort();
  const cut = Math.floor(sorted.length / 4);
  return mean([...sorted.subarray(cut, sorted.length - cut)]);
}

/** The share of scores above a threshold. */
export function shareAbove(scores: Scores, threshold: number): number {
  return mean(scores.flat().map((score) => (score > threshold ? 1 : 0)));
}

/** P(a score of `x` > one of `y`) on a task, ties counted half, averaged over tasks: the Mann–Whitney statistic. */
export function improvementProbability(x: Scores, y: Scores): number {
  return mean(
    x.map((a, task) => {
      const b = y[task]!;
      let wins = 0;
      for (const one of a) for (const other of b) wins += one > other ? 1 : one === other ? 0.5 : 0;
      return wins / (a.length * b.length);
    }),
  );
}

const replicates = 2000;

/** Of more estimators only the best is compared with each other one. */
const mostPaired = 12;

/** Uniform numbers in [0, 1) that are the same on every machine (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The scores of as many seeds, drawn with replacement within each task. */
const resampled = (scores: Scores, uniform: () => number): Scores =>
  scores.map((seeds) => seeds.map(() => seeds[Math.floor(uniform() * seeds.length)]!));

/** The value at a share of sorted values, interpolated between neighbours as numpy.percentile does. */
function percentile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const next = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[next]! - sorted[below]!);
}

/** A statistic of the scores of some estimators with its stratified bootstrap interval (percentiles). */
export function bootstrapped(
  statistics: (first: Scores, second: Scores) => readonly number[],
  scores: readonly Scores[],
  seed = 1,
): Range[] {
  const uniform = generator(seed);
  const point = statistics(scores[0]!, scores.at(-1)!);
  const drawn = point.map(() => new Float64Array(replicates));
  for (let r = 0; r < replicates; r++) {
    const again = scores.map((one) => resampled(one, uniform));
    for (const [k, value] of statistics(again[0]!, again.at(-1)!).entries()) drawn[k]![r] = value;
  }
  return point.map((value, k) => {
    const sorted = drawn[k]!.sort();
    const ends = {
      low: percentile(sorted, significance / 2),
      high: percentile(sorted, 1 - significance / 2),
    };
    return { mean: value, ...ends };
  });
}

/** Thresholds of the performance profiles. */
const thresholds = Array.from({ length: 21 }, (_, k) => k / 20);

/** The values of a task on a linear scale on which more is better. */
function directed({ measure }: TaskSummary, { value }: RankingRow): number[] {
  const values = value?.values.map((one) => one.value) ?? [];
  const linear = measure?.scale === "log" ? values.map(Math.log) : values;
  return measure?.higherIsBetter === true ? linear : linear.map((one) => -one);
}

/**
 * Scores of each estimator: 0 at the worst and 1 at the best mean on the task of the estimators compared. A seed that
 * did not finish counts as the worst value of all on its task.
 */
function scoresOf(tasks: readonly TaskSummary[], estimators: readonly string[]): Scores[] {
  const perTask = tasks.map((task) => {
    const rows = estimators.map((name) => task.ranking.find(({ estimator }) => estimator === name)!);
    const finished = rows.map((row) => directed(task, row));
    const worst = Math.min(...finished.flat());
    const values = finished.map((some, i) => [
      ...some,
      ...Array.from({ length: Math.max(0, rows[i]!.seeds.all - some.length) }, () => worst),
    ]);
    const means = values.map(mean);
    const [least, most] = [Math.min(...means), Math.max(...means)];
    return values.map((some) => some.map((value) => (most > least ? (value - least) / (most - least) : 0.5)));
  });
  return estimators.map((_, i) => perTask.map((task) => task[i]!));
}

/** The comparison over tasks; null with fewer than two tasks or than two estimators that ran on all of them. */
export function acrossTasks(all: readonly TaskSummary[]): AcrossTasks | null {
  const tasks = all.filter(({ measure }) => measure !== null && !measure.provisional);
  const has = ({ ranking }: TaskSummary, name: string) =>
    ranking.some(({ estimator, value }) => estimator === name && value !== null);
  const names = [...new Set(tasks.flatMap(({ ranking }) => ranking.map(({ estimator }) => estimator)))];
  const complete = names.filter((name) => tasks.every((task) => has(task, name)));
  if (tasks.length < 2 || complete.length < 2) return null;
  const scores = scoresOf(tasks, complete);
  const rows = complete.map((estimator, i) => {
    const [iqm, ...profile] = bootstrapped(
      (one) => [interquartileMean(one), ...thresholds.map((threshold) => shareAbove(one, threshold))],
      [scores[i]!],
    );
    return {
      estimator,
      iqm: iqm!,
      profile: profile.map((share, k) => ({ threshold: thresholds[k]!, ...share })),
    };
  });
  const { ranks, chiSquared, f, p, criticalDifference } = rankTest(
    tasks.map((_, task) => scores.map((one) => mean(one[task]!))),
  );
  const order = complete.map((_, i) => i).sort((a, b) => ranks[a]! - ranks[b]!);
  const groups = tieGroups(order.length, (a, b) =>
    p >= significance ? false : Math.abs(ranks[order[a]!]! - ranks[order[b]!]!) > criticalDifference,
  );
  const sorted = rows
    .map((row, i) => ({ ...row, rank: ranks[i]!, group: groups[order.indexOf(i)]! }))
    .sort((a, b) => b.iqm.mean - a.iqm.mean);
  return {
    tasks: tasks.map(({ task }) => task),
    left: names.filter((name) => !complete.includes(name)),
    rows: sorted,
    improvement: sorted.flatMap(({ estimator: first }, i) =>
      sorted.slice(i + 1).flatMap(({ estimator: second }) => {
        if (i > 0 && sorted.length > mostPaired) return [];
        const both = [first, second].map((name) => scores[complete.indexOf(name)]!);
        return [{ first, second, ...bootstrapped((x, y) => [improvementProbability(x, y)], both)[0]! }];
      }),
    ),
    friedman: { chiSquared, f: Number.isFinite(f) ? f : null, p, criticalDifference },
  };
}
