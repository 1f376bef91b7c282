/** From the finished cells of an experiment to the rows of its table. */
import type { CurveRow } from "../../reports/format/records.ts";
import type { EstimatorOrder, ReproducedRow } from "../../reports/format/reproduction-record.ts";
import type { PlannedCell } from "../plan/plan.ts";
import { quantitiesOf, type Experiment, type PaperColumn, type Quantity } from "./paper.ts";
import { compareWithSeeds, type MeasuredCell } from "./stored-values.ts";
import { meanWithInterval, rankCorrelation, verdictOf, type ValueWithError } from "./verdict.ts";

/** Finished and unfinished cells by their hash, of a run folder or stored. */
export type CellsByHash = ReadonlyMap<string, MeasuredCell>;

/** What is known of a column of an experiment. */
export interface MeasuredColumn {
  readonly column: PaperColumn;
  /** The learning rate of the test cells; null for the task's default. */
  readonly rate?: number | null;
  /** Learning rates and their values on the validation split. */
  readonly tried?: ReproducedRow["tried"];
  /** The test cells; absent before a rate is chosen. */
  readonly planned?: readonly PlannedCell[];
  /** Why there are no test cells. */
  readonly failure?: string;
  /** Values by the quantity's name, of an experiment that trains nothing. */
  readonly fixed?: Readonly<Record<string, ValueWithError>>;
  readonly unequal?: readonly string[];
  /** Stored cells of the settings of the test cells, to verify these with. */
  readonly stored?: readonly MeasuredCell[];
}

const lastRow = (cell: MeasuredCell, metric: string, split: string): CurveRow | undefined =>
  cell.curve.findLast((row) => row.metric === metric && row.split === split);

function stateOf({ planned, failure, fixed }: MeasuredColumn, cells: CellsByHash): string {
  if (failure !== undefined) return failure;
  if (fixed !== undefined) return "done";
  const states = planned?.map(({ hash }) => cells.get(hash)?.record.state ?? "pending");
  return [...new Set(states ?? ["pending"])].join(", ");
}

function valueOf({ value, standardError }: CurveRow, { factor = 1 }: Quantity): ValueWithError[] {
  if (value === null) return [];
  const error =
    standardError === undefined || standardError === null
      ? {}
      : { standardError: Math.abs(factor) * standardError };
  return [{ value: factor * value, ...error }];
}

function rowOf(
  experiment: Experiment,
  quantity: Quantity,
  known: MeasuredColumn,
  cells: CellsByHash,
): ReproducedRow {
  const { column, planned = [] } = known;
  const found = planned.flatMap(({ hash }) => cells.get(hash) ?? []);
  const done = found.filter(({ record }) => record.state === "done");
  const lastRows = (some: readonly MeasuredCell[]) =>
    some.flatMap((cell) => lastRow(cell, quantity.metric, quantity.split) ?? []);
  const rows = lastRows(done);
  const fixed = known.fixed?.[quantity.name];
  const measured =
    fixed === undefined
      ? meanWithInterval(
          rows.flatMap((row) => valueOf(row, quantity)),
          "rows",
        )
      : meanWithInterval([fixed], "draws");
  const published = column.published[quantity.name];
  const ours = lastRows(known.stored ?? []).flatMap((row) => valueOf(row, quantity));
  const verified =
    measured &&
    compareWithSeeds(
      measured.mean,
      ours.map(({ value }) => value),
    );
  return {
    ...{ experiment: experiment.id, title: experiment.title, source: experiment.source },
    ...{ column: column.title, task: experiment.task, estimator: column.estimator },
    ...{ quantity: quantity.title, unit: quantity.unit ?? "", decimals: quantity.decimals },
    ...{ published: published ?? null, derived: experiment.derived === true, measured },
    ...verdictOf(measured, published, quantity),
    ...(verified && { verified }),
    unequal: known.unequal ?? [],
    steps: done.length > 0 ? Math.min(...done.map(({ record }) => record.steps.done)) : null,
    learningRate: known.rate ?? null,
    tried: known.tried ?? [],
    seeds: fixed === undefined ? done.length : 1,
    samples: rows[0]?.samples ?? null,
    rows: rows[0]?.rows ?? null,
    states: stateOf(known, cells),
    cells: planned.map(({ hash }) => hash),
  };
}

/** Rows by quantity, columns in the paper's order. */
export function rowsOf(
  experiment: Experiment,
  columns: readonly MeasuredColumn[],
  cells: CellsByHash = new Map(),
): ReproducedRow[] {
  return quantitiesOf(experiment).flatMap((quantity) =>
    columns.map((column) => rowOf(experiment, quantity, column, cells)),
  );
}

/** Rows before anything is measured. */
export const pendingRows = (experiment: Experiment): ReproducedRow[] =>
  rowsOf(experiment, experiment.kind === "speed" ? [] : experiment.columns.map((column) => ({ column })));

/** Published and measured orders of estimators, of quantities with a better side and more than one published value. */
export function ordersOf(
  rows: readonly ReproducedRow[],
  experiments: readonly Experiment[],
): EstimatorOrder[] {
  return experiments.flatMap((experiment) =>
    quantitiesOf(experiment).flatMap(({ title, better }): EstimatorOrder[] => {
      const both = rows.flatMap(({ column, measured, published, ...row }) => {
        const here = row.experiment === experiment.id && row.quantity === title;
        return here && measured && published !== null ? [{ column, measured: measured.mean, published }] : [];
      });
      const distinct = new Set(both.map(({ published }) => published)).size;
      if (better === undefined || both.length < 3 || distinct === 1) return [];
      const sign = better === "lower" ? 1 : -1;
      const by = (key: "measured" | "published") =>
        both.toSorted((a, b) => sign * (a[key] - b[key])).map(({ column }) => column);
      const correlation = rankCorrelation(both.map((row) => [row.published, row.measured]));
      const orders = { published: by("published"), measured: by("measured") };
      return [{ experiment: experiment.id, quantity: title, correlation, ...orders }];
    }),
  );
}
