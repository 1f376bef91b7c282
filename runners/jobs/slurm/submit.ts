/**
 * A run as Slurm jobs: an array of shards that work in one shared folder, and a job after them that writes the report. A
 * shard that gets SIGTERM, at its time limit or by preemption, saves its cell and is queued again; after the death of a
 * node Slurm queues its shard again.
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
  /** The run's folder; all nodes must see it under this path. */
  readonly folder: string;
  readonly name: string;
  /** The working folder of the command. */
  readonly cwd: string;
  /** Node and the file of the command, as words. */
  readonly program: readonly string[];
  /** `run` with its flags, without `--shard`. */
  readonly argv: readonly string[];
  readonly shards: number;
  readonly cpus: number;
  readonly gpus?: number;
  /** Time limit of a shard in seconds. */
  readonly seconds?: number;
  /** Memory of a shard in bytes. */
  readonly memory?: number;
  /** Further arguments of sbatch. */
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

/** Seconds before the time limit at which a shard gets SIGTERM, to save its cell. */
const notice = 90;

const shell = (words: readonly string[]) => words.map(quoted).join(" ");

/**
 * The script of a shard. bash survives the signal and turns the exit status 130 (interrupted) into 99 (queue again). A
 * signal may also come before there is a child, or before the child handles it and dies of it (143).
 */
export function arrayScript({ cwd, program, argv, shards }: SlurmJob): string {
  return `#!/bin/bash
stopping= child=
trap 'stopping=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT
# Written by bench run --slurm: one shard of ${shards}.
cd -- ${quoted(cwd)} || exit 3
${shell([...program, ...argv])} --shard="$((SLURM_ARRAY_TASK_ID + 1))/${shards}" &
child=$!
[ -z "$stopping" ] || kill -TERM "$child" 2>/dev/null
# A signal ends the wait and not the child.
wait "$child"; status=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
[ -z "$stopping" ] || [ "$status" -ne 143 ] || status=130
[ "$status" -eq 130 ] || exit "$status"
# Not every cluster queues a job with status 99 again by itself.
scontrol show config | grep -q '^RequeueExit  *=.*\\b99\\b' || scontrol requeue "$SLURM_JOB_ID"
exit 99
`;
}

function gatherScript({ cwd, program, folder }: SlurmJob): string {
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

/** `--mem` and `--mem-per-cpu` exclude each other; of other repeated arguments the last counts. */
const ofMemory = (word: string) => word.startsWith("--mem");

/** Arguments of sbatch. Output files are named relative to the folder of the scripts, as its path may hold a %. */
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

/** The scripts and commands as text, for `--dry-run`. */
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

/** Submits a job and returns its number. The arguments pass through no shell. */
function sbatch(words: readonly string[]): string {
  return call("sbatch", words).trim().split(";", 1)[0]!;
}

function call(program: string, words: readonly string[]): string {
  try {
    return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw environment(`--slurm: ${program} is not installed here.`, error);
    const { stderr } = error as { stderr?: string };
    const reason = (stderr?.trim() || messageOf(error)).split("\n").at(-1);
    throw environment(`--slurm: ${program} failed: ${reason}`, error);
  }
}

/** The jobs of a run that was submitted; undefined for another. */
export const readSubmitted = (folder: string): SubmittedJobs | undefined =>
  readJson(submittedFile(folder), submittedSchema);

/** How many tasks of the jobs are in which state; undefined where there is no queue to ask. */
export function queueState({ array, gather }: SubmittedJobs): Record<string, number> | undefined {
  try {
    const text = call("squeue", ["--noheader", "--array", `--jobs=${array},${gather}`, "--format=%T"]);
    const counts: Record<string, number> = {};
    for (const state of text.split("\n").map((line) => line.trim().toLowerCase()))
      if (state !== "") counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  } catch (error) {
    // Jobs that ended long ago are unknown to the queue.
    return /Invalid job id/.test(messageOf(error)) ? {} : undefined;
  }
}
