import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Summary } from "../../../reports/format/summary.ts";
import { mistake, type ExitStatus } from "../../errors.ts";
import type { Prepared } from "../../plan/prepare.ts";
import type { JobSettings } from "../../jobs/cell-workers.ts";
import { countIn, secondsIn } from "../../options/quantities.ts";
import type { Request } from "../../plan/request.ts";
import type { RunResult } from "../../jobs/run-cells.ts";
import { inShard, parseShard } from "../../plan/shard.ts";
import { commandLine, resumingLine } from "../text/command-line.ts";
import { placeOf, type Place } from "../run-folder.ts";
import { openFile } from "../open-page.ts";
import { reporterFor } from "../progress.ts";
import { rankingText } from "../text/ranking-table.ts";
import { printJson, type Call, type Verb } from "./command.ts";

export const run: Verb = {
  name: "run",
  summary: "Train every pair of estimator and task on every seed, then write the report.",
  flags: [
    ...(["estimator", "task", "grid", "seeds", "steps", "evals", "time-limit", "engine", "data"] as const),
    ...(["cell-time-limit", "checkpoint-every", "bound-rows", "jobs", "shard"] as const),
    ...(["slurm", "shards", "gpus", "slurm-args"] as const),
    ...(["plugin", "config", "out", "name", "quick", "force", "retry-failed", "dry-run", "open"] as const),
    ...(["watch", "port", "json", "quiet", "verbose"] as const),
  ],
  examples: [
    ["run --estimator gs --task cat10", "five seeds of Gumbel-Softmax on the categorical VAE"],
    ["run -e gs,rloo:samples=4 -t cat10 --quick", "two estimators, briefly"],
    ["run -e gs -t cat10 --grid 'gs.temperature=0.1|0.5|1' --seeds 3", "a grid over an option"],
  ],
  async run(call) {
    const { given, io, argv } = call;
    refuseStrays(call);
    const [{ openRegistry }, { prepare }, { publishedFor }] = await Promise.all([
      import("../../plan/registry.ts"),
      import("../../plan/prepare.ts"),
      import("../../reproduce/published-values.ts"),
    ]);
    const request = requestOf(call);
    const text = given.text("shard");
    const shard = text === undefined ? undefined : parseShard(text);
    const registry = await openRegistry(request.plugins);
    const planned = await prepare(request, registry);
    const prepared = { ...planned, published: publishedFor(planned, registry) };
    const verbosity = { quiet: given.on("quiet"), verbose: given.on("verbose") };
    const reporter = reporterFor(
      io,
      verbosity,
      ({ taskKey }) => prepared.tasks.get(taskKey)?.metric ?? "value",
    );
    for (const note of prepared.notes) reporter.note(note);
    const place = placeOf(call, prepared);
    if (given.on("slurm"))
      return (await import("../submit-run.ts")).runOnSlurm(call, prepared, place, run.flags);
    if (given.on("dry-run")) return dryRun(call, prepared, place);
    const [{ runPlan }, { runCell }, { writeReport }, { openCellWorkers }] = await Promise.all([
      import("../../jobs/run-cells.ts"),
      import("../../train/cell.ts"),
      import("../../../reports/export/write-report.ts"),
      import("../../jobs/cell-workers.ts"),
    ]);
    const jobs = jobsOf(call, prepared, request, place);
    const live = await watchOf(call, place, (message) => reporter.note(message));
    const stop = stopper(call, (message) => reporter.note(message));
    const result = await runPlan(prepared, {
      ...place,
      command: commandLine(argv),
      force: given.on("force"),
      retryFailed: given.on("retry-failed"),
      reporter,
      interrupted: stop.asked,
      runCell,
      writeReport,
      ...(shard === undefined ? {} : { mine: inShard(shard) }),
      ...(jobs === undefined ? {} : { openWorkers: (cells: number) => openCellWorkers(jobs, cells) }),
    })
      .finally(stop.release)
      .finally(() => live?.close());
    return finish(call, place, result);
  },
};

/** Why a flag of the command line has no place beside --slurm. */
const notOnSlurm = {
  shard: "the jobs are the shards; say how many with --shards",
  force: "a shard that is queued again would start anew; choose another --name, or remove the run's folder",
  watch: "nothing trains here; bench show says how far the jobs are",
  port: "nothing is served here",
  open: "the report is written later, by the last job",
} as const;

