/** One estimator on one task: the states of its cells, its means with intervals, and the seeds that it has lost. */
import { gradientAt, lastValue, measured, type Stage } from "./measures.ts";
import { intervalOn } from "./statistics.ts";
import type { Cell, CellState, MatrixCell } from "../format/records.ts";
import { squaredErrors } from "../format/gradient-error.ts";
import type { Interval, Measure, RankingRow, Target } from "../format/summary.ts";
import { timeToTarget } from "./time-to-target.ts";

const brokenStates: readonly CellState[] = ["failed", "diverged", "timeout"];

/** Whether a cell ended without a result. */
export const isBroken = (state: CellState): boolean => brokenStates.includes(state);

export function countStates(planned: readonly MatrixCell[], byHash: ReadonlyMap<string, Cell>) {
  const counts: Partial<Record<CellState, number>> = {};
  for (const { hash } of planned) {
    const state = byHash.get(hash)?.record.state ?? "pending";
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** `2 of 5 diverged, 1 timed out`; undefined where no seed broke. */
function brokenText(states: RankingRow["states"], all: number): string | undefined {
  const counts = brokenStates.filter((state) => (states[state] ?? 0) > 0);
  const texts = counts.map((state, index) => {
    const count = index === 0 ? `${states[state]} of ${all}` : `${states[state]}`;
    return `${count} ${state === "timeout" ? "timed out" : state}`;
  });
  return counts.length === 0 ? undefined : texts.join(", ");
}

/** A row of the ranking before it has a rank. */
export type UnrankedRow = Omit<RankingRow, "rank" | "group">;

/** The row of one estimator: `planned` are its cells, a seed each. */
export function estimatorRow(
  planned: readonly MatrixCell[],
  byHash: ReadonlyMap<string, Cell>,
  measure: Measure | null,
  stage: Stage | null,
  target: Target | null = null,
): UnrankedRow {
  const { label, estimator, estimatorOptions } = planned[0]!;
  const cells = planned.flatMap(({ hash }) => byHash.get(hash) ?? []);
  const done = cells.filter(({ record }) => record.state === "done");
  const states = countStates(planned, byHash);
  const broken = brokenText(states, planned.length);
  const interval = (
    scale: "linear" | "log",
    valueOf: (cell: Cell) => number | null | undefined,
    among = cells,
  ): Interval | null => {
    const values = among.flatMap((cell) => {
      const value = valueOf(cell);
      return typeof value === "number" && Number.isFinite(value) ? [{ seed: cell.record.seed, value }] : [];
    });
    if (values.length === 0) return null;
    const numbers = values.map(({ value }) => value);
    return { ...intervalOn(scale, numbers), n: values.length, values };
  };
  const gradient = (scale: "linear" | "log", key: "varianceEstimator" | "biasRelative" | "cosine") =>
    stage && interval(scale, (cell) => gradientAt(cell, stage)?.[key]);
  const evaluations = cells[0]?.record.evaluations;
  return {
    estimator: label,
    name: estimator,
    options: estimatorOptions,
    seeds: { done: done.length, all: planned.length },
    states,
    ...(broken !== undefined && { broken }),
    value: measure && interval(measure.scale, (cell) => measured(cell, measure, stage)),
    bound: interval("linear", (cell) => lastValue(cell, "bound", "test"), done),
    variance: gradient("log", "varianceEstimator"),
    biasRelative: gradient("linear", "biasRelative"),
    cosine: gradient("linear", "cosine"),
    squaredError:
      stage &&
      interval("log", (cell) => {
        const row = gradientAt(cell, stage);
        return row && squaredErrors(row, cell.record)?.perEvaluation;
      }),
    toTarget: target && timeToTarget(cells, planned.length, target),
    evaluations: evaluations ? { forward: evaluations.forward, backward: evaluations.backward } : null,
    milliseconds: interval("log", ({ record: { steps, seconds } }) =>
      steps.done > 0 ? (1000 * seconds.train) / steps.done : null,
    ),
  };
}
