/**
 * Times complete programs that do the same work, in turns, from the start of their processes: `npm run bench:end-to-end`.
 * Each trains the same model on the same images and evaluates the test ELBO and the bound; `bench run` also measures
 * gradients and writes its report. Options: --steps 1000,10000, --seeds 1,5, --repeat N, --only PROGRAMS, --task TASK (may
 * be repeated), --time-limit SECONDS of one program, --budget SECONDS of all, --json.
 *
 * Programs are jax, pytorch, pytorch-compile, each also as jax@cuda, and bench or one of its engines, such as
 * onnx:threads=2. The peers train one seed after another: in JAX, vmap over seeds takes as long as the loop.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Summary } from "../reports/format/summary.ts";
import { chosenRows } from "../runners/train/noise-streams.ts";
import { mnistFolder } from "../tasks/data/mnist.ts";
import { type Cost, median, python, runCommand } from "./measure.ts";

const { values: options } = parseArgs({
  options: {
    steps: { type: "string", default: "1000,10000" },
    seeds: { type: "string", default: "1,5" },
    repeat: { type: "string", default: "3" },
    only: { type: "string", default: "bench,jax,pytorch,pytorch-compile" },
    task: { type: "string", multiple: true, default: ["cat10"] },
    "time-limit": { type: "string", default: "1200" },
    budget: { type: "string", default: "Infinity" },
    json: { type: "boolean", default: false },
  },
});
const list = (text: string) => text.split(",").map((x) => x.trim());
const here = fileURLToPath(new URL(".", import.meta.url));
const bench = join(here, "../dist/runners/cli/bench.js");
const peers: Readonly<Record<string, readonly string[]>> = {
  jax: ["jax_end_to_end.py"],
  pytorch: ["pytorch_end_to_end.py"],
  "pytorch-compile": ["pytorch_end_to_end.py", "compile"],
};

/** One comparison: its steps, its seeds, and the task's options as `bench run` resolves them, which the peers read too. */
interface Work {
  readonly task: string;
  readonly steps: number;
  readonly seeds: number;
  readonly settings: Readonly<Record<string, unknown>>;
}
interface Result extends Cost {
  /** Milliseconds of a training step, without compilation. */
  readonly milliseconds: number;
  readonly elbo: number;
  readonly bound: number;
}

const runArguments = ({ task, steps, seeds }: Omit<Work, "settings">) =>
  ["run", "--estimator", "gs", "--task", task, "--steps", `${steps}`, "--seeds", `${seeds}`]; // prettier-ignore

function workOf(task: string, steps: number, seeds: number): Work {
  const argv = [bench, ...runArguments({ task, steps, seeds }), "--dry-run", "--json"];
  const { cells } = JSON.parse(execFileSync(process.execPath, argv, { encoding: "utf8" })) as {
    cells: { taskSettings: Work["settings"]; estimatorSettings: Work["settings"] }[];
  };
  const { taskSettings, estimatorSettings } = cells[0]!;
  const { temperature } = estimatorSettings;
  return { task, steps, seeds, settings: { ...taskSettings, temperature } };
}

const boundRows = 1000;

/** The script of a peer; undefined for our own programs. */
const peerOf = (program: string) => peers[program.split("@")[0]!];

