/** What a task is ranked by, and how values are taken out of cells. */
import type { Cell, GradientRow } from "./records.ts";
import type { Measure } from "./summary.ts";

const metrics = [
  { metric: "elbo", title: "ELBO", unit: "nats", higherIsBetter: true },
  { metric: "bound", title: "bound", unit: "nats", higherIsBetter: true },
  { metric: "nll", title: "NLL", unit: "nats", higherIsBetter: false },
  { metric: "accuracy", title: "accuracy", unit: "", higherIsBetter: true },
  { metric: "cost", title: "cost", unit: "", higherIsBetter: false },
] as const;

const splitNames: Readonly<Record<string, string>> = { test: "test", valid: "validation", train: "training" };

/** A title for a metric that a task may have named itself. */
export function metricTitle(metric: string): string {
  const known = metrics.find((one) => one.metric === metric);
  return known?.title ?? metric.replaceAll("-", " ");
}

export function splitTitle(split: string): string {
  return splitNames[split] ?? split;
}

/** The value at the last step at which a cell has the metric; null when it is not finite or absent. */
export function lastValue(cell: Cell, metric: string, split: string): number | null {
  let last: { step: number; value: number | null } | null = null;
  for (const row of cell.curve)
    if (row.metric === metric && row.split === split && (last === null || row.step >= last.step)) last = row;
  return last?.value ?? null;
}

const isDone = (cell: Cell) => cell.record.state === "done";

/** At the start all estimators of a seed share their parameters: an `own` measurement there is a frozen one. */
export function fairProtocol(row: GradientRow): "frozen" | "shared" | null {
  if (row.protocol === "own") return row.step === 0 ? "frozen" : null;
  return row.protocol;
}

export interface Stage {
  readonly protocol: "frozen" | "shared";
  readonly step: number;
}

/** The latest stage of the fair protocols that the most estimators were measured at. */
export function latestStage(cells: readonly Cell[]): Stage | null {
  const reached = new Map<string, { stage: Stage; estimators: Set<string> }>();
  for (const { record, gradients } of cells)
    for (const row of gradients) {
      const protocol = fairProtocol(row);
      if (protocol === null) continue;
      const key = `${protocol} ${row.step}`;
      const found = reached.get(key) ?? {
        stage: { protocol, step: row.step },
        estimators: new Set<string>(),
      };
      found.estimators.add(record.label);
      reached.set(key, found);
    }
  const stages = [...reached.values()];
  stages.sort((a, b) => b.estimators.size - a.estimators.size || b.stage.step - a.stage.step);
  return stages[0]?.stage ?? null;
}

export function gradientAt(cell: Cell, stage: Stage): GradientRow | undefined {
  return cell.gradients.find((row) => row.step === stage.step && fairProtocol(row) === stage.protocol);
}

/**
 * The first of test, validation and training ELBO, bound, NLL, accuracy and cost that a finished cell has; failing
 * that, the first that any cell has, provisionally; failing that, the gradient variance of a run that trains nothing.
 */
export function chooseMeasure(cells: readonly Cell[]): Measure | null {
  for (const provisional of [false, true])
    for (const split of ["test", "valid", "train"])
      for (const known of metrics) {
        const has = cells.some(
          (cell) => (provisional || isDone(cell)) && lastValue(cell, known.metric, split) !== null,
        );
        if (has)
          return {
            ...known,
            title: `${splitTitle(split)} ${known.title}`,
            split,
            scale: "linear",
            provisional,
          };
      }
  const stage = latestStage(cells);
  if (stage === null) return null;
  const title = `estimator variance (${stage.protocol}, step ${stage.step})`;
  const shape = { metric: "variance-estimator", split: "gradients", title, unit: "", higherIsBetter: false };
  return { ...shape, scale: "log", provisional: !cells.some(isDone) };
}

/** A cell's value of a measure; null while it does not count. */
export function measured(cell: Cell, measure: Measure, stage: Stage | null): number | null {
  if (!measure.provisional && !isDone(cell)) return null;
  if (measure.scale === "linear") return lastValue(cell, measure.metric, measure.split);
  return stage === null ? null : (gradientAt(cell, stage)?.varianceEstimator ?? null);
}
