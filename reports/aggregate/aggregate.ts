/**
 * From records to the summary: means with intervals, ranks and verdicts, task by task. This folder may import `format`;
 * it computes all numbers of a report and draws nothing. Read this file first.
 */
import { acrossTasks } from "./across-tasks.ts";
import { countStates, estimatorRow, isBroken, type UnrankedRow } from "./estimator-row.ts";
import { chooseMeasure, latestStage, stageTitle } from "./measures.ts";
import { comparePairs, detectsDifference, seriesOf } from "./pairs.ts";
import { sentenceFor } from "./sentence.ts";
import { targetOf } from "./time-to-target.ts";
import { fewestSeeds, tieGroups } from "./statistics.ts";
import type { Cell, MatrixCell, RunRecords } from "../format/records.ts";
import type { Measure, Pair, RankingRow, Summary, TaskSummary } from "../format/summary.ts";

const brokenSeeds = ({ states }: UnrankedRow) =>
  (states.failed ?? 0) + (states.diverged ?? 0) + (states.timeout ?? 0);

/** Estimators whose seeds all finished by value, then those with broken seeds, then those without a value. */
function sorted(rows: readonly UnrankedRow[], measure: Measure | null): UnrankedRow[] {
  const group = (row: UnrankedRow) => (row.value === null ? Infinity : brokenSeeds(row));
  const sign = measure?.higherIsBetter === true ? -1 : 1;
  const value = (row: UnrankedRow) => sign * (row.value?.mean ?? 0);
  return [...rows].sort((a, b) => (group(a) === group(b) ? value(a) - value(b) : group(a) - group(b)));
}

/** Adds ranks and tie groups to sorted rows. Rows with broken seeds share the last rank. */
function ranked(rows: readonly UnrankedRow[], pairs: readonly Pair[]): RankingRow[] {
  const differ = detectsDifference(pairs);
  const judged = rows.filter((row) => brokenSeeds(row) === 0 && (row.value?.n ?? 0) >= fewestSeeds);
  const groups = tieGroups(judged.length, (first, second) =>
    differ(judged[first]!.estimator, judged[second]!.estimator),
  );
  return rows.map((row) => {
    const index = judged.indexOf(row);
    const better = judged
      .slice(0, Math.max(0, index))
      .filter((other) => differ(other.estimator, row.estimator));
    const last = brokenSeeds(row) > 0 && row.value !== null && judged.length > 0 ? judged.length + 1 : null;
    return { ...row, rank: index >= 0 ? better.length + 1 : last, group: groups[index] ?? "" };
  });
}

/** `m = 1000, all 10000 rows`: how the bound on the test split was evaluated. */
function boundTitle(cells: readonly Cell[]): string | null {
  const last = cells
    .flatMap(({ curve }) => curve.filter(({ metric, split }) => metric === "bound" && split === "test"))
    .at(-1);
  if (last?.samples === undefined) return null;
  const rows = last.rows === undefined ? "" : `, ${last.whole === true ? "all" : "random"} ${last.rows} rows`;
  return `m = ${last.samples}${rows}`;
}

function summariseTask(
  task: string,
  planned: readonly MatrixCell[],
  byHash: ReadonlyMap<string, Cell>,
  givenTarget: number | undefined,
): TaskSummary {
  const cells = planned.flatMap(({ hash }) => byHash.get(hash) ?? []);
  const measure = chooseMeasure(cells);
  const stage = latestStage(cells);
  const target = targetOf(cells, givenTarget);
  const labels = [...new Set(planned.map(({ label }) => label))];
  const rows = labels.map((label) =>
    estimatorRow(
      planned.filter((cell) => cell.label === label),
      byHash,
      measure,
      stage,
      target,
    ),
  );
  const order = sorted(rows, measure);
  // Unfinished cells stand at different steps: they are shown, not compared.
  const pairs = measure === null || measure.provisional ? [] : comparePairs(order.map(seriesOf), measure);
  const ranking = ranked(order, pairs);
  return {
    task,
    sentence: sentenceFor(task, measure, ranking, pairs),
    measure,
    varianceAt: stage === null ? null : stageTitle(stage),
    boundAt: boundTitle(cells),
    target,
    ranking,
    pairs,
  };
}

/** Summarises a run. `partial` says that cells are still being trained. */
export function aggregate({ manifest, cells }: RunRecords, { partial = false } = {}): Summary {
  const byHash = new Map(cells.map((cell) => [cell.record.hash, cell]));
  const labels = [...new Set(manifest.matrix.map(({ taskLabel }) => taskLabel))];
  const tasks = labels.map((label) =>
    summariseTask(
      label,
      manifest.matrix.filter(({ taskLabel }) => taskLabel === label),
      byHash,
      manifest.targets?.[label],
    ),
  );
  const failures = cells
    .filter(({ record }) => isBroken(record.state))
    .map(({ record: { taskLabel, label, seed, state, error = "no reason was recorded" } }) => ({
      task: taskLabel,
      estimator: label,
      seed,
      state,
      error,
    }));
  const { name, command, created, quick } = manifest;
  const across = acrossTasks(tasks);
  return {
    version: 1,
    name,
    command,
    created,
    quick,
    partial,
    states: countStates(manifest.matrix, byHash),
    seeds: new Set(manifest.matrix.map(({ seed }) => seed)).size,
    title: tasks.map(({ sentence }) => sentence).join(" "),
    failures,
    tasks,
    ...(across === null ? {} : { across }),
  };
}
