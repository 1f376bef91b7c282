/** What it costs to reach a value: the first log point at which an estimator's seed is at the target or beyond. */
import { lastValue } from "./measures.ts";
import { intervalOn, mean } from "./statistics.ts";
import type { Cell } from "../format/records.ts";
import type { Interval, Measure, RankingRow, Target } from "../format/summary.ts";

const metrics = [
  { metric: "elbo", split: "valid", higherIsBetter: true },
  { metric: "elbo", split: "train", higherIsBetter: true },
  { metric: "cost", split: "valid", higherIsBetter: false },
  { metric: "cost", split: "train", higherIsBetter: false },
] as const;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/**
 * The target of a task on its curves over training: the given one, or the median over estimators of the mean final value,
 * which about half of them reach. Null where training has no curve.
 */
export function targetOf(cells: readonly Cell[], given: number | undefined): Target | null {
  const done = cells.filter(({ record }) => record.state === "done");
  for (const { metric, split, higherIsBetter } of metrics) {
    const labels = [...new Set(done.map(({ record }) => record.label))];
    const means = labels.flatMap((label) => {
      const values = done
        .filter(({ record }) => record.label === label)
        .flatMap((cell) => lastValue(cell, metric, split) ?? []);
      return values.length === 0 ? [] : [mean(values)];
    });
    const over = done.some(
      ({ curve }) =>
        new Set(curve.flatMap((row) => (row.metric === metric && row.split === split ? row.step : []))).size >
        1,
    );
    if (means.length === 0 || !over) continue;
    return { metric, split, higherIsBetter, value: given ?? median(means), given: given !== undefined };
  }
  return null;
}

/** Evaluations and seconds of training at the first log point at which a cell has reached the target. */
function costOf({ curve }: Cell, { metric, split, value: target, higherIsBetter }: Target) {
  const found = curve.find(
    (row) =>
      row.metric === metric &&
      row.split === split &&
      row.value !== null &&
      (higherIsBetter ? row.value >= target : row.value <= target),
  );
  return found && { evaluations: found.forward + found.backward, seconds: found.seconds };
}

/** How many seeds of an estimator reach the target, and at what cost where all do: the mean of some would flatter it. */
export function timeToTarget(
  cells: readonly Cell[],
  all: number,
  target: Target,
): NonNullable<RankingRow["toTarget"]> {
  const reached = cells.flatMap((cell) => {
    const cost = costOf(cell, target);
    return cost === undefined ? [] : [{ seed: cell.record.seed, ...cost }];
  });
  const interval = (key: "evaluations" | "seconds"): Interval | null => {
    if (reached.length < all || all === 0) return null;
    const values = reached.map((one) => ({ seed: one.seed, value: one[key] }));
    const numbers = values.map(({ value }) => value);
    return { ...intervalOn("log" satisfies Measure["scale"], numbers), n: values.length, values };
  };
  return { reached: reached.length, all, evaluations: interval("evaluations"), seconds: interval("seconds") };
}
