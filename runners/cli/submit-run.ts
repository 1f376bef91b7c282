/** `bench run … --slurm`: from the flags to the jobs. */
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openEngine } from "../engine/index.ts";
import { messageOf, type ExitStatus } from "../errors.ts";
import { estimate, shardSeconds } from "../train/estimate-time.ts";
import { makeRunFolder, storeManifest } from "../store/run-manifest.ts";
import { isPath } from "../plugins/find-plugin.ts";
import type { Prepared } from "../plan/prepare.ts";
import { countIn, secondsIn } from "../options/quantities.ts";
import { describeSlurm, submit, type SlurmJob } from "../jobs/slurm/submit.ts";
import { commandLine } from "./text/command-line.ts";
import { duration } from "./text/duration.ts";
import { flags, type FlagName } from "./flags.ts";
import type { Place } from "./run-folder.ts";
import { printJson, type Call } from "./commands/command.ts";

export async function runOnSlurm(
  call: Call,
  prepared: Prepared,
  place: Place,
  taken: readonly FlagName[],
): Promise<ExitStatus> {
  const { given, io, argv } = call;
  const job = jobOf(call, prepared, { place, taken, resources: await resourcesOf(call, prepared) });
  if (given.on("dry-run")) {
    io.stdout.write(describeSlurm(job));
    return 0;
  }
  makeRunFolder(place.folder);
  await storeManifest(
    place.folder,
    { name: place.name, command: commandLine(argv), force: given.on("force"), prepared },
    undefined,
  );
  const submitted = submit(job);
  if (given.on("json")) printJson(io, { folder: place.folder, ...submitted });
  else {
    const { array, gather, shards } = submitted;
    const asked = [
      ...(job.seconds === undefined ? [] : [`up to ${duration(job.seconds)}`]),
      ...(job.memory === undefined ? [] : [`${(job.memory / 2 ** 30).toFixed(1)} GiB`]),
    ];
    const each = asked.length === 0 ? "" : ` (${asked.join(" and ")} each)`;
    io.stdout.write(
      `array ${array} of ${shards} shards${each}, then ${gather} for the report; bench show ${place.folder}\n`,
    );
  }
  return 0;
}

/** A cell each, as long as those are few. */
const usualShards = 32;

interface Resources {
  readonly shards: number;
  readonly jobs: number;
  readonly seconds?: number;
  readonly memory?: number;
}

/** A node may be slower than this machine, and a shard not alone on it. */
const spare = { factor: 3, seconds: 300, memory: 1.5 };

/** From the first steps of each pair, taken here; --cell-time-limit, where given, says the time. */
async function resourcesOf({ given, io }: Call, prepared: Prepared): Promise<Resources> {
  const { cells } = prepared.plan;
  const count = (name: FlagName, usual: number) => {
    const text = given.text(name);
    return text === undefined ? usual : countIn(text, `--${name}`);
  };
  const [shards, jobs] = [Math.min(count("shards", usualShards), cells.length), count("jobs", 1)];
  const limit = given.text("cell-time-limit");
  const rounds = Math.ceil(Math.ceil(cells.length / shards) / jobs);
  const limited = limit === undefined ? undefined : rounds * secondsIn(limit, "--cell-time-limit");
  const note = (text: string) => io.stderr.write(`note ${text}\n`);
  const engine = await openEngine(prepared.engine).catch((error: unknown) => {
    note(`time and memory are left to the cluster, for nothing can be timed here: ${messageOf(error)}`);
  });
  if (!engine) return { shards, jobs, ...(limited === undefined ? {} : { seconds: limited }) };
  const found = await estimate(prepared, engine);
  await engine.close();
  found.failed.forEach(note);
  const longest = shardSeconds(found, cells, { shards, jobs });
  const seconds = limited ?? (longest > 0 ? spare.factor * longest + spare.seconds : undefined);
  const memory = found.memory * spare.memory * Math.min(jobs, cells.length);
  return { shards, jobs, ...(seconds === undefined ? {} : { seconds }), memory };
}

function jobOf(
  { given, io }: Call,
  { engine }: Prepared,
  {
    place,
    taken,
    resources: { shards, jobs, ...resources },
  }: { place: Place; taken: readonly FlagName[]; resources: Resources },
): SlurmJob {
  const gpus = given.text("gpus");
  return {
    ...place,
    cwd: io.cwd,
    program: programHere(),
    argv: ["run", ...wordsOf(given, taken), `--out=${place.folder}`, `--name=${place.name}`],
    shards,
    cpus: jobs * Number(engine.options["threads"] ?? 1),
    ...(gpus === undefined ? {} : { gpus: countIn(gpus, "--gpus") }),
    ...resources,
    more: given.texts("slurm-args"),
  };
}

/** Said once for the whole, or of no meaning in a job. */
const left: readonly FlagName[] = [
  ...(["slurm", "shards", "gpus", "slurm-args", "shard", "dry-run", "open", "json"] as const),
  ...(["out", "name", "config", "verbose"] as const),
];

/** The settings as words, whether they came from flags, variables or the configuration; paths are absolute. */
function wordsOf(given: Call["given"], taken: readonly FlagName[]): string[] {
  return taken
    .filter((name) => !left.includes(name))
    .flatMap((name) => {
      if (flags[name].kind === "switch") return given.on(name) ? [`--${name}`] : [];
      const text = flags[name].kind === "text" ? given.text(name) : undefined;
      const texts = flags[name].kind === "texts" ? given.texts(name) : text === undefined ? [] : [text];
      const whole = (value: string) =>
        name === "plugin" && isPath(value) && !value.startsWith("file:")
          ? resolve(given.folderOf(name), value)
          : value;
      return texts.map((value) => `--${name}=${whole(value)}`);
    });
}

/** This very program, compiled or not. */
function programHere(): string[] {
  const here = fileURLToPath(import.meta.url);
  const loader = extname(here) === ".ts" ? ["--import", import.meta.resolve("tsx")] : [];
  return [process.execPath, ...loader, join(dirname(here), `bench${extname(here)}`)];
}
