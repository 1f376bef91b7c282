/**
 * Times complete programs that do the same work, in turns, from the start of their processes: `npm run bench:end-to-end`.
 * Each trains the same model on the same images and evaluates the test ELBO and the bound; `bench run` also measures
 * gradients and writes its report. Options: --steps 1000,10000, --seeds 1,5, --repeat N, --only PROGRAMS, --task TASK,
 * --device cpu (of the peers), --time-limit SECONDS, --json.
 *
 * Programs are jax, pytorch, pytorch-compile, bench, and engines of bench such as onnx:threads=2.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
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
    task: { type: "string", default: "cat10" },
    device: { type: "string", default: "cpu" },
    "time-limit": { type: "string", default: "1200" },
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

/** What is trained: the options of the task as `bench run` resolves them, so that the peers do the same. */
interface Work {
  readonly steps: number;
  readonly seeds: number;
  readonly settings: Readonly<Record<string, unknown>>;
}
interface Result extends Cost {
  readonly elbo: number;
  readonly bound: number;
}

const runArguments = ({ steps, seeds }: Pick<Work, "steps" | "seeds">) =>
  ["run", "--estimator", "gs", "--task", options.task, "--steps", `${steps}`, "--seeds", `${seeds}`]; // prettier-ignore

function workOf(steps: number, seeds: number): Work {
  const argv = [bench, ...runArguments({ steps, seeds }), "--dry-run", "--json"];
  const { cells } = JSON.parse(execFileSync(process.execPath, argv, { encoding: "utf8" })) as {
    cells: { taskSettings: Work["settings"]; estimatorSettings: Work["settings"] }[];
  };
  const { taskSettings, estimatorSettings } = cells[0]!;
  return { steps, seeds, settings: { ...taskSettings, temperature: estimatorSettings["temperature"] } };
}

const boundRows = 1000;

function commandOf(program: string, { settings, ...work }: Work, folder: string): string[] {
  const peer = peers[program];
  if (peer === undefined) {
    const engine = program === "bench" ? [] : ["--engine", program];
    return [process.execPath, bench, ...runArguments(work), ...engine, "--quiet", "--out", folder];
  }
  const [file, compile] = peer;
  const configuration = {
    ...{ ...settings, ...work, device: options.device, data: mnistFolder() },
    ...{ compile: compile !== undefined, boundRows: [...chosenRows("cat10", "test", 10_000, boundRows)] },
  };
  return [python, join(here, "peers", file!), JSON.stringify(configuration)];
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** What a program printed, or the summary that it wrote. */
function measuresOf(program: string, printed: string, folder: string) {
  if (peers[program] !== undefined) {
    const seeds = printed.trim().split("\n").map((line) => JSON.parse(line) as { elbo: number; bound: number }); // prettier-ignore
    return { elbo: mean(seeds.map(({ elbo }) => elbo)), bound: mean(seeds.map(({ bound }) => bound)) };
  }
  const { tasks } = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as Summary;
  const { value, bound } = tasks[0]!.ranking[0]!;
  return { elbo: value!.mean, bound: bound!.mean };
}

/** Runs a program once. Throws an error of one sentence where it fails. */
async function runOnce(program: string, work: Work): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "bench-end-to-end-"));
  try {
    const run = join(folder, "run");
    const { printed, ...cost } = await runCommand(commandOf(program, work, run), 1000 * Number(options["time-limit"])); // prettier-ignore
    return { ...measuresOf(program, printed, run), ...cost };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const only = list(options.only);
if (!existsSync(bench)) throw new Error("The compiled program is missing. Run npm run build.");

for (const seeds of list(options.seeds).map(Number))
  for (const steps of list(options.steps).map(Number)) {
    const work = workOf(steps, seeds);
    const results = new Map<string, Result[]>(only.map((program) => [program, []]));
    const failures = new Map<string, string>();
    for (let repetition = 0; repetition < Number(options.repeat); repetition++)
      for (const program of only) {
        if (failures.has(program)) continue;
        try {
          if (peers[program] !== undefined && !existsSync(python))
            throw new Error(`${python} does not exist; docs/performance.md says how to install the peers`);
          results.get(program)!.push(await runOnce(program, work));
        } catch (error) {
          failures.set(program, (error as Error).message);
        }
      }
    show(work, results, failures);
  }

function show(
  { steps, seeds }: Work,
  results: ReadonlyMap<string, readonly Result[]>,
  failures: ReadonlyMap<string, string>,
): void {
  const rows = [...results].flatMap(([program, all]) => {
    if (all.length === 0) return [];
    const of = (name: keyof Result, at?: number) => median(all.map((result) => result[name]), at); // prettier-ignore
    const spread = (of("wall", 0.75) - of("wall", 0.25)) / 2 / of("wall");
    return [{ program, wall: of("wall"), spread, cpu: of("cpu"), memory: of("memory"), elbo: of("elbo"), bound: of("bound") }]; // prettier-ignore
  });
  if (options.json) {
    const failed = Object.fromEntries(failures);
    console.log(JSON.stringify({ task: options.task, steps, seeds, repeat: Number(options.repeat), rows, failed })); // prettier-ignore
    return;
  }
  const isRival = ({ program }: { program: string }) => program === "jax" || program.startsWith("pytorch");
  const fastest = Math.min(...rows.filter(isRival).map(({ wall }) => wall));
  console.log(`\n${options.task}, ${seeds} seed${seeds > 1 ? "s" : ""} × ${steps} steps, ${options.repeat} repetitions`); // prettier-ignore
  const header = [
    "program",
    "seconds",
    "spread",
    "× fastest peer",
    "processor s",
    "MiB",
    "test ELBO",
    "bound",
  ];
  const table = rows.map(({ program, wall, spread, cpu, memory, elbo, bound }) => [
    program,
    wall.toFixed(1),
    `${(100 * spread).toFixed(1)} %`,
    Number.isFinite(fastest) ? (wall / fastest).toFixed(2) : "",
    cpu.toFixed(1),
    memory.toFixed(0),
    elbo.toFixed(2),
    bound.toFixed(2),
  ]);
  for (const cells of [header, ...table]) console.log(`| ${cells.join(" | ")} |`);
  for (const [program, why] of failures) console.log(`${program}: ${why}`);
}
