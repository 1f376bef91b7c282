/** Runs that choose an option: short, on one seed, judged on the validation split. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readRun } from "../../reports/format/read-run.ts";
import type { Cell } from "../../reports/format/records.ts";
import type { Measurement, Rows } from "../plan/plan.ts";

/** The steps of a run that chooses an option, as a share of the run it chooses for. */
export const validationShare = 1 / 6;

/** Training steps of a run that chooses an option for a run of so many steps. */
export const validationSteps = (steps: number): number => Math.max(1, Math.round(steps * validationShare));

/** What such a run measures; the test split is not read. */
export const validationMeasurement = (validBoundRows: Rows = 0): Measurement => ({
  logPoints: 5,
  evaluation: { validRows: 1000, testRows: 0, boundRows: 0, validBoundRows },
  boundSamples: 100,
  gradients: { batches: 2, draws: 4, points: 0 },
});

/** The cells of a run folder by their hash; none where the run has not begun. */
export function readCells(folder: string): ReadonlyMap<string, Cell> {
  if (!existsSync(join(folder, "manifest.json"))) return new Map();
  const { cells } = readRun(folder);
  return new Map(cells.map((cell) => [cell.record.hash, cell]));
}

/** What validation needs of a cell. */
export interface ValidatedCell {
  readonly record: { readonly state: string };
  readonly curve: Cell["curve"];
}

/** Measures by which a cell is judged: the first that it has. A task without a validation split has its cost alone. */
const judged = [
  { metric: "bound", split: "valid", higherIsBetter: true },
  { metric: "elbo", split: "valid", higherIsBetter: true },
  { metric: "cost", split: "valid", higherIsBetter: false },
  { metric: "cost", split: "train", higherIsBetter: false },
] as const;

/** The measure by which a finished cell is judged, and its last value; null for a cell that did not finish. */
export function validationResult(cell: ValidatedCell | undefined) {
  if (cell?.record.state !== "done") return null;
  for (const measure of judged) {
    const { metric, split } = measure;
    const value = cell.curve.findLast((row) => row.metric === metric && row.split === split)?.value;
    if (typeof value === "number") return { ...measure, value };
  }
  return null;
}

/** What validation says of a cell, higher is better: the bound, the ELBO, or minus the cost. */
export function validationValue(cell: ValidatedCell | undefined): number | null {
  const found = validationResult(cell);
  return found === null ? null : found.higherIsBetter ? found.value : -found.value;
}

/** The trial with the highest value, the first of equals; undefined where all failed. */
export function bestTrial<T extends { readonly value: number | null }>(trials: readonly T[]): T | undefined {
  const finite = trials.filter(({ value }) => value !== null);
  const highest = Math.max(...finite.map(({ value }) => value!));
  return finite.find(({ value }) => value === highest);
}
