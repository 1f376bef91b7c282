/** From the cells of a reproduction to its rows. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRun } from "../../reports/format/read-run.ts";
import type { Cell, CurveRow } from "../../reports/format/records.ts";
import type { Order, ReproducedRow } from "../../reports/format/reproduction-record.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Column, Experiment, Quantity } from "./paper.ts";
import { quantitiesOf } from "./paper.ts";
import { judge, rankCorrelation, summarised, type OneValue } from "./verdict.ts";

export interface Tried {
  readonly rate: number;
  readonly value: number | null;
}

/** A column as far as it has come. */
export interface Progress {
  readonly experiment: Experiment;
  readonly column: Column;
  readonly rate: number | null;
  readonly tried: readonly Tried[];
  /** Of the test; empty before a rate is chosen. */
  readonly planned: readonly PlannedCell[];
  /** Why there are none, where there will be none. */
  readonly failure?: string;
  /** Values by quantity, of an experiment that trains nothing. */
  readonly measured?: Readonly<Record<string, OneValue>>;
  readonly unequal: readonly string[];
}

export async function cellsOf(folder: string): Promise<ReadonlyMap<string, Cell>> {
  if (!existsSync(join(folder, "manifest.json"))) return new Map();
  const { cells } = await readRun(folder);
  return new Map(cells.map((cell) => [cell.record.hash, cell]));
}

export function lastRow(cell: Cell | undefined, metric: string, split: string): CurveRow | undefined {
  return cell?.curve.findLast((row) => row.metric === metric && row.split === split);
}

/** What validation says of a cell, higher is better: the bound, the ELBO, or minus the cost. Never the test's. */
export function validationValue(cell: Cell | undefined): number | null {
  if (cell === undefined || cell.record.state !== "done") return null;
  for (const [metric, split, sign] of [
    ["bound", "valid", 1],
    ["elbo", "valid", 1],
    ["cost", "valid", -1],
    ["cost", "train", -1],
  ] as const) {
    const value = lastRow(cell, metric, split)?.value;
    if (typeof value === "number") return sign * value;
  }
  return null;
}

/** The rate with the highest value; nothing where all diverged. */
export function bestRate(tried: readonly Tried[]): number | undefined {
  let best: { rate: number; value: number } | undefined;
  for (const { rate, value } of tried)
    if (value !== null && (best === undefined || value > best.value)) best = { rate, value };
  return best?.rate;
}

function statesOf({ planned, failure, measured }: Progress, cells: ReadonlyMap<string, Cell>): string {
  if (failure !== undefined) return failure;
  if (measured !== undefined) return "done";
  if (planned.length === 0) return "pending";
  return [...new Set(planned.map(({ hash }) => cells.get(hash)?.record.state ?? "pending"))].join(", ");
}

function rowOf(progress: Progress, quantity: Quantity, cells: ReadonlyMap<string, Cell>): ReproducedRow {
  const { experiment, column, rate, tried, planned, measured, unequal } = progress;
  const done = planned.flatMap(({ hash }) => {
    const cell = cells.get(hash);
    return cell?.record.state === "done" ? [cell] : [];
  });
  const rows = done.flatMap((cell) => lastRow(cell, quantity.metric, quantity.split) ?? []);
  const given = measured?.[quantity.name];
  const values = rows.flatMap(({ value, standardError }): OneValue[] =>
    value === null
      ? []
      : [
          {
            value: quantity.factor * value,
            ...(standardError === undefined
              ? {}
              : { standardError: Math.abs(quantity.factor) * standardError }),
          },
        ],
  );
  const summary = summarised(given === undefined ? values : [given], given === undefined ? "rows" : "draws");
  const published = column.published[quantity.name];
  return {
    ...{ experiment: experiment.id, title: experiment.title, source: experiment.source },
    ...{ column: column.title, task: experiment.task, estimator: column.estimator },
    ...{ quantity: quantity.title, unit: quantity.unit, decimals: quantity.decimals },
    published: published ?? null,
    derived: experiment.derived === true,
    measured: summary,
    ...judge(summary, published, quantity),
    unequal,
    steps: done.length > 0 ? Math.min(...done.map(({ record }) => record.steps.done)) : null,
    learningRate: rate,
    tried,
    seeds: given === undefined ? done.length : 1,
    samples: rows[0]?.samples ?? null,
    rows: rows[0]?.rows ?? null,
    states: statesOf(progress, cells),
    cells: planned.map(({ hash }) => hash),
  };
}

/** Quantity by quantity, the columns in the paper's order. */
export function rowsOf(
  all: readonly Progress[],
  cells: (experiment: string) => ReadonlyMap<string, Cell>,
): ReproducedRow[] {
  const experiments = [...new Set(all.map(({ experiment }) => experiment))];
  return experiments.flatMap((experiment) =>
    quantitiesOf(experiment).flatMap((quantity) =>
      all
        .filter((progress) => progress.experiment === experiment)
        .map((progress) => rowOf(progress, quantity, cells(experiment.id))),
    ),
  );
}

/** Orders of the estimators that were measured, where one way is better and not all have one value to reach. */
export function ordersOf(rows: readonly ReproducedRow[], experiments: readonly Experiment[]): Order[] {
  return experiments.flatMap((experiment) =>
    quantitiesOf(experiment).flatMap((quantity): Order[] => {
      const both = rows.filter(
        (row) =>
          row.experiment === experiment.id &&
          row.quantity === quantity.title &&
          row.measured !== null &&
          row.published !== null,
      );
      if (quantity.better === undefined || both.length < 3) return [];
      if (both.every(({ published }) => published === both[0]!.published)) return [];
      const sign = quantity.better === "lower" ? 1 : -1;
      const by = (value: (row: ReproducedRow) => number) =>
        [...both].sort((a, b) => sign * (value(a) - value(b))).map(({ column }) => column);
      const correlation = rankCorrelation(both.map((row) => [row.published!, row.measured!.mean]));
      return [
        {
          ...{ experiment: experiment.id, quantity: quantity.title, correlation },
          published: by((row) => row.published!),
          measured: by((row) => row.measured!.mean),
        },
      ];
    }),
  );
}
