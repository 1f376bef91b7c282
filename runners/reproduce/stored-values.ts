/** Finished cells that the repository stores: what need not be trained again, and what a new training is verified with. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Cell } from "../../reports/format/records.ts";
import {
  readStoredCells,
  sameCell,
  storedCellOf,
  writeStoredCells,
  type CellIdentity,
  type StoredCell,
} from "../../reports/format/stored-cells.ts";
import { tInterval } from "../../reports/aggregate/statistics.ts";
import type { VerifiedValue } from "../../reports/format/reproduction-record.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Prepared } from "../plan/prepare.ts";

/** The file of a paper in the repository and in the package. */
export function storedFile(paper: string): string {
  const root = dirname(createRequire(import.meta.url).resolve("estimator-bench/package.json"));
  return join(root, "docs", "reproduction", `${paper}.json`);
}

/** What decides the numbers of a planned cell of an experiment. */
export function identityOf(
  experiment: string,
  { plan, tasks }: Pick<Prepared, "plan" | "tasks">,
  cell: PlannedCell,
): CellIdentity {
  const { testRows, boundRows } = plan.evaluation;
  return {
    ...{ experiment, task: cell.taskKey, estimator: cell.label, seed: cell.seed, testRows, boundRows },
    steps: cell.budget.steps,
    images: tasks.get(cell.taskKey)!.sums["train-images-idx3-ubyte"] ?? null,
    boundSamples: plan.boundSamples,
  };
}

/** What the rows of a table need of a cell, trained here or stored. */
export interface MeasuredCell {
  readonly record: { readonly state: string; readonly steps: { readonly done: number } };
  readonly curve: Cell["curve"];
}

const asMeasured = ({ state, steps, rows }: StoredCell): MeasuredCell => ({
  record: { state, steps: { done: steps } },
  curve: rows,
});

export type Store = ReturnType<typeof openStore>;

/** Opens a file of stored cells, to which finished ones are added; without a path nothing is known and nothing stored. */
export function openStore(path: string | undefined, paper: string) {
  let cells = path === undefined ? [] : readStoredCells(path, paper);
  return {
    find(identity: CellIdentity): MeasuredCell | undefined {
      const found = cells.find((cell) => sameCell(cell, identity));
      return found && asMeasured(found);
    },
    /** The cells of all seeds. */
    seedsOf: (identity: CellIdentity): readonly MeasuredCell[] =>
      cells.filter((cell) => sameCell(cell, identity, "any seed")).map(asMeasured),
    /** Adds a finished cell and writes the file. One that failed is not stored. */
    add(identity: CellIdentity, cell: Cell): void {
      if (path === undefined || !["done", "diverged"].includes(cell.record.state)) return;
      // Another process may have added cells since.
      const others = readStoredCells(path, paper).filter((other) => !sameCell(other, identity));
      cells = [...others, storedCellOf(identity, cell)];
      writeStoredCells(path, paper, cells);
    },
  };
}

/** Share of false alarms among values whose seed is new; with the seed of a stored training there are fewer. */
const falseAlarms = 0.01;

/**
 * Whether a new value agrees with those of stored seeds: it lies in the interval in which the value of one further seed
 * lies with probability 99 %, x̄ ± t s √(1 + 1/n). Undefined below three seeds.
 */
export function compareWithSeeds(value: number, stored: readonly number[]): VerifiedValue | undefined {
  if (stored.length < 3) return undefined;
  const { mean, low, high } = tInterval(stored, 1 - falseAlarms);
  // The half width of the interval of the mean is t s / √n.
  const half = ((high! - low!) / 2) * Math.sqrt(stored.length + 1);
  return { mean, half, seeds: stored.length, agrees: Math.abs(value - mean) <= half };
}
