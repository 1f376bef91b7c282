/** `bench run … --slurm`: from the flags to the jobs. */
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExitStatus } from "../errors.ts";
import { writeManifest, makeRunFolder } from "../manifest.ts";
import { isPath } from "../plugins.ts";
import type { Prepared } from "../prepare.ts";
import { countIn, secondsIn } from "../request.ts";
import { describeSlurm, submit, type SlurmJob } from "../slurm.ts";
import { commandLine } from "./command.ts";
import { flags, type FlagName } from "./flags.ts";
import type { Place } from "./folder.ts";
import { printJson, type Call } from "./verb.ts";

export async function runOnSlurm(
  call: Call,
  prepared: Prepared,
  place: Place,
  taken: readonly FlagName[],
): Promise<ExitStatus> {
  const { given, io, argv } = call;
  const job = jobOf(call, prepared, place, taken);
  if (given.on("dry-run")) {
    io.stdout.write(describeSlurm(job));
    return 0;
  }
  makeRunFolder(place.folder);
  await writeManifest(
    place.folder,
    { name: place.name, command: commandLine(argv), force: given.on("force"), prepared },
    undefined,
  );
  const submitted = submit(job);
  if (given.on("json")) printJson(io, { folder: place.folder, ...submitted });
  else {
    const { array, gather, shards } = submitted;
    io.stdout.write(
      `array ${array} of ${shards} shards, then ${gather} for the report; bench show ${place.folder}\n`,
    );
  }
  return 0;
}

/** A cell each, as long as those are few. */
const usualShards = 32;

function jobOf(
  { given, io }: Call,
  { plan, engine }: Prepared,
  place: Place,
  taken: readonly FlagName[],
): SlurmJob {
  const count = (name: FlagName) => {
    const text = given.text(name);
    return text === undefined ? undefined : countIn(text, `--${name}`);
  };
  const shards = Math.min(count("shards") ?? usualShards, plan.cells.length);
  const [jobs, gpus, limit] = [count("jobs") ?? 1, count("gpus"), given.text("cell-time-limit")];
  const rounds = Math.ceil(Math.ceil(plan.cells.length / shards) / jobs);
  return {
    ...place,
    cwd: io.cwd,
    program: programHere(),
    argv: ["run", ...wordsOf(given, taken), `--out=${place.folder}`, `--name=${place.name}`],
    shards,
    cpus: jobs * Number(engine.options["threads"] ?? 1),
    ...(gpus === undefined ? {} : { gpus }),
    ...(limit === undefined ? {} : { seconds: rounds * secondsIn(limit, "--cell-time-limit") }),
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
