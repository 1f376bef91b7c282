/** The verdict on a task in one sentence, with its uncertainty. */
import { formatInterval, formatNumber, formatRange, listed, plural } from "./numbers.ts";
import { fewestSeeds, type Range } from "./statistics.ts";
import type { Measure, Pair, RankingRow } from "../format/summary.ts";

/** By how much `first` is ahead: a difference that is positive where it is better, or its share of the other's variance. */
function lead(pair: Pair, first: string, { scale, higherIsBetter }: Measure): Range | null {
  const { difference, low, high } = pair;
  if (difference === null) return null;
  const turn = (value: number) => (scale === "log" ? 1 / value : -value);
  const turnOrNull = (value: number | null) => (value === null ? null : turn(value));
  const turned = scale === "log" ? pair.first !== first : (pair.first !== first) !== !higherIsBetter;
  return turned
    ? { mean: turn(difference), low: turnOrNull(high), high: turnOrNull(low) }
    : { mean: difference, low, high };
}

/** `3.1 nats [2.0, 4.2]` or `0.4 times its variance [0.3, 0.5]`; empty where there is no ratio. */
function leadText(pair: Pair, first: string, measure: Measure, what = "its variance"): string {
  const range = lead(pair, first, measure);
  if (range === null) return "";
  const shown = formatRange(range);
  const unit = measure.scale === "log" ? `times ${what}` : measure.unit;
  return [shown.mean, unit, shown.range].filter((part) => part !== "").join(" ");
}

/** Says what the only estimator reaches. */
function aloneSentence({ estimator, value }: RankingRow, { title, unit }: Measure): string {
  const { n, low, mean } = value!;
  const reached = [low === null ? formatNumber(mean) : formatInterval(value), unit].join(" ").trim();
  const doubt =
    n < fewestSeeds ? `; ${plural(n, "seed")}, not enough for an interval` : `, ${plural(n, "seed")}`;
  return `${estimator} reaches ${title} ${reached}${doubt}.`;
}

/** Compares the best estimator with another; a clause without a full stop is to be followed by the measure. */
function pairClause(pair: Pair, best: string, other: string, measure: Measure): string {
  const by = leadText(pair, best, measure);
  const seeds = plural(pair.seeds, "paired seed");
  const linear = measure.scale === "linear";
  switch (pair.verdict) {
    case "not judged":
      return `${best} is ranked before ${other}, without a verdict on the ${seeds} that both finished`;
    case "not enough seeds to tell": {
      if (pair.seeds === 0)
        return `${best} and ${other} share no finished seed: not enough seeds to tell them apart.`;
      const leads = linear
        ? `leads ${other} by ${by}`
        : `has ${leadText(pair, best, measure, `the variance of ${other}`)}`;
      return `${best} ${leads}, but ${seeds} ${pair.seeds === 1 ? "is" : "are"} not enough to tell.`;
    }
    case "no detectable difference":
      return `No detectable difference between ${best} and ${other}: ${by}, ${seeds}`;
    case "better":
    case "worse":
      return `${best} beats ${other}${by === "" ? "" : ` ${linear ? "by" : "with"} ${by}`}, ${seeds}`;
  }
}

const mostBroken = 4;

/** Names the estimators that have lost seeds. */
function brokenSentence(ranking: readonly RankingRow[]): string {
  const rows = ranking.filter(({ broken }) => broken !== undefined);
  if (rows.length === 0) return "";
  const names = rows.slice(0, mostBroken).map(({ estimator, broken }) => `${estimator} (${broken})`);
  if (rows.length > mostBroken) names.push(`${rows.length - mostBroken} more`);
  const start =
    rows.length < ranking.length ? "Ranked last because seeds did not finish" : "Seeds did not finish";
  return ` ${start}: ${listed(names)}.`;
}

/**
 * Compares the leader with the runner-up and, when they are tied, also with the best one that the leader does beat;
 * then names the estimators that have lost seeds.
 */
export function sentenceFor(
  task: string,
  measure: Measure | null,
  ranking: readonly RankingRow[],
  pairs: readonly Pair[],
): string {
  return `${task}: ${verdictSentence(measure, ranking, pairs)}${brokenSentence(ranking)}`;
}

function verdictSentence(
  measure: Measure | null,
  ranking: readonly RankingRow[],
  pairs: readonly Pair[],
): string {
  const rows = ranking.filter(({ value }) => value !== null);
  const [best, second] = rows;
  if (measure === null || best === undefined) return "nothing was measured yet.";
  if (measure.provisional) {
    const names = rows.slice(0, 3).map((row) => `${row.estimator} ${formatNumber(row.value!.mean)}`);
    return `no cell has finished; ${measure.title} so far: ${listed(names)}.`;
  }
  const pairWith = ({ estimator }: RankingRow) =>
    pairs.find(({ first, second: last }) =>
      [first, last].every((name) => name === best.estimator || name === estimator),
    );
  const pair = second && pairWith(second);
  if (second === undefined || pair === undefined) return aloneSentence(best, measure);
  const start = pairClause(pair, best.estimator, second.estimator, measure);
  if (start.endsWith(".")) return start;
  const beaten = rows.slice(2).find((row) => pairWith(row)?.verdict === "better");
  const more =
    pair.verdict === "no detectable difference" && beaten !== undefined
      ? `; ${pairClause(pairWith(beaten)!, best.estimator, beaten.estimator, measure)}`
      : "";
  return `${start}${more} (${measure.title}, 95% intervals, verdicts after Holm).`;
}
