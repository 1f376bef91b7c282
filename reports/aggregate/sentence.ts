/** The verdict on a task in one sentence, with its uncertainty. */
import { formatInterval, formatNumber, formatRange, listed, plural } from "./numbers.ts";
import { fewestSeeds } from "./statistics.ts";
import type { Measure, Pair, RankingRow } from "../format/summary.ts";

/** The pair seen from `first`: by how much it is ahead, so that a good difference is positive. */
function ahead(pair: Pair, first: string, measure: Measure) {
  if (pair.difference === null) return null;
  const swap = (pair.first !== first) !== !measure.higherIsBetter;
  if (measure.scale === "log") return pairRatio(pair, pair.first !== first);
  if (!swap) return { mean: pair.difference, low: pair.low, high: pair.high };
  const negate = (value: number | null) => (value === null ? null : -value);
  return { mean: -pair.difference, low: negate(pair.high), high: negate(pair.low) };
}

function pairRatio(pair: Pair, invert: boolean) {
  const turn = (value: number | null) => (value === null ? null : invert ? 1 / value : value);
  const mean = turn(pair.difference) ?? NaN;
  return invert
    ? { mean, low: turn(pair.high), high: turn(pair.low) }
    : { mean, low: pair.low, high: pair.high };
}

function margin(pair: Pair, first: string, measure: Measure): string {
  const range = ahead(pair, first, measure);
  if (range === null) return "";
  const shown = formatRange(range);
  const amount =
    measure.scale === "log" ? `${shown.mean} times its variance` : `${shown.mean} ${measure.unit}`.trim();
  return shown.range === "" ? amount : `${amount} ${shown.range}`;
}

function alone(row: RankingRow, measure: Measure): string {
  const value = row.value as NonNullable<RankingRow["value"]>;
  const unit = measure.unit === "" ? "" : ` ${measure.unit}`;
  const seeds = plural(value.n, "seed");
  const range = value.low === null ? `${formatNumber(value.mean)}${unit}` : `${formatInterval(value)}${unit}`;
  const doubt = value.n < fewestSeeds ? `; ${seeds}, not enough for an interval` : `, ${seeds}`;
  return `${row.estimator} reaches ${measure.title} ${range}${doubt}.`;
}

function versus(pair: Pair, best: string, other: string, measure: Measure): string {
  const by = margin(pair, best, measure);
  const seeds = plural(pair.seeds, "paired seed");
  const linear = measure.scale === "linear";
  if (pair.verdict === "not judged")
    return `${best} is ranked before ${other}, without a verdict on the ${seeds} that both finished`;
  if (pair.verdict === "not enough seeds to tell") {
    if (pair.seeds === 0)
      return `${best} and ${other} share no finished seed: not enough seeds to tell them apart.`;
    const lead = linear
      ? `leads ${other} by ${by}`
      : `has ${by} that of ${other}`.replace("its variance that", "the variance");
    return `${best} ${lead}, but ${seeds} ${pair.seeds === 1 ? "is" : "are"} not enough to tell.`;
  }
  if (pair.verdict === "no detectable difference")
    return `No detectable difference between ${best} and ${other}: ${by}, ${seeds}`;
  if (by === "") return `${best} beats ${other}, ${seeds}`;
  return linear ? `${best} beats ${other} by ${by}, ${seeds}` : `${best} beats ${other} with ${by}, ${seeds}`;
}

const mostBroken = 4;

/** Who has lost seeds: no title may be silent about it. */
function brokenSentence(ranking: readonly RankingRow[]): string {
  const rows = ranking.flatMap(({ estimator, broken }) =>
    broken === undefined ? [] : [`${estimator} (${broken})`],
  );
  if (rows.length === 0) return "";
  const more = rows.length - mostBroken;
  const names = [...rows.slice(0, mostBroken), ...(more > 0 ? [`${more} more`] : [])];
  const start = rows.length < ranking.length ? "Ranked last for broken seeds" : "Seeds broke";
  return ` ${start}: ${listed(names)}.`;
}

/** The leader against the runner-up; when they are tied, also the best one that the leader does beat. */
export function sentenceFor(
  task: string,
  measure: Measure | null,
  ranking: readonly RankingRow[],
  pairs: readonly Pair[],
): string {
  return verdictSentence(task, measure, ranking, pairs) + brokenSentence(ranking);
}

function verdictSentence(
  task: string,
  measure: Measure | null,
  ranking: readonly RankingRow[],
  pairs: readonly Pair[],
): string {
  const rows = ranking.filter(({ value }) => value !== null);
  const [best, second] = rows;
  if (measure === null || best === undefined) return `${task}: nothing was measured yet.`;
  if (measure.provisional) {
    const names = rows.slice(0, 3).map((row) => `${row.estimator} ${formatNumber(row.value?.mean ?? NaN)}`);
    return `${task}: no cell has finished; ${measure.title} so far: ${listed(names)}.`;
  }
  if (second === undefined) return `${task}: ${alone(best, measure)}`;
  const find = (other: RankingRow) =>
    pairs.find(
      ({ first, second: last }) =>
        (first === best.estimator && last === other.estimator) ||
        (last === best.estimator && first === other.estimator),
    );
  const pair = find(second);
  if (pair === undefined) return `${task}: ${alone(best, measure)}`;
  const start = versus(pair, best.estimator, second.estimator, measure);
  if (start.endsWith(".")) return `${task}: ${start}`;
  const beaten = rows.slice(2).find((row) => find(row)?.verdict === "better");
  const more =
    pair.verdict === "no detectable difference" && beaten !== undefined
      ? `; ${versus(find(beaten) as Pair, best.estimator, beaten.estimator, measure)}`
      : "";
  return `${task}: ${start}${more} (${measure.title}, 95% intervals, verdicts after Holm).`;
}
