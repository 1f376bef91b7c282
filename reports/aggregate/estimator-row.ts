/** One estimator on one task: its states, its intervals, and which seeds it has lost. */
import { gradientAt, lastValue, measured } from "./measures.ts";
import type { Stage } from "./measures.ts";
import type { Cell, CellState, Cost, Manifest } from "../format/records.ts";
import { intervalOn } from "./statistics.ts";
import type { Interval, Measure, RankingRow } from "../format/summary.ts";

export type Entry = Manifest["matrix"][number];

export const broken: ReadonlySet<CellState> = new Set(["failed", "diverged", "timeout"]);

function intervalOf(
  values: readonly { seed: number; value: number }[],
  scale: "linear" | "log",
): Interval | null {
  if (values.length === 0) return null;
  const numbers = values.map(({ value }) => value);
  return { ...intervalOn(scale, numbers), n: values.length, values };
}

function collect(cells: readonly Cell[], pick: (cell: Cell) => number | null | undefined) {
  return cells.flatMap((cell) => {
    const value = pick(cell);
    return typeof value === "number" && Number.isFinite(value) ? [{ seed: cell.record.seed, value }] : [];
  });
}

export function countStates(entries: readonly Entry[], cells: ReadonlyMap<string, Cell>) {
  const counts: Partial<Record<CellState, number>> = {};
  for (const { hash } of entries) {
    const state = cells.get(hash)?.record.state ?? "pending";
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** A row of the ranking before it has a rank. */
export interface Draft extends Omit<RankingRow, "rank" | "group"> {
  readonly lost: number;
}

/** `2 of 5 diverged`; undefined where no seed broke. */
export function brokenText(states: RankingRow["states"], all: number): string | undefined {
  const counts = [...broken].flatMap((state) => {
    const count = states[state] ?? 0;
    return count === 0 ? [] : [{ state, count }];
  });
  if (counts.length === 0) return undefined;
  const texts = counts.map(({ state, count }, index) =>
    index === 0
      ? `${count} of ${all} ${stateWords[state] ?? state}`
      : `${count} ${stateWords[state] ?? state}`,
  );
  return texts.join(", ");
}

const stateWords: Partial<Record<CellState, string>> = { timeout: "timed out" };

function evaluationsOf(cells: readonly Cell[]): Cost | null {
  const first = cells[0]?.record.evaluations;
  return first === undefined ? null : { forward: first.forward, backward: first.backward };
}

export function draftRow(
  entries: readonly Entry[],
  byHash: ReadonlyMap<string, Cell>,
  measure: Measure | null,
  stage: Stage | null,
): Draft {
  const first = entries[0] as Entry;
  const cells = entries.flatMap(({ hash }) => byHash.get(hash) ?? []);
  const done = cells.filter((cell) => cell.record.state === "done");
  const states = countStates(entries, byHash);
  const brokenSeeds = brokenText(states, entries.length);
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
    ...(brokenSeeds === undefined ? {} : { broken: brokenSeeds }),
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
    lost: entries.filter(({ hash }) => broken.has(byHash.get(hash)?.record.state ?? "pending")).length,
  };
}
