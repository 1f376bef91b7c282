/** The parameters and state that a finished or interrupted cell left in its checkpoint. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Arrays } from "../../tasks/task.ts";
import { editionOf } from "../../reports/format/versions.ts";
import { faultsOf } from "../../reports/format/checksums.ts";
import { decodeCheckpoint } from "./checkpoint.ts";
import { environment, mistake } from "../errors.ts";
import { hashOf } from "../hash.ts";
import { readRecord } from "./cell-folder.ts";

export interface CellSnapshot {
  readonly step: number;
  readonly task: string;
  /** Of the task, where the cell says so. */
  readonly version: number | null;
  readonly estimator: string;
  /** The task's parameters, the estimator's parameters and its state, under their plain names. */
  readonly parameters: Arrays;
  readonly estimatorParameters: Arrays;
  readonly state: Arrays;
}

export function readSnapshot(folder: string): CellSnapshot {
  const file = join(folder, "checkpoint");
  const record = readRecord(folder);
  if (!record || !existsSync(file))
    throw mistake(
      `--parameters: it must name the folder of a cell that has a checkpoint (runs/NAME/cells/HASH), got ${folder}`,
    );
  const [fault] = faultsOf(folder) ?? [];
  if (fault !== undefined) throw environment(fault);
  const decoded = decodeCheckpoint(readFileSync(file));
  if ("fault" in decoded) throw mistake(`${file}: the checkpoint must be whole, but ${decoded.fault}`);
  const { step, arrays: all } = decoded.snapshot;
  const under = (prefix: string): Arrays =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, a]) =>
        name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), a]] : [],
      ),
    );
  const { task, estimator, resolved } = record;
  const names = JSON.stringify([task, estimator]);
  if (hashOf(resolved) !== record.hash || JSON.stringify(namesIn(resolved)) !== names)
    throw environment(
      `${join(folder, "cell.json")}: what it resolves to must have the names and hash of the cell, but it changed`,
    );
  const { version } = editionOf(record);
  const arrays = { parameters: under("task"), estimatorParameters: under("own"), state: under("state") };
  return { step, task, version, estimator, ...arrays };
}

/** Of the task and the estimator, where the hash covers them. */
function namesIn(resolved: Readonly<Record<string, unknown>>): unknown[] {
  return ["task", "estimator"].map(
    (part) => (resolved[part] as { readonly name?: unknown } | undefined)?.name,
  );
}
