/**
 * A matrix as Slurm jobs: an array of shards that work in one shared folder, and a job after them that gathers the
 * report. A shard that is told to end, by its time limit or because its node is wanted, saves its cell and is
 * queued again; a node that dies has its shard queued again by Slurm.
 */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { onDisk, replaceFile } from "../../../reports/format/disk.ts";
import { readJson, writeJson } from "../../../reports/format/json-file.ts";
import { codeOf, environment, messageOf } from "../../errors.ts";
import { quoted } from "../../options/shell-quote.ts";

export interface SlurmJob {
  /** Of the run; all nodes must see it under this path. */
  readonly folder: string;
  readonly name: string;
  /** Where the command was typed. */
  readonly cwd: string;
  /** Node and the file of the command, as words. */
  readonly program: readonly string[];
  /** `run` with its flags, without `--shard`. */
  readonly argv: readonly string[];
  readonly shards: number;
  readonly cpus: number;
  readonly gpus?: number;
  /** Seconds that a shard may take. */
  readonly seconds?: number;
  /** Bytes that it may take. */
  readonly memory?: number;
  /** Passed on as they are. */
  readonly more: readonly string[];
}

const submittedSchema = v.object({
  array: v.string(),
  gather: v.string(),
  shards: v.number(),
  submitted: v.string(),
});
/** slurm.json of a run's folder: the numbers of its jobs, for `bench show`. */
export type SubmittedJobs = v.InferOutput<typeof submittedSchema>;

const submittedFile = (folder: string) => join(folder, "slurm.json");

/** Seconds before the time limit at which a shard is told to save its cell. */
const notice = 90;

const shell = (words: readonly string[]) => words.map(quoted).join(" ");

/**
 * The script of a shard. bash must outlive the signal, to turn 130 (stopped, can go on) into 99 (queue again); so must
 * a signal before there is a child, or before the child listens (it dies of it: 143).
 */
export function arrayScript({ cwd, program, argv, shards }: SlurmJob): string {
  return `#!/bin/bash
asked= child=
trap 'asked=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT
# Written by bench run --slurm: one shard of ${shards}.
cd -- ${quoted(cwd)} || exit 3
${shell([...program, ...argv])} --shard="$((SLURM_ARRAY_TASK_ID + 1))/${shards}" &
child=$!
[ -z "$asked" ] || kill -TERM "$child" 2>/dev/null
# A signal ends the wait, not the child.
wait "$child"; status=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
[ -z "$asked" ] || [ "$status" -ne 143 ] || status=130
[ "$status" -eq 130 ] || exit "$status"
# Where the cluster does not queue 99 again by itself, it is asked to.
scontrol show config | grep -q '^RequeueExit  *=.*\\b99\\b' || scontrol requeue "$SLURM_JOB_ID"
exit 99
`;
}

export function gatherScript({ cwd, program, folder }: SlurmJob): string {
  return `#!/bin/bash
# Written by bench run --slurm: the report, once every shard has ended.
cd -- ${quoted(cwd)} || exit 3
exec ${shell([...program, "report", folder])}
`;
}

const scripts = (folder: string) => ({
  array: join(folder, "slurm", "array.sh"),
  gather: join(folder, "slurm", "gather.sh"),
});

/** `--mem` and `--mem-per-cpu` exclude each other; of all others the last counts. */
const ofMemory = (word: string) => word.startsWith("--mem");

/** Arguments of sbatch. Output is named relative to the folder of scripts, for a path may hold a % of its own. */
export function sbatchArguments(job: SlurmJob, part: "array" | "gather", after = "ARRAY"): string[] {
  const { folder, name, shards, cpus, gpus, seconds, memory, more } = job;
  const shared = [
    "--parsable",
    "--requeue",
    "--open-mode=append",
    "--ntasks=1",
    `--chdir=${join(folder, "slurm")}`,
  ];
  const own =
    part === "array"
      ? [
          ...[`--job-name=bench-${name}`, `--array=0-${shards - 1}`, "--output=shard-%a.out"],
          ...[`--cpus-per-task=${cpus}`, `--signal=B:TERM@${notice}`],
          ...(gpus === undefined ? [] : [`--gpus=${gpus}`]),
          ...(memory === undefined || more.some(ofMemory) ? [] : [`--mem=${Math.ceil(memory / 2 ** 20)}M`]),
          ...(seconds === undefined ? [] : [`--time=${Math.ceil((seconds + notice) / 60)}`]),
        ]
      : [`--job-name=bench-${name}-gather`, `--dependency=afterany:${after}`, "--output=gather.out"];
  return [...shared, ...own, ...more, scripts(folder)[part]];
}

/** What would be written and run, for people. */
export function describeSlurm(job: SlurmJob): string {
  const { array, gather } = scripts(job.folder);
  return [
    `# ${array}\n${arrayScript(job)}`,
    `# ${gather}\n${gatherScript(job)}`,
    `${shell(["sbatch", ...sbatchArguments(job, "array")])}\n${shell(["sbatch", ...sbatchArguments(job, "gather")])}\n`,
  ].join("\n");
}

export function submit(job: SlurmJob): SubmittedJobs {
  const { folder, shards } = job;
  const { array, gather } = scripts(folder);
  for (const [path, text] of [
    [array, arrayScript(job)],
    [gather, gatherScript(job)],
  ] as const) {
    replaceFile(path, text);
    onDisk(path, () => chmodSync(path, 0o755));
  }
  const first = sbatch(sbatchArguments(job, "array"));
  const second = sbatch(sbatchArguments(job, "gather", first));
  const submitted = { array: first, gather: second, shards, submitted: new Date().toISOString() };
  writeJson(submittedFile(folder), submitted);
  return submitted;
}

/** The number of the job; no shell sees the arguments. */
function sbatch(words: readonly string[]): string {
  return slurm("sbatch", words).trim().split(";", 1)[0]!;
}

function slurm(program: string, words: readonly string[]): string {
  try {
    return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (codeOf(error) === "ENOENT")
      throw environment(`--slurm: ${program} must be installed where the command runs, got none`, error);
    const { stderr } = error as { stderr?: string };
    const said = stderr?.trim() || messageOf(error);
    throw environment(
      `--slurm: ${program} must accept the job, but it says "${said.split("\n").at(-1)}"`,
      error,
    );
  }
}

/** The jobs of a run that was submitted; undefined for another. */
export const readSubmitted = (folder: string): SubmittedJobs | undefined =>
  readJson(submittedFile(folder), submittedSchema);

/** What the queue says of the jobs: how many tasks in which state; undefined where there is no queue to ask. */
export function queueState({ array, gather }: SubmittedJobs): Record<string, number> | undefined {
  try {
    const text = slurm("squeue", ["--noheader", "--array", `--jobs=${array},${gather}`, "--format=%T"]);
    const counts: Record<string, number> = {};
    for (const state of text.split("\n").map((line) => line.trim().toLowerCase()))
      if (state !== "") counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  } catch (error) {
    // Jobs that ended long ago are unknown to the queue.
    return /Invalid job id/.test(messageOf(error)) ? {} : undefined;
  }
}