/** Flags that would be ignored. What a configuration file sets is a default, and may lie idle. */
function refuseStrays({ given, argv }: Call): void {
  const typed = (name: string) => argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  if (given.on("slurm")) {
    for (const [name, why] of Object.entries(notOnSlurm))
      if (typed(name)) throw mistake(`--${name}: it must not stand beside --slurm: ${why}`);
    return;
  }
  for (const name of ["shards", "gpus", "slurm-args"])
    if (typed(name)) throw mistake(`--${name}: it is of Slurm's jobs, and must stand beside --slurm`);
}

/** The report while it trains, where --watch asks for it. */
async function watchOf({ given }: Call, { folder }: Place, note: (message: string) => void) {
  if (!given.on("watch")) return undefined;
  const { serveReport } = await import("../../jobs/live-report.ts");
  const live = await serveReport(folder, { port: countIn(given.text("port") ?? "0", "--port", 0, 65_535) });
  note(`watch it at ${live.url}`);
  if (given.on("open")) openFile(live.url);
  return live;
}

/** In processes of their own where several cells run at once, one must be ended from outside, or plug-ins may do harm. */
function jobsOf(
  { given }: Call,
  { plan }: Prepared,
  request: Request,
  { folder }: Place,
): JobSettings | undefined {
  const [jobs, limit] = [given.text("jobs"), given.text("cell-time-limit")];
  if (jobs === undefined && limit === undefined && request.plugins.length === 0) return undefined;
  return {
    ...{ request, folder, engine: plan.engine },
    jobs: jobs === undefined ? 1 : countIn(jobs, "--jobs"),
    ...(limit === undefined ? {} : { cellSeconds: secondsIn(limit, "--cell-time-limit") }),
  };
}

function requestOf({ given }: Call): Request {
  const optional = {
    seeds: given.text("seeds"),
    steps: given.text("steps"),
    evaluations: given.text("evals"),
    timeLimit: given.text("time-limit"),
    checkpointEvery: given.text("checkpoint-every"),
    boundRows: given.text("bound-rows"),
    engine: given.text("engine"),
    data: given.text("data"),
  };
  return {
    estimators: given.texts("estimator"),
    tasks: given.texts("task"),
    grids: given.texts("grid"),
    plugins: given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") })),
    quick: given.on("quick"),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** The first signal asks to stop after the step; the second stops at once. */
function stopper({ io }: Call, note: (message: string) => void) {
  let asked = false;
  const release = io.onInterrupt(() => {
    if (asked) io.exit(130);
    asked = true;
    note("stopping after this step; once more stops at once");
  });
  return { asked: () => asked, release };
}

function dryRun({ given, io }: Call, { plan, engine }: Prepared, place: Place): ExitStatus {
  if (given.on("json")) {
    printJson(io, { ...plan, folder: place.folder });
    return 0;
  }
  for (const { taskLabel, label, seed, budget, hash } of plan.cells) {
    io.stdout.write(`${hash} ${taskLabel} ${label} seed ${seed}, ${budget.steps} steps\n`);
  }
  const count = plan.cells.length;
  io.stdout.write(
    `${count} cell${count === 1 ? "" : "s"} on ${engine.text} into ${shownPath(io.cwd, place.folder)}\n`,
  );
  return 0;
}

function finish(call: Call, { folder }: Place, { states, interrupted }: RunResult): ExitStatus {
  const { given, io, argv } = call;
  const html = join(folder, "report.html");
  const text = readFileSync(join(folder, "summary.json"), "utf8");
  if (given.on("json")) io.stdout.write(text);
  else {
    io.stdout.write(rankingText(JSON.parse(text) as Summary));
    io.stdout.write(`report: ${shownPath(io.cwd, html)}\n`);
  }
  if (given.on("open")) openFile(html);
  if (interrupted) {
    io.stderr.write(`interrupted; to go on: ${resumingLine(argv)}\n`);
    return 130;
  }
  return [...states.values()].every((state) => state === "done") ? 0 : 1;
}

/** Relative where that is shorter to read. */
function shownPath(cwd: string, path: string): string {
  const near = relative(cwd, path);
  return near.startsWith("..") ? path : near;
}
