/** `bench run --slurm`: from the flags to Slurm jobs. */
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openEngine } from "../engine/index.ts";
import { messageOf, type ExitStatus } from "../errors.ts";
import { describeSlurm, submit, type SlurmJob } from "../jobs/slurm/submit.ts";
import { timeText } from "../options/quantities.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Prepared } from "../plan/prepare.ts";
import { isPath } from "../plugins/find-plugin.ts";
import { makeRunFolder, storeManifest } from "../store/run-manifest.ts";
import { estimateTime, shardSeconds, type TimeEstimate } from "../train/estimate-time.ts";
import { print, type Invocation } from "./commands/command.ts";
import type { FlagValues } from "./flag-values.ts";
import { flag, type FlagName } from "./flags.ts";
import { commandLine } from "./output.ts";
import type { RunFolder } from "./run-folder.ts";

/** Submits the run. `names` are the flags of `bench run`, which the jobs get again. */
export async function runOnSlurm(
  invocation: Invocation,
  prepared: Prepared,
  { folder, name }: RunFolder,
  names: readonly FlagName[],
): Promise<ExitStatus> {
  const { flags, io, argv } = invocation;
  const { shards, jobs, ...resources } = await resourcesOf(invocation, prepared);
  const gpus = flags.count("gpus");
  const job: SlurmJob = {
    ...{ folder, name, cwd: io.cwd, program: thisProgram(), shards, ...resources },
    argv: ["run", ...wordsOf(flags, names), `--jobs=${jobs}`, `--out=${folder}`, `--name=${name}`],
    cpus: jobs * Number(prepared.engine.options["threads"] ?? 1),
    ...(gpus === 0 ? {} : { gpus }),
    more: flags.list("slurm-args"),
  };
  if (flags.on("dry-run")) {
    io.stdout.write(describeSlurm(job));
    return 0;
  }
  makeRunFolder(folder);
  const manifest = { name, command: commandLine(argv), force: flags.on("force"), prepared };
  await storeManifest(folder, manifest, undefined);
  const submitted = submit(job);
  print(invocation, { folder, ...submitted }, () => {
    const { array, gather } = submitted;
    const limits = [
      ...(job.seconds === undefined ? [] : [`up to ${timeText(job.seconds)}`]),
      ...(job.memory === undefined ? [] : [`${(job.memory / 2 ** 30).toFixed(1)} GiB`]),
    ];
    const each = limits.length === 0 ? "" : ` (${limits.join(" and ")} each)`;
    return `array ${array} of ${submitted.shards} shards${each}, then ${gather} for the report; bench show ${folder}\n`;
  });
  return 0;
}

/** The most shards that are used by default. */
const usualShards = 32;

/** Margins: a node may be slower than this machine and may run other jobs. */
const margin = { factor: 3, seconds: 300, memory: 1.5 };

/** Shards, and seconds and bytes for each, from a few steps of each pair here. --cell-time-limit replaces the time. */
async function resourcesOf({ flags, io }: Invocation, prepared: Prepared) {
  const { cells } = prepared.plan;
  const most = flags.text("shards") === undefined ? usualShards : flags.count("shards");
  const shards = Math.min(most, cells.length);
  const jobs = flags.text("jobs") === undefined ? 1 : flags.count("jobs");
  const limit = flags.seconds("cell-time-limit");
  const rounds = Math.ceil(Math.ceil(cells.length / shards) / jobs);
  const limited = limit === undefined ? undefined : rounds * limit;
  const note = (text: string) => io.stderr.write(`note ${text}\n`);
  const engine = await openEngine(prepared.engine).catch((error: unknown) => {
    note(`The jobs request no time and memory, since nothing can be timed here: ${messageOf(error)}`);
  });
  if (!engine) return { shards, jobs, ...(limited === undefined ? {} : { seconds: limited }) };
  const found = await estimateTime(prepared, engine);
  await engine.close();
  found.failed.forEach(note);
  return { shards, jobs, ...limitsOf(found, cells, { shards, jobs }, limited) };
}

/** Seconds and bytes that each shard requests, by an estimate of its cells' times. */
export function limitsOf(
  found: TimeEstimate,
  cells: readonly PlannedCell[],
  { shards, jobs }: { readonly shards: number; readonly jobs: number },
  limited?: number,
) {
  const longest = shardSeconds(found, cells, { shards, jobs });
  const seconds = limited ?? (longest > 0 ? margin.factor * longest + margin.seconds : undefined);
  const memory = found.memory * margin.memory * Math.min(jobs, cells.length);
  return { ...(seconds === undefined ? {} : { seconds }), memory };
}

/** Flags that the jobs do not get, or get with other values. */
const notForJobs: readonly FlagName[] = [
  ...(["slurm", "shards", "gpus", "slurm-args", "shard", "dry-run", "open", "json"] as const),
  ...(["jobs", "out", "name", "config", "verbose"] as const),
];

/** The flags as words with absolute paths, wherever their values came from. */
function wordsOf(flags: FlagValues, names: readonly FlagName[]): string[] {
  return names
    .filter((name) => !notForJobs.includes(name))
    .flatMap((name) => {
      const { type } = flag(name);
      if (type === "switch") return flags.on(name) ? [`--${name}`] : [];
      const text = flags.text(name);
      const values =
        name === "plugin"
          ? flags.plugins().map(({ spec, folder }) => (isLocal(spec) ? resolve(folder, spec) : spec))
          : type === "list"
            ? flags.list(name)
            : text === undefined
              ? []
              : [text];
      return values.map((value) => `--${name}=${value}`);
    });
}

const isLocal = (spec: string) => isPath(spec) && !spec.startsWith("file:");

/** The command that starts this program, compiled or not. */
function thisProgram(): string[] {
  const here = fileURLToPath(import.meta.url);
  const loader = extname(here) === ".ts" ? ["--import", import.meta.resolve("tsx")] : [];
  return [process.execPath, ...loader, join(dirname(here), `bench${extname(here)}`)];
}
