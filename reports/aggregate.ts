/** From records to the summary: aggregates, intervals, ranks and verdicts, task by task. */
import { chooseMeasure, gradientAt, lastValue, latestStage, measured } from "./measures.ts";
import type { Stage } from "./measures.ts";
import { comparePairs, differs } from "./pairs.ts";
import type { Series } from "./pairs.ts";
import type { Cell, CellState, Cost, Manifest, RunRecords } from "./records.ts";
import { sentenceFor } from "./sentence.ts";
import { fewestSeeds, geometricInterval, mean, tieGroups, tInterval } from "./statistics.ts";
import type { Interval, Measure, Pair, RankingRow, Summary, TaskSummary } from "./summary.ts";

type Entry = Manifest["matrix"][number];

const broken: ReadonlySet<CellState> = new Set(["failed", "diverged", "timeout"]);

function intervalOf(
  values: readonly { seed: number; value: number }[],
  scale: "linear" | "log",
): Interval | null {
  if (values.length === 0) return null;
  const numbers = values.map(({ value }) => value);
  // A variance of zero (exact enumeration) has no logarithm: its mean is stated without an interval.
  const zero = scale === "log" && numbers.some((value) => value <= 0);
  const range = zero
    ? { mean: mean(numbers), low: null, high: null }
    : scale === "log"
      ? geometricInterval(numbers)
      : tInterval(numbers);
  return { ...range, n: values.length, values };
}

function collect(cells: readonly Cell[], pick: (cell: Cell) => number | null | undefined) {
  return cells.flatMap((cell) => {
    const value = pick(cell);
    return typeof value === "number" && Number.isFinite(value) ? [{ seed: cell.record.seed, value }] : [];
  });
}

function countStates(entries: readonly Entry[], cells: ReadonlyMap<string, Cell>) {
  const counts: Partial<Record<CellState, number>> = {};
  for (const { hash } of entries) {
    const state = cells.get(hash)?.record.state ?? "pending";
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

interface Draft extends Omit<RankingRow, "rank" | "group"> {
  readonly broken: number;
}

function evaluationsOf(cells: readonly Cell[]): Cost | null {
  const first = cells[0]?.record.evaluations;
  return first === undefined ? null : { forward: first.forward, backward: first.backward };
}

function draftRow(
  entries: readonly Entry[],
  byHash: ReadonlyMap<string, Cell>,
  measure: Measure | null,
  stage: Stage | null,
): Draft {
  const first = entries[0] as Entry;
  const cells = entries.flatMap(({ hash }) => byHash.get(hash) ?? []);
  const done = cells.filter((cell) => cell.record.state === "done");
  const states = countStates(entries, byHash);
  const atStage = (pick: (row: NonNullable<ReturnType<typeof gradientAt>>) => number | null | undefined) =>
    stage === null ? [] : collect(cells, (cell) => ((row) => row && pick(row))(gradientAt(cell, stage)));
  const pace = ({ record }: Cell) =>
    record.steps.done > 0 ? (1000 * record.seconds.train) / record.steps.done : null;
  return {
    estimator: first.label,
    name: first.estimator,
    options: first.estimatorOptions,
    seeds: { done: done.length, all: entries.length },
    states,
    value:
      measure &&
      intervalOf(
        collect(cells, (cell) => measured(cell, measure, stage)),
        measure.scale,
      ),
    bound: intervalOf(
      collect(done, (cell) => lastValue(cell, "bound", "test")),
      "linear",
    ),
    variance: intervalOf(
      atStage((row) => row.varianceEstimator),
      "log",
    ),
    biasRelative: intervalOf(
      atStage((row) => row.biasRelative),
      "linear",
    ),
    cosine: intervalOf(
      atStage((row) => row.cosine),
      "linear",
    ),
    evaluations: evaluationsOf(cells),
    milliseconds: intervalOf(collect(cells, pace), "log"),
    broken: entries.filter(({ hash }) => broken.has(byHash.get(hash)?.record.state ?? "pending")).length,
  };
}

/** Whole estimators by value, then those with broken seeds, then those without a value. */
function sorted(rows: readonly Draft[], measure: Measure | null): Draft[] {
  const place = (row: Draft) => (row.value === null ? Infinity : row.broken);
  const sign = measure?.higherIsBetter === true ? -1 : 1;
  const value = (row: Draft) => sign * (row.value?.mean ?? 0);
  return [...rows].sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    return first === second ? value(a) - value(b) : first - second;
  });
}

function rank(rows: readonly Draft[], pairs: readonly Pair[]): RankingRow[] {
  const differ = differs(pairs);
  const judged = rows.filter((row) => row.broken === 0 && row.value !== null && row.value.n >= fewestSeeds);
  const groups = tieGroups(judged.length, (first, second) =>
    differ((judged[first] as Draft).estimator, (judged[second] as Draft).estimator),
  );
  return rows.map(({ broken: count, ...row }) => {
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
  const series: Series[] = order.map((row) => ({ label: row.estimator, values: row.value?.values ?? [] }));
  // Unfinished cells stand at different steps: they are shown, not judged.
  const pairs = measure === null || measure.provisional ? [] : comparePairs(series, measure);
  const ranking = rank(order, pairs);
  return {
    task,
    sentence: sentenceFor(task, measure, ranking, pairs),
    measure,
    varianceAt: stage === null ? null : `${stage.protocol}, step ${stage.step}`,
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
