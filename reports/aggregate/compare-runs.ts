/** Compares one run with another, paired by seed, for `bench compare`. */
import { estimatorRow } from "./estimator-row.ts";
import { chooseMeasure, latestStage } from "./measures.ts";
import { formatRange, plural } from "./numbers.ts";
import { compareSeries, seriesOf, withheldVerdict, type SeedSeries } from "./pairs.ts";
import { differentSettings, lostCells, type ComparedEstimators } from "./run-differences.ts";
import { holm, testVerdict } from "./statistics.ts";
import type { RunRecords } from "../format/records.ts";
import { distinctNames } from "../format/joined-runs.ts";
import type { Measure, Pair } from "../format/summary.ts";
import { refuseTwoVersions } from "../format/versions.ts";

/**
 * The second run against the first: `difference` is the mean of second − first, on a log scale the ratio
 * second / first, and the verdict is on the second run. Estimators have the same name unless each run has but one.
 */
export interface ComparedRow extends ComparedEstimators, Omit<Pair, "broken"> {
  readonly measure: Measure | null;
  readonly sentence: string;
}

export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly rows: readonly ComparedRow[];
  /** One sentence for each estimator of a task that only one of the two runs has. */
  readonly unmatched: readonly string[];
  /** Cells that the first run finished and the second did not. */
  readonly lost: readonly string[];
  /** How the settings of the runs differ. */
  readonly unlike: readonly string[];
  /** Whether the second run is worse somewhere, or has lost a cell that the first had finished. */
  readonly regression: boolean;
  readonly sentences: readonly string[];
}

const unique = (values: readonly string[]) => [...new Set(values)];

const labelsOn = ({ manifest }: RunRecords, task: string) =>
  unique(manifest.matrix.filter(({ taskLabel }) => taskLabel === task).map(({ label }) => label));

/** Estimators that both runs have; where each run has one on a task, those two whatever their names. */
function matches(first: RunRecords, second: RunRecords) {
  const matched: ComparedEstimators[] = [];
  const unmatched: string[] = [];
  const planned = [...first.manifest.matrix, ...second.manifest.matrix];
  for (const task of unique(planned.map(({ taskLabel }) => taskLabel))) {
    const [before, after] = [labelsOn(first, task), labelsOn(second, task)];
    if (before.length === 1 && after.length === 1) {
      matched.push({ task, first: before[0]!, second: after[0]! });
      continue;
    }
    for (const label of unique([...before, ...after]))
      if (before.includes(label) && after.includes(label))
        matched.push({ task, first: label, second: label });
      else {
        const { name } = (before.includes(label) ? first : second).manifest;
        unmatched.push(`${task}, ${label}: only in ${name}.`);
      }
  }
  return { matched, unmatched };
}

function sentenceOf(row: Omit<ComparedRow, "sentence">, names: readonly [string, string]): string {
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

/** Compares two estimators by the measure that their task is ranked by; nulls where neither has finished. */
function compareEstimators(first: RunRecords, second: RunRecords, match: ComparedEstimators) {
  const plannedIn = ({ manifest }: RunRecords, name: string) =>
    manifest.matrix.filter(({ taskLabel, label }) => taskLabel === match.task && label === name);
  const planned = [plannedIn(first, match.first), plannedIn(second, match.second)] as const;
  const cellsOf = [first, second].map(({ cells }) => new Map(cells.map((cell) => [cell.record.hash, cell])));
  const cells = planned.flatMap((some, index) => some.flatMap(({ hash }) => cellsOf[index]!.get(hash) ?? []));
  const chosen = chooseMeasure(cells);
  const measure = chosen === null || chosen.provisional ? null : chosen;
  const none: SeedSeries = { label: "", values: [] };
  if (measure === null) return { match, measure, difference: null, before: none, after: none };
  const [before, after] = planned.map((some, index) =>
    seriesOf(estimatorRow(some, cellsOf[index]!, measure, latestStage(cells))),
  ) as [SeedSeries, SeedSeries];
  return { match, measure, difference: compareSeries(after, before, measure), before, after };
}

/**
 * Compares two runs estimator by estimator on the seeds that both have finished; Holm's correction is over all rows.
 * Throws where they hold different versions of a task or of the protocol.
 */
export function compareRuns(...given: readonly [first: RunRecords, second: RunRecords]): Comparison {
  const [first, second] = distinctNames(given) as [RunRecords, RunRecords];
  refuseTwoVersions([first.manifest, second.manifest]);
  const { matched, unmatched } = matches(first, second);
  const names = [first.manifest.name, second.manifest.name] as const;
  const compared = matched.map((match) => compareEstimators(first, second, match));
  const adjusted = holm(compared.map(({ difference }) => difference?.p ?? null));
  const rows = compared.map(({ match, measure, difference, before, after }, index): ComparedRow => {
    const corrected = adjusted[index] ?? null;
    const row = {
      ...match,
      measure,
      difference: difference?.difference ?? null,
      low: difference?.low ?? null,
      high: difference?.high ?? null,
      seeds: difference?.seeds ?? 0,
      p: difference?.p ?? null,
      adjusted: corrected,
      verdict: withheldVerdict(testVerdict(difference?.advantage ?? null, corrected), after, before),
    };
    return { ...row, sentence: sentenceOf(row, names) };
  });
  const lost = lostCells(first, second, matched);
  const unlike = differentSettings(first, second, matched);
  return {
    first: names[0],
    second: names[1],
    rows,
    unmatched,
    lost,
    unlike,
    regression: lost.length > 0 || rows.some(({ verdict }) => verdict === "worse"),
    sentences: [...unlike, ...rows.map(({ sentence }) => sentence), ...lost, ...unmatched],
  };
}
