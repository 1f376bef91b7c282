/** One run against another, paired by seed: what `bench compare` says. */
import { editionsUnlike, keepApart } from "../format/versions.ts";
import { formatRange, plural } from "./numbers.ts";
import { losses, unlike } from "./losses.ts";
import { chooseMeasure, latestStage, measured } from "./measures.ts";
import { compareSeries, judged } from "./pairs.ts";
import type { Series } from "./pairs.ts";
import type { Cell, RunRecords } from "../format/records.ts";
import { brokenText } from "./estimator-row.ts";
import { toldApart } from "../format/run-names.ts";
import { holm, verdictOf } from "./statistics.ts";
import type { Measure, Verdict } from "../format/summary.ts";

export interface Compared {
  readonly task: string;
  /** The estimator in the first run and in the second: the same, unless each run has but one. */
  readonly first: string;
  readonly second: string;
  readonly measure: Measure | null;
  /** Mean of second − first; on a log scale the ratio second / first. */
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly seeds: number;
  readonly p: number | null;
  readonly adjusted: number | null;
  /** On the second run. */
  readonly verdict: Verdict;
  readonly sentence: string;
}

export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly rows: readonly Compared[];
  /** What only one of the two runs has. */
  readonly unmatched: readonly string[];
  /** Cells that the first run finished and the second did not. */
  readonly lost: readonly string[];
  /** In what the runs differ beside their numbers. */
  readonly unlike: readonly string[];
  /** Whether the second run is worse somewhere, or has lost a cell that the first had finished. */
  readonly regression: boolean;
  readonly sentences: readonly string[];
}

const unique = (values: readonly string[]) => [...new Set(values)];

const labelsOn = ({ manifest }: RunRecords, task: string) =>
  unique(manifest.matrix.filter(({ taskLabel }) => taskLabel === task).map(({ label }) => label));

const cellsOf = ({ cells }: RunRecords, task: string, label: string) =>
  cells.filter(({ record }) => record.taskLabel === task && record.label === label);

function matches(first: RunRecords, second: RunRecords) {
  const tasks = unique(
    [...first.manifest.matrix, ...second.manifest.matrix].map(({ taskLabel }) => taskLabel),
  );
  const matched: { task: string; first: string; second: string }[] = [];
  const unmatched: string[] = [];
  for (const task of tasks) {
    const [mine, theirs] = [labelsOn(first, task), labelsOn(second, task)];
    const [only, other] = [mine[0], theirs[0]];
    if (mine.length === 1 && theirs.length === 1 && only !== undefined && other !== undefined) {
      matched.push({ task, first: only, second: other });
      continue;
    }
    for (const label of unique([...mine, ...theirs]))
      if (mine.includes(label) && theirs.includes(label)) matched.push({ task, first: label, second: label });
      else
        unmatched.push(
          `${task}, ${label}: only in ${(mine.includes(label) ? first : second).manifest.name}.`,
        );
  }
  return { matched, unmatched };
}

function seriesOf(label: string, cells: readonly Cell[], measure: Measure, all: readonly Cell[]): Series {
  const stage = latestStage(all);
  const values = cells.flatMap((cell) => {
    const value = measured(cell, measure, stage);
    return value === null ? [] : [{ seed: cell.record.seed, value }];
  });
  const states: Partial<Record<Cell["record"]["state"], number>> = {};
  for (const { record } of cells) states[record.state] = (states[record.state] ?? 0) + 1;
  return { label, values, broken: brokenText(states, cells.length) };
}

function words(row: Omit<Compared, "sentence">, names: readonly [string, string]): string {
  const { measure, difference, low, high, seeds, verdict } = row;
  const [before, after] =
    row.first === row.second
      ? [`in ${names[0]}`, `${row.first} in ${names[1]}`]
      : [`${row.first} in ${names[0]}`, `${row.second} in ${names[1]}`];
  const start = `${row.task}: ${after}`;
  if (measure === null || seeds === 0)
    return `${start} shares no finished seed with ${row.first} in ${names[0]}: nothing to compare.`;
  const shown = difference === null ? null : formatRange({ mean: difference, low, high });
  const sign = measure.scale === "linear" && (difference ?? 0) > 0 ? "+" : "";
  const amount = shown === null ? "" : ` ${sign}${shown.mean}${shown.range === "" ? "" : ` ${shown.range}`}`;
  const unit = measure.scale === "log" ? " times" : measure.unit === "" ? "" : ` ${measure.unit}`;
  const evidence = `${measure.title}${amount}${unit}, ${plural(seeds, "paired seed")}`;
  if (verdict === "better" || verdict === "worse")
    return `${start} is ${verdict} than ${before}: ${evidence}.`;
  return `${start} against ${before}: ${verdict} (${evidence}).`;
}

/**
 * Compares two runs estimator by estimator, by the measure that each task is ranked by, on the seeds that both have
 * finished; Holm's correction is over all rows. Where each run has one estimator on a task, those two are compared
 * whatever their names. Two versions of a task are two tasks.
 */
export function compareRuns(...given: readonly [first: RunRecords, second: RunRecords]): Comparison {
  const runs = toldApart(given) as [RunRecords, RunRecords];
  const [first, second] = keepApart(runs) as [RunRecords, RunRecords];
  const { matched, unmatched } = matches(first, second);
  const names = [first.manifest.name, second.manifest.name] as const;
  const drafts = matched.map((match) => {
    const mine = cellsOf(first, match.task, match.first);
    const theirs = cellsOf(second, match.task, match.second);
    const chosen = chooseMeasure([...mine, ...theirs]);
    const measure = chosen === null || chosen.provisional ? null : chosen;
    if (measure === null) return { match, measure, result: null, judge: (verdict: Verdict) => verdict };
    const all = [...mine, ...theirs];
    const [before, after] = [
      seriesOf(match.first, mine, measure, all),
      seriesOf(match.second, theirs, measure, all),
    ];
    return {
      ...{ match, measure, result: compareSeries(after, before, measure) },
      judge: (verdict: Verdict) => judged(verdict, after, before),
    };
  });
  const adjusted = holm(drafts.map(({ result }) => result?.p ?? null));
  const rows = drafts.map(({ match, measure, result, judge }, index): Compared => {
    const row = {
      ...match,
      measure,
      difference: result?.difference ?? null,
      low: result?.low ?? null,
      high: result?.high ?? null,
      seeds: result?.seeds ?? 0,
      p: result?.p ?? null,
      adjusted: adjusted[index] ?? null,
      verdict: judge(verdictOf(result?.advantage ?? null, adjusted[index] ?? null)),
    };
    return { ...row, sentence: words(row, names) };
  });
  const lost = losses(first, second, matched);
  const differing = [...editionsUnlike(...runs), ...unlike(first, second, matched)];
  return {
    first: names[0],
    second: names[1],
    rows,
    unmatched,
    lost,
    unlike: differing,
    regression: lost.length > 0 || rows.some(({ verdict }) => verdict === "worse"),
    sentences: [...differing, ...rows.map(({ sentence }) => sentence), ...lost, ...unmatched],
  };
}
