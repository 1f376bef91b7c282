/**
 * The files of a bank: bank.json, and a snapshot for the start, the middle and the end of a reference run, with the task's
 * parameters and the reference gradient there. Any estimator can then be measured at three stages of training in seconds.
 */
import { join } from "node:path";
import * as v from "valibot";
import type { Arrays, Task } from "../../tasks/task.ts";
import { readBytes, replaceFile } from "../../reports/format/disk.ts";
import type { Version } from "../../reports/format/versions.ts";
import { readJson, writeJson } from "../../reports/format/json-file.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../store/checkpoint.ts";
import { mistake } from "../errors.ts";
import { sha256 } from "../hash.ts";
import type { BlockSums } from "../train/block-sums.ts";
import { meanOf } from "../train/draw-sums.ts";
import { fixedRows } from "../train/noise-streams.ts";
import { prefixed, under } from "../train/step-inputs.ts";
import type { Reference } from "./reference.ts";

/** Raised when the files of a bank change their meaning. */
const bankVersion = 3;

export const stageNames = ["start", "middle", "end"] as const;

const stageSchema = v.object({
  stage: v.picklist(stageNames),
  step: v.number(),
  /** Evaluations per row and seconds of training up to here. */
  forward: v.number(),
  backward: v.number(),
  seconds: v.number(),
  /** The snapshot's file and its checksum, which tells it from the snapshot of another bank. */
  file: v.string(),
  sha256: v.string(),
  /** `exact`, or the label of the sampled reference. */
  reference: v.string(),
  /** Standard error of a sampled reference as a share of its norm. */
  referenceError: v.nullable(v.number()),
  draws: v.nullable(v.number()),
  norm: v.number(),
});

const bankSchema = v.object({
  version: v.literal(bankVersion),
  /** As in `--task`: `cat10:variant=blog`. */
  taskLabel: v.string(),
  /** As in records of cells. */
  taskVersion: v.union([v.number(), v.string()]),
  seed: v.number(),
  engine: v.string(),
  /** The label of the estimator that was trained, and for how many steps. */
  trained: v.string(),
  steps: v.number(),
  /** Name and checksum of each data file. */
  data: v.record(v.string(), v.string()),
  /** The rows of the training split that are the fixed batch. */
  rows: v.array(v.number()),
  stages: v.array(stageSchema),
});

export type BankStage = v.InferOutput<typeof stageSchema>;
export type Bank = v.InferOutput<typeof bankSchema>;

/** The parameters of a stage, and the reference gradient there. */
export interface StageSnapshot {
  readonly step: number;
  readonly parameters: Arrays;
  readonly reference: Reference;
}

const bankFile = (folder: string) => join(folder, "bank.json");

export function writeBank(folder: string, bank: Omit<Bank, "version">): Bank {
  const versioned: Bank = { version: bankVersion, ...bank };
  writeJson(bankFile(folder), versioned);
  return versioned;
}

/** Reads bank.json; a folder without one is the user's mistake. */
export function readBank(folder: string): Bank {
  const bank = readJson(bankFile(folder), bankSchema);
  if (bank === undefined) throw mistake(`--bank: ${folder} has no bank.json. Make the bank with bench bank.`);
  return bank;
}

/** What is stored of a reference beside its arrays. */
interface ReferenceHeader {
  readonly name: string;
  readonly error: number | null;
  /** Of a sampled reference, whose block means are the arrays: together they give its standard errors. */
  readonly sums?: Pick<BlockSums, "draws" | "squares" | "notFinite">;
}

const vector = (values: Float64Array) => ({ shape: [values.length], values: Float32Array.from(values) });

/** Writes the snapshot of a stage and returns its name and checksum. */
export function writeStage(
  folder: string,
  stage: string,
  { step, parameters, reference }: StageSnapshot,
): Pick<BankStage, "file" | "sha256"> {
  const { name, error, gradient } = reference;
  const exact = gradient instanceof Float64Array;
  const arrays = exact
    ? { exact: vector(gradient) }
    : Object.fromEntries(gradient.sum.map((_, k) => [k, vector(meanOf(gradient, [k]))]));
  const header: ReferenceHeader = {
    ...{ name, error },
    ...(exact
      ? {}
      : { sums: { draws: gradient.draws, squares: gradient.squares, notFinite: gradient.notFinite } }),
  };
  const all = { ...prefixed("task", parameters), ...prefixed("reference", arrays) };
  const bytes = encodeCheckpoint({ step, arrays: all }, header);
  const file = `${stage}.snapshot`;
  replaceFile(join(folder, file), bytes);
  return { file, sha256: sha256(bytes) };
}

function referenceFrom(arrays: Arrays, { name, error, sums }: ReferenceHeader): Reference {
  if (!sums) {
    const gradient = Float64Array.from(arrays["exact"]!.values);
    return { name, gradient, mean: gradient, error };
  }
  const sum = sums.draws.map((n, k) => Float64Array.from(arrays[k]!.values, (x) => x * n));
  const gradient: BlockSums = { width: sum[0]!.length, ...sums, sum };
  return { name, gradient, mean: meanOf(gradient), error };
}

/** Reads the snapshot of a stage; a damaged one, or that of another bank, is the user's mistake. */
export function readStage(folder: string, stage: BankStage): StageSnapshot {
  const path = join(folder, stage.file);
  const again = "Make the bank again with bench bank.";
  const bytes = readBytes(path);
  if (bytes === undefined) throw mistake(`${path}: the snapshot is missing. ${again}`);
  const decoded = decodeCheckpoint(bytes);
  if ("fault" in decoded) throw mistake(`${path}: the snapshot is damaged: ${decoded.fault}. ${again}`);
  const { step, arrays } = decoded.snapshot;
  if (step !== stage.step || sha256(bytes) !== stage.sha256)
    throw mistake(
      `${path}: the snapshot belongs to another bank or stage: it is of step ${step}, not ${stage.step}, or its checksum differs. ${again}`,
    );
  const reference = referenceFrom(under("reference", arrays), decoded.beside as ReferenceHeader);
  return { step, parameters: under("task", arrays), reference };
}

/** Refuses a bank that was made of another version of the task, other data or another batch. */
export function refuseOtherBank(bank: Bank, task: Task, version: Version): void {
  const difference =
    bank.taskVersion !== version
      ? `it was made with version ${bank.taskVersion} of the task; this is version ${version}`
      : JSON.stringify(bank.data) !== JSON.stringify(task.sums)
        ? "the data have other checksums"
        : JSON.stringify(bank.rows) !== JSON.stringify([...fixedRows(task, bank.seed)(0)])
          ? "its fixed batch has other rows"
          : undefined;
  if (difference !== undefined)
    throw mistake(`--bank: the bank does not fit ${bank.taskLabel}: ${difference}.`);
}
