/** Measurements at the stages of a bank (`bench report --bank`): bank/*.json of a run's folder. */
import { join } from "node:path";
import { fileNameOf, namesIn } from "./disk.ts";
import { readJson, writeJson } from "./json-file.ts";
import { stageRecordSchema, type Cell, type StageRecord } from "./records.ts";

/** The file of a task and seed in a run's folder. */
export const stageFile = (run: string, { taskLabel, seed }: Pick<StageRecord, "taskLabel" | "seed">) =>
  join(run, "bank", `${fileNameOf(taskLabel)}-seed${seed}.json`);

export const writeStages = (run: string, record: StageRecord): void =>
  writeJson(stageFile(run, record), record);

/** The measurements in a run's folder; none where no bank was measured. */
export function readStages(run: string): StageRecord[] {
  const folder = join(run, "bank");
  const files = namesIn(folder).filter((name) => name.endsWith(".json"));
  return files.sort().flatMap((name) => readJson(join(folder, name), stageRecordSchema) ?? []);
}

/** Adds to each cell the rows of its task, estimator and seed, unless they were measured for another cell of these names. */
export function withStages(cells: readonly Cell[], stages: readonly StageRecord[]): readonly Cell[] {
  return cells.map((cell) => {
    const { taskLabel, label, seed, hash } = cell.record;
    const found = stages
      .filter((stage) => stage.taskLabel === taskLabel && stage.seed === seed)
      .flatMap(({ rows }) => rows)
      .filter((row) => row.estimator === label && (row.cell ?? hash) === hash);
    return { ...cell, gradients: [...cell.gradients, ...found.map(({ row }) => row)] };
  });
}
