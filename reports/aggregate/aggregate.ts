/** From records to the summary: aggregates, intervals, ranks and verdicts, task by task. */
import { chooseMeasure, latestStage, stageTitle } from "./measures.ts";
import { comparePairs, differs } from "./pairs.ts";
import type { Series } from "./pairs.ts";
import type { Cell, RunRecords } from "../format/records.ts";
import { broken, countStates, draftRow } from "./estimator-row.ts";
import type { Draft, Entry } from "./estimator-row.ts";
import { sentenceFor } from "./sentence.ts";
import { fewestSeeds, tieGroups } from "./statistics.ts";
import type { Measure, Pair, RankingRow, Summary, TaskSummary } from "../format/summary.ts";

/** Whole estimators by value, then those with broken seeds, then those without a value. */
function sorted(rows: readonly Draft[], measure: Measure | null): Draft[] {
  const place = (row: Draft) => (row.value === null ? Infinity : row.lost);
  const sign = measure?.higherIsBetter === true ? -1 : 1;
  const value = (row: Draft) => sign * (row.value?.mean ?? 0);
  return [...rows].sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    return first === second ? value(a) - value(b) : first - second;
  });
}

function rank(rows: readonly Draft[], pairs: readonly Pair[]): RankingRow[] {
  const differ = differs(pairs);
  const judged = rows.filter((row) => row.lost === 0 && row.value !== null && row.value.n >= fewestSeeds);
  const groups = tieGroups(judged.length, (first, second) =>
    differ((judged[first] as Draft).estimator, (judged[second] as Draft).estimator),
  );
  return rows.map(({ lost: count, ...row }) => {
    const index = judged.findIndex((other) => other.estimator === row.estimator);
    const beaten = judged.filter(
      (other, place) => place < index && differ(other.estimator, row.estimator),
    ).length;
    const last = count > 0 && row.value !== null && judged.length > 0 ? judged.length + 1 : null;
    return { ...row, rank: index >= 0 ? beaten + 1 : last, group: groups[index] ?? "" };
  });
}

function boundAt(cells: readonly Cell[]): string | null {
  const rows = cells.flatMap(({ curve }) =>
    curve.filter((row) => row.metric === "bound" && row.split === "test"),
  );
  const last = rows.at(-1);
  if (last?.samples === undefined) return null;
  const size = last.rows === undefined ? "" : `, ${last.whole === true ? "all" : "random"} ${last.rows} rows`;
  return `m = ${last.samples}${size}`;
}

function summariseTask(
  task: string,
  entries: readonly Entry[],
  byHash: ReadonlyMap<string, Cell>,
): TaskSummary {
  const cells = entries.flatMap(({ hash }) => byHash.get(hash) ?? []);
  const measure = chooseMeasure(cells);
  const stage = latestStage(cells);
  const labels = [...new Set(entries.map(({ label }) => label))];
  const drafts = labels.map((label) =>
    draftRow(
      entries.filter((entry) => entry.label === label),
      byHash,
      measure,
      stage,
    ),
  );
  const order = sorted(drafts, measure);
  const series: Series[] = order.map(({ estimator, value, broken: lost }) => ({
    label: estimator,
    values: value?.values ?? [],
    broken: lost,
  }));
  // Unfinished cells stand at different steps: they are shown, not judged.
  const pairs = measure === null || measure.provisional ? [] : comparePairs(series, measure);
  const ranking = rank(order, pairs);
  return {
    task,
    sentence: sentenceFor(task, measure, ranking, pairs),
    measure,
    varianceAt: stage === null ? null : stageTitle(stage),
    boundAt: boundAt(cells),
    ranking,
    pairs,
  };
}

/** Aggregates a run. `partial` says that cells are still being made. */
export function aggregate({ manifest, cells }: RunRecords, { partial = false } = {}): Summary {
  const byHash = new Map(cells.map((cell) => [cell.record.hash, cell]));
  const labels = [...new Set(manifest.matrix.map(({ taskLabel }) => taskLabel))];
  const tasks = labels.map((label) =>
    summariseTask(
      label,
      manifest.matrix.filter((entry) => entry.taskLabel === label),
      byHash,
    ),
  );
  const failures = cells.flatMap(({ record }) =>
    broken.has(record.state)
      ? [
          {
            task: record.taskLabel,
            estimator: record.label,
            seed: record.seed,
            state: record.state,
            error: record.error ?? "no reason was recorded",
          },
        ]
      : [],
  );
  return {
    version: 1,
    name: manifest.name,
    command: manifest.command,
    created: manifest.created,
    quick: manifest.quick,
    partial,
    states: countStates(manifest.matrix, byHash),
    seeds: new Set(manifest.matrix.map(({ seed }) => seed)).size,
    title: tasks.map(({ sentence }) => sentence).join(" "),
    failures,
    tasks,
  };
}