function commandOf(program: string, { settings, ...work }: Work, folder: string): string[] {
  const peer = peerOf(program);
  if (peer === undefined) {
    const engine = program === "bench" ? [] : ["--engine", program];
    return [process.execPath, bench, ...runArguments(work), ...engine, "--quiet", "--out", folder];
  }
  const [file, compile] = peer;
  const configuration = {
    ...{ ...settings, ...work, device: program.split("@")[1] ?? "cpu", data: mnistFolder() },
    ...{ compile: compile !== undefined, boundRows: [...chosenRows("cat10", "test", 10_000, boundRows)] },
  };
  return [python, join(here, "peers", file!), JSON.stringify(configuration)];
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Reads the values of a program: `bench` writes them to its summary, the peers print them. */
function measuresOf(program: string, printed: string, folder: string) {
  if (peerOf(program) !== undefined) {
    type Seed = Pick<Result, "elbo" | "bound" | "milliseconds">;
    const seeds = printed.trim().split("\n").map((line) => JSON.parse(line) as Seed); // prettier-ignore
    const of = (name: keyof Seed) => mean(seeds.map((seed) => seed[name]));
    return { elbo: of("elbo"), bound: of("bound"), milliseconds: of("milliseconds") };
  }
  const { tasks } = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as Summary;
  const { value, bound, milliseconds } = tasks[0]!.ranking[0]!;
  return { elbo: value!.mean, bound: bound!.mean, milliseconds: milliseconds!.mean };
}

/** The error of the first cell of a run, where one failed. */
function cellError(folder: string): string | undefined {
  const cells = join(folder, "cells");
  const [cell] = existsSync(cells) ? readdirSync(cells) : [];
  if (cell === undefined) return undefined;
  return (JSON.parse(readFileSync(join(cells, cell, "cell.json"), "utf8")) as { error?: string }).error;
}

const end = performance.now() + 1000 * Number(options.budget);

/** Runs a program once. Throws an error of one sentence where it fails. */
async function runOnce(program: string, work: Work): Promise<Result> {
  if (peerOf(program) !== undefined && !existsSync(python))
    throw new Error(`${python} does not exist; docs/performance.md says how to install the peers`);
  const limit = Math.min(1000 * Number(options["time-limit"]), end - performance.now());
  if (limit < 1000) throw new Error("it was not started, because the time of --budget was used up");
  const scratch = mkdtempSync(join(tmpdir(), "bench-end-to-end-"));
  const run = join(scratch, "run");
  try {
    const { printed, ...cost } = await runCommand(commandOf(program, work, run), limit);
    return { ...measuresOf(program, printed, run), ...cost };
  } catch (error) {
    throw new Error(cellError(run) ?? (error as Error).message, { cause: error });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Runs the programs in turns; one that fails is not tried again. */
async function measurePrograms(work: Work): Promise<Map<string, readonly Result[] | Error>> {
  const found = new Map<string, Result[] | Error>(only.map((program) => [program, []]));
  for (let repetition = 0; repetition < Number(options.repeat); repetition++)
    for (const program of only) {
      const results = found.get(program)!;
      if (results instanceof Error) continue;
      try {
        results.push(await runOnce(program, work));
      } catch (error) {
        found.set(program, error as Error);
      }
    }
  return found;
}

function summarise(results: readonly Result[]): Result & { spread: number } {
  const of = (name: keyof Result, at?: number) => median(results.map((result) => result[name]), at); // prettier-ignore
  const names = ["wall", "cpu", "milliseconds", "memory", "elbo", "bound"] as const;
  const medians = Object.fromEntries(names.map((name) => [name, of(name)])) as unknown as Result;
  return { ...medians, spread: (of("wall", 0.75) - of("wall", 0.25)) / 2 / medians.wall };
}

const columns = ["work", "program", "seconds", "spread", "× fastest peer", "ms/step", "processor s", "MiB", "test ELBO", "bound"]; // prettier-ignore
const line = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);

function show({ task, steps, seeds }: Work, found: ReadonlyMap<string, readonly Result[] | Error>): void {
  const work = `${task}, ${seeds} × ${steps}`;
  const rows = [...found].map(([program, results]) => ({
    ...{ task, steps, seeds, program },
    ...(results instanceof Error ? { failed: results.message } : summarise(results)),
  }));
  if (options.json) return void rows.forEach((row) => console.log(JSON.stringify(row)));
  const walls = rows.flatMap((row) => ("wall" in row && peerOf(row.program) !== undefined ? [row.wall] : []));
  const fastest = Math.min(...walls);
  for (const row of rows) {
    if ("failed" in row) {
      line([work, row.program, row.failed, ...new Array<string>(columns.length - 3).fill("")]);
      continue;
    }
    const { wall, spread, milliseconds, cpu, memory, elbo, bound } = row;
    const ratio = walls.length > 0 ? (wall / fastest).toFixed(2) : "";
    line([
      ...[
        work,
        row.program,
        wall.toFixed(1),
        `${(100 * spread).toFixed(1)} %`,
        ratio,
        milliseconds.toFixed(2),
      ],
      ...[cpu.toFixed(1), memory.toFixed(0), elbo.toFixed(2), bound.toFixed(2)],
    ]);
  }
}

const only = list(options.only);
if (!existsSync(bench)) throw new Error("The compiled program is missing. Run npm run build.");
if (!options.json) {
  line(columns);
  line(columns.map(() => "---"));
}
for (const task of options.task)
  for (const seeds of list(options.seeds).map(Number))
    for (const steps of list(options.steps).map(Number)) {
      const work = workOf(task, steps, seeds);
      show(work, await measurePrograms(work));
    }
