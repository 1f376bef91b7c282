/** The parameters and state that a finished or interrupted cell left in its checkpoint. */
import { join } from "node:path";
import type { Arrays } from "../../tasks/task.ts";
import { checksumFaults } from "../../reports/format/checksums.ts";
import { readBytes } from "../../reports/format/disk.ts";
import { readRecord, recordFile } from "../../reports/format/read-run.ts";
import { taskVersionOf, type Version } from "../../reports/format/versions.ts";
import { decodeCheckpoint } from "./checkpoint.ts";
import { environment, mistake } from "../errors.ts";
import { hashOf } from "../hash.ts";

export interface CellSnapshot {
  readonly step: number;
  readonly task: string;
  /** Of the task, where the cell says so. */
  readonly version: Version | null;
  readonly estimator: string;
  /** The task's parameters, the estimator's parameters and its state, under their plain names. */
  readonly parameters: Arrays;
  readonly estimatorParameters: Arrays;
  readonly state: Arrays;
}

export function readSnapshot(folder: string): CellSnapshot {
  const file = join(folder, "checkpoint");
  const record = readRecord(folder);
  const bytes = readBytes(file);
  if (record === undefined || bytes === undefined)
    throw mistake(
      `--parameters: ${folder} is not the folder of a cell with a checkpoint (runs/NAME/cells/HASH).`,
    );
  const [fault] = checksumFaults(folder) ?? [];
  if (fault !== undefined) throw environment(`${fault}.`);
  const decoded = decodeCheckpoint(bytes);
  if ("fault" in decoded) throw mistake(`${file}: this checkpoint cannot be used: ${decoded.fault}.`);
  if (hashOf(record.resolved) !== record.hash)
    throw environment(
      `${recordFile(folder)}: field resolved does not have the hash of the cell, so it changed.`,
    );
  const { step, arrays } = decoded.snapshot;
  const under = (prefix: string): Arrays =>
    Object.fromEntries(
      Object.entries(arrays).flatMap(([name, a]) =>
        name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), a]] : [],
      ),
    );
  const { task, estimator } = record;
  const parts = { parameters: under("task"), estimatorParameters: under("own"), state: under("state") };
  return { step, task, version: taskVersionOf(record), estimator, ...parts };
}
