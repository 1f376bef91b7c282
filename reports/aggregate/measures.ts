/** Chooses the measure that a task is ranked by, and reads values from cells. */
import type { Cell, GradientRow } from "../format/records.ts";
import type { Measure } from "../format/summary.ts";

const metrics = [
  { metric: "elbo", title: "ELBO", unit: "nats", higherIsBetter: true },
  { metric: "bound", title: "bound", unit: "nats", higherIsBetter: true },
  { metric: "nll", title: "NLL", unit: "nats", higherIsBetter: false },
  { metric: "bits-per-dimension", title: "bits per dimension", unit: "bits", higherIsBetter: false },
  { metric: "accuracy", title: "accuracy", unit: "", higherIsBetter: true },
  { metric: "cost", title: "cost", unit: "", higherIsBetter: false },
] as const;

const splitNames: Readonly<Record<string, string>> = { test: "test", valid: "validation", train: "training" };

/** The title of a metric; a task may have metrics of its own. */
export function metricTitle(metric: string): string {
  const known = metrics.find((one) => one.metric === metric);
  return known?.title ?? metric.replaceAll("-", " ");
}

export function splitTitle(split: string): string {
  return splitNames[split] ?? split;
}

/** The value at the last step at which a cell has the metric; null where it is absent or not finite. */
export function lastValue(cell: Cell, metric: string, split: string): number | null {
  let last: { step: number; value: number | null } | null = null;
  for (const row of cell.curve)
    if (row.metric === metric && row.split === split && (last === null || row.step >= last.step)) last = row;
  return last?.value ?? null;
}

const isDone = (cell: Cell) => cell.record.state === "done";

/**
 * The protocol under which estimators can be compared by a row. At step 0 all estimators of a seed have the same
 * parameters, so that any row is as good as frozen; later `own` rows are at different parameters, and get null.
 */
function fairProtocol(row: GradientRow): "frozen" | "shared" | null {
  if (row.step === 0) return "frozen";
  return row.protocol === "own" ? null : row.protocol;
}

/** Where in training gradients of all estimators were measured at the same parameters. */
export interface Stage {
  readonly protocol: "frozen" | "shared";
  readonly step: number;
  /** `start`, or `middle` and `end` of a bank's reference run. */
  readonly name: string | null;
}

/** `end: shared, step 10000` */
export function stageTitle({ name, protocol, step }: Stage): string {
  return `${name === null ? "" : `${name}: `}${protocol}, step ${step}`;
}

/** The stages by step, each with the estimators that were measured there. */
export function fairStages(cells: readonly Cell[]): { stage: Stage; estimators: ReadonlySet<string> }[] {
  const reached = new Map<string, { stage: Stage; estimators: Set<string> }>();
  for (const { record, gradients } of cells)
    for (const row of gradients) {
      const protocol = fairProtocol(row);
      if (protocol === null) continue;
      const key = `${protocol} ${row.step}`;
      const found = reached.get(key) ?? {
        stage: { protocol, step: row.step, name: row.step === 0 ? "start" : (row.stage ?? null) },
        estimators: new Set<string>(),
      };
      found.estimators.add(record.label);
      reached.set(key, found);
    }
  return [...reached.values()].sort((a, b) => a.stage.step - b.stage.step);
}

/** The latest of the stages at which the most estimators were measured. */
export function latestStage(cells: readonly Cell[]): Stage | null {
  const stages = fairStages(cells).sort(
    (a, b) => b.estimators.size - a.estimators.size || b.stage.step - a.stage.step,
  );
  return stages[0]?.stage ?? null;
}

/** The row of a stage. At the start a bank's row and the run's own are joined: the bank's adds the bias. */
export function gradientAt(cell: Cell, stage: Stage): GradientRow | undefined {
  const rows = cell.gradients.filter(
    (row) => row.step === stage.step && fairProtocol(row) === stage.protocol,
  );
  return rows.length < 2 ? rows[0] : (Object.assign({}, ...rows) as GradientRow);
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
  const title = `estimator variance (${stageTitle(stage)})`;
  const shape = { metric: "variance-estimator", split: "gradients", title, unit: "", higherIsBetter: false };
  return { ...shape, scale: "log", provisional: !cells.some(isDone) };
}

/** A cell's value of a measure; null where it has none, or has not finished and the measure is not provisional. */
export function measured(cell: Cell, measure: Measure, stage: Stage | null): number | null {
  if (!measure.provisional && !isDone(cell)) return null;
  if (measure.scale === "linear") return lastValue(cell, measure.metric, measure.split);
  return stage === null ? null : (gradientAt(cell, stage)?.varianceEstimator ?? null);
}
