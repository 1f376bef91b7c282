/** What `bench report --bank` has measured at the stages of a bank: bank/*.json of a run folder. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { reportError } from "./report-error.ts";
import { recordsVersion } from "./records.ts";
import { parseSummed, readText } from "./checked-json.ts";
import type { Cell, GradientRow } from "./records.ts";

/** bank/TASK-seedN.json */
export interface StageRecord {
  readonly version: number;
  readonly taskLabel: string;
  /** Of the bank and of the cells: a reference run and a cell of one seed begin with the same parameters. */
  readonly seed: number;
  readonly rows: readonly {
    readonly estimator: string;
    /** The hash of the cell that it was measured for; absent in the first ones. */
    readonly cell?: string;
    readonly row: GradientRow;
  }[];
}

const stageFolder = (run: string) => join(run, "bank");

/** The file of a task and seed in a run's folder. */
export const stageFile = (run: string, { taskLabel, seed }: Pick<StageRecord, "taskLabel" | "seed">) =>
  join(stageFolder(run), `${taskLabel.replaceAll(/[^\w.+=-]+/g, "-")}-seed${seed}.json`);

function checked(text: string, path: string): StageRecord {
  const record = parseSummed(text, path) as Partial<StageRecord>;
  if (record.version !== recordsVersion)
    throw reportError(
      `${path}: version must be ${recordsVersion} (the shapes this reader knows), got ${JSON.stringify(record.version)}.`,
    );
  const sound = ({ estimator, row }: StageRecord["rows"][number]) =>
    typeof estimator === "string" && typeof row?.step === "number" && row.protocol === "shared";
  if (!Array.isArray(record.rows) || !record.rows.every(sound))
    throw reportError(
      `${path}: rows must be gradient rows of estimators under protocol shared, got another shape; ` +
        "bench report --bank measures them anew.",
    );
  return record as StageRecord;
}

/** The stages that a run folder holds; none where no bank was measured. */
export async function readStages(run: string): Promise<StageRecord[]> {
  const folder = stageFolder(run);
  const names = await readdir(folder).catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [] as string[];
    throw reportError(`${folder}: must be a readable folder, got ${(error as Error).message}.`);
  });
  const files = names.filter((name) => name.endsWith(".json")).sort();
  return files.map((name) => join(folder, name)).map((path) => checked(readText(path), path));
}

/** Cells with the rows of their task, estimator and seed, unless those were measured for another cell of these names. */
export function withStages(cells: readonly Cell[], stages: readonly StageRecord[]): readonly Cell[] {
  const key = (task: string, estimator: string, seed: number) => JSON.stringify([task, estimator, seed]);
  const rows = new Map<string, StageRecord["rows"][number][]>();
  for (const { taskLabel, seed, rows: own } of stages)
    for (const row of own) {
      const name = key(taskLabel, row.estimator, seed);
      rows.set(name, [...(rows.get(name) ?? []), row]);
    }
  if (rows.size === 0) return cells;
  return cells.map((cell) => {
    const { taskLabel, label, seed, hash } = cell.record;
    const found = (rows.get(key(taskLabel, label, seed)) ?? []).filter((row) => (row.cell ?? hash) === hash);
    return found.length === 0
      ? cell
      : { ...cell, gradients: [...cell.gradients, ...found.map(({ row }) => row)] };
  });
}
