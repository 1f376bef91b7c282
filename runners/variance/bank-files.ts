/**
 * A bank: snapshots of one task at the start, the middle and the end of a reference run, each with a fixed batch and
 * the reference gradient there, so that any estimator gets bias, variance and cosine at three stages in seconds.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Arrays, Task } from "../../tasks/task.ts";
import { demand, isObject } from "../../reports/format/demand.ts";
import { readText, sumFault } from "../../reports/format/checked-json.ts";
import { decodeCheckpoint } from "../store/checkpoint.ts";
import { onDisk } from "../store/disk.ts";
import { mistake } from "../errors.ts";
import { sha256 } from "../hash.ts";
import { meanOf, type Sums } from "./moments.ts";
import { fixedRows, type Reference } from "./fixed-parameters.ts";

/** Raised when the files of a bank change their meaning. */
export const bankVersion = 3;

export const stageNames = ["start", "middle", "end"] as const;
export type StageName = (typeof stageNames)[number];

/** bank.json */
export interface Bank {
  readonly version: number;
  /** How `--task` names it: `cat10:variant=blog`. */
  readonly taskLabel: string;
  readonly taskVersion: number;
  readonly seed: number;
  readonly engine: string;
  /** What was trained, and for how many steps. */
  readonly trained: string;
  readonly steps: number;
  /** Provenance of the data: name and checksum of each file. */
  readonly data: Readonly<Record<string, string>>;
  /** The rows of the training split that are the fixed batch. */
  readonly rows: readonly number[];
  readonly stages: readonly {
    readonly stage: StageName;
    readonly step: number;
    /** Evaluations per row and seconds of training so far. */
    readonly forward: number;
    readonly backward: number;
    readonly seconds: number;
    readonly file: string;
    /** Of that file: the snapshot of another bank is whole too. */
    readonly sha256: string;
    /** `exact`, or the label of the sampled reference. */
    readonly reference: string;
    /** Standard error of a sampled reference as a share of its norm. */
    readonly referenceError: number | null;
    readonly draws: number | null;
    readonly norm: number;
  }[];
}

/** What a stage holds: where to measure, and what against. */
export interface StageSnapshot {
  readonly step: number;
  readonly parameters: Arrays;
  readonly reference: Reference;
}

export const bankFile = (folder: string) => join(folder, "bank.json");

/** Those under a prefix, without it. */
export const pick = (arrays: Arrays, prefix: string): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, a]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), a]] : [],
    ),
  );

/** What stands beside the arrays of a stage. */
interface Beside {
  readonly name: string;
  readonly error: number | null;
  /** Of a sampled reference, whose block means are arrays: they carry its standard errors, coordinate by coordinate. */
  readonly sums?: Pick<Sums, "draws" | "squares" | "notFinite">;
}

const vector = (values: Float64Array) => ({ shape: [values.length], values: Float32Array.from(values) });

export function packReference({ name, error, gradient }: Reference): { arrays: Arrays; beside: Beside } {
  if (gradient instanceof Float64Array)
    return { arrays: { "reference/exact": vector(gradient) }, beside: { name, error } };
  const { draws, squares, notFinite, sum } = gradient;
  const means = sum.map((_, k) => [`reference/${k}`, vector(meanOf(gradient, [k]))] as const);
  return { arrays: Object.fromEntries(means), beside: { name, error, sums: { draws, squares, notFinite } } };
}

function unpackReference(arrays: Arrays, { name, error, sums }: Beside): Reference {
  if (!sums) {
    const gradient = Float64Array.from(arrays["exact"]!.values);
    return { name, gradient, mean: gradient, error };
  }
  const sum = sums.draws.map((n, k) => Float64Array.from(arrays[k]!.values, (x) => x * n));
  const gradient: Sums = { width: sum[0]!.length, ...sums, sum };
  return { name, gradient, mean: meanOf(gradient), error };
}

/** Reads bank.json; a folder without one, or with one of another version, is the user's mistake. */
export function readBank(folder: string): Bank {
  if (!existsSync(bankFile(folder)))
    throw mistake(`--bank: the folder must hold a bank.json (as bench bank writes it), got ${folder}`);
  let bank: Bank;
  const text = readText(bankFile(folder));
  try {
    bank = JSON.parse(text) as Bank;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw mistake(`${bankFile(folder)}: the bank must be JSON, but it is broken; make it anew`, error);
  }
  if (bank?.version !== bankVersion)
    throw mistake(
      `${bankFile(folder)}: the bank must be of version ${bankVersion}, got ${JSON.stringify(bank?.version)}; make it anew`,
    );
  const fault = sumFault(bank as unknown as Record<string, unknown>);
  if (fault !== undefined)
    throw mistake(`${bankFile(folder)}: the bank must be as it was written, but ${fault}; make it anew`);
  demandShape(bank as unknown as Record<string, unknown>, bankFile(folder));
  return bank;
}

function demandShape(bank: Record<string, unknown>, path: string): void {
  const fields = { taskLabel: "string", taskVersion: "number", seed: "number", steps: "number" } as const;
  demand(bank, { ...fields, data: "object", rows: "array", stages: "array" }, path);
  for (const [i, stage] of (bank["stages"] as unknown[]).entries())
    demand(
      isObject(stage) ? stage : {},
      { stage: "string", step: "number", file: "string", sha256: "string", norm: "number" },
      `${path}, stage ${i + 1}`,
    );
}

/** A stage's parameters and reference; one that is torn is refused. */
export function readStage(
  folder: string,
  { file: name, step: wanted, sha256: sum }: Bank["stages"][number],
): StageSnapshot {
  const path = join(folder, name);
  if (!existsSync(path)) throw mistake(`${path}: the bank must hold this snapshot, got none; make it anew`);
  const bytes = onDisk(path, () => readFileSync(path));
  const decoded = decodeCheckpoint(bytes);
  if ("fault" in decoded) throw mistake(`${path}: the snapshot must be whole, but ${decoded.fault}`);
  const { step, arrays } = decoded.snapshot;
  if (step !== wanted || sha256(bytes) !== sum)
    throw mistake(
      `${path}: the snapshot must be the one that the bank was made with, of step ${wanted}, got another, of step ${step}; make the bank anew`,
    );
  const reference = unpackReference(pick(arrays, "reference/"), decoded.beside as Beside);
  return { step, parameters: pick(arrays, "task/"), reference };
}

/** Refuses a bank that was made of another task, of other data or for another batch. */
export function refuseUnequal(
  { taskLabel, taskVersion, data, rows, seed }: Bank,
  task: Task,
  version: number,
) {
  const now = [...fixedRows(task, seed)];
  const unequal =
    taskVersion !== version
      ? `version ${taskVersion} of the task, and this is version ${version}`
      : JSON.stringify(data) !== JSON.stringify(task.sums)
        ? `data with other checksums`
        : JSON.stringify(rows) !== JSON.stringify(now)
          ? "another fixed batch"
          : undefined;
  if (unequal !== undefined)
    throw mistake(`--bank: the bank of ${taskLabel} must be of the same task and data, got ${unequal}`);
}
