import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Summary } from "../../../reports/format/summary.ts";
import { mistake, type ExitStatus } from "../../errors.ts";
import type { RunResult, RunSettings } from "../../jobs/run-cells.ts";
import type { Prepared } from "../../plan/prepare.ts";
import { endSilenceWatch } from "../../plugins/silence-watch.ts";
import type { Request } from "../../plan/request.ts";
import { inShard, parseShard } from "../../plan/shard.ts";
import { commandLine, listenForInterruption, openFile, resumingLine, shownPath } from "../output.ts";
import { reporterFor } from "../progress.ts";
import { jobsOf, requestOf } from "../request-of.ts";
import { nameOfPlan, runFolder, type RunFolder } from "../run-folder.ts";
import { rankingText } from "../text/ranking-table.ts";
import { print, type Command, type Invocation } from "./command.ts";

export const run: Command = {
  name: "run",
  summary: "Train every pair of estimator and task on every seed, and write the report.",
  flags: [
    ...([
      "estimator",
      "task",
      "grid",
      "tune",
      "trials",
      "tune-steps",
      "seeds",
      "steps",
      "evals",
      "time-limit",
      "engine",
      "data",
    ] as const),
    ...(["cell-time-limit", "checkpoint-every", "bound-rows", "target", "jobs", "shard"] as const),
    ...(["slurm", "shards", "gpus", "slurm-args"] as const),
    ...(["plugin", "config", "out", "name", "quick", "force", "retry-failed", "dry-run", "open"] as const),
    ...(["json", "quiet", "verbose"] as const),
  ],
  examples: [
    ["run -e gs,rloo:samples=4 -t cat10 --quick", "A short test of two estimators"],
    [
      "run -e gs,rloo -t cat10 --tune 'learning-rate=log:1e-4:1e-2,gs.temperature=0.1:1'",
      "Twelve short trials of each, then the best of them beside the defaults",
    ],
    ["run -e gs -t cat10 --grid 'gs.temperature=0.1|0.5|1' --seeds 3", "A grid over an option"],
  ],
  async run(invocation) {
    const { flags, io, argv } = invocation;
    if (flags.on("slurm")) refuseWithSlurm(argv);
    const [{ openRegistry }, { prepare }] = await Promise.all([
      import("../../plan/registry.ts"),
      import("../../plan/prepare.ts"),
    ]);
    const request = requestOf(flags);
    const shard = flags.text("shard");
    const mine = shard === undefined ? undefined : inShard(parseShard(shard));
    const tune = flags.list("tune").length > 0 ? await import("../tune-first.ts") : undefined;
    const asked = tune?.tuningRequestOf(flags);
    const registry = await openRegistry(request.plugins);
    const prepared = await prepare(request, registry);
    const tuning = asked && (await tune?.planTuning(request, registry, asked, prepared));
    const tasks = new Map([...prepared.tasks, ...(tuning?.trials.prepared.tasks ?? [])]);
    const reporter = reporterFor(invocation, ({ taskKey }) => tasks.get(taskKey)?.metric ?? "value");
    const note = (message: string) => reporter.note(message);
    prepared.notes.forEach(note);
    const cells = [...prepared.plan.cells, ...(tuning?.trials.prepared.plan.cells ?? [])];
    const place = runFolder(invocation, () => nameOfPlan(invocation, { plan: { ...prepared.plan, cells } }));
    if (flags.on("slurm"))
      return (await import("../submit-run.ts")).runOnSlurm(invocation, prepared, place, run.flags);
    if (tuning) await tune?.announceTuning(invocation, tuning, place.folder, jobsOf(flags, prepared.engine));
    if (flags.on("dry-run"))
      return dryRun(invocation, { ...prepared, plan: { ...prepared.plan, cells } }, place);
    const [{ runPlan }, { runCell }, { writeReport }] = await Promise.all([
      import("../../jobs/run-cells.ts"),
      import("../../train/cell.ts"),
      import("../../../reports/export/write-report.ts"),
    ]);
    const interruption = listenForInterruption(io, note);
    endSilenceWatch();
    const settings = {
      ...{ ...place, command: commandLine(argv), reporter, runCell, writeReport },
      ...{ force: flags.on("force"), retryFailed: flags.on("retry-failed") },
      interrupted: interruption.requested,
    };
    try {
      const places = (trials: Prepared, of: Request, at: RunFolder) => placesOf(invocation, trials, of, at);
      const chosen = tuning && (await tune?.runTrials(tuning, settings, places));
      if (chosen === "interrupted") return stopped(invocation);
      const final = chosen?.request ?? request;
      const plan = chosen ? { ...(await prepare(final, registry)), tuned: chosen.tuned } : prepared;
      const result = await runPlan(plan, {
        ...settings,
        ...(mine === undefined ? {} : { mine }),
        ...(await placesOf(invocation, plan, final, place)),
      });
      return finish(invocation, place, result);
    } finally {
      interruption.release();
    }
  },
};

const notWithSlurm = {
  tune: "all trials must end before options are chosen",
  shard: "the jobs are the shards; set their number with --shards",
  force: "a job that Slurm starts again would begin anew; choose another --name or remove the run's folder",
  open: "the last job writes the report later",
} as const;

/** Refuses flags of the command line that --slurm would ignore. Settings of a configuration file may be ignored. */
function refuseWithSlurm(argv: readonly string[]): void {
  for (const [name, why] of Object.entries(notWithSlurm))
    if (argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`)))
      throw mistake(`--${name} cannot be combined with --slurm: ${why}.`);
}

/**
 * Where cells run: by default in this process and, once that takes long, in a child process for each core. In children from
 * the start with --jobs, when a cell may have to be stopped, and with plug-ins.
 */
async function placesOf(
  { flags }: Invocation,
  { plan, engine }: Prepared,
  request: Request,
  { folder }: RunFolder,
): Promise<Pick<RunSettings, "openWorkers" | "startDelay" | "startHere">> {
  const [{ openCellWorkers }, { startDelay }] = await Promise.all([
    import("../../jobs/cell-workers.ts"),
    import("../../jobs/default-jobs.ts"),
  ]);
  const cellSeconds = flags.seconds("cell-time-limit");
  const chosen = flags.text("jobs") !== undefined;
  const jobs = jobsOf(flags, engine);
  const supervised = cellSeconds !== undefined || request.plugins.length > 0;
  if (jobs === 1 && !supervised) return {};
  const limit = cellSeconds === undefined ? {} : { cellSeconds };
  const settings = { request, folder, engine: plan.engine, jobs, ...limit };
  return {
    openWorkers: (cells) => openCellWorkers(settings, cells),
    ...(chosen ? {} : { startDelay, startHere: !supervised }),
  };
}

function dryRun(invocation: Invocation, { plan, engine }: Prepared, { folder }: RunFolder): ExitStatus {
  const { cells } = plan;
  print(invocation, { ...plan, folder }, () => {
    const lines = cells.map(
      ({ taskLabel, label, seed, budget, hash }) =>
        `${hash} ${taskLabel} ${label} seed ${seed}, ${budget.steps} steps\n`,
    );
    const count = `${cells.length} cell${cells.length === 1 ? "" : "s"}`;
    return `${lines.join("")}${count} on ${engine.text} into ${shownPath(invocation.io.cwd, folder)}\n`;
  });
  return 0;
}

function stopped({ io, argv }: Invocation): ExitStatus {
  io.stderr.write(`Interrupted. To continue: ${resumingLine(argv)}\n`);
  return 130;
}

function finish(
  invocation: Invocation,
  { folder }: RunFolder,
  { states, interrupted }: RunResult,
): ExitStatus {
  const { flags, io } = invocation;
  const html = join(folder, "report.html");
  const summary = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as Summary;
  print(invocation, summary, () => `${rankingText(summary)}report: ${shownPath(io.cwd, html)}\n`);
  if (flags.on("open")) openFile(html);
  if (interrupted) return stopped(invocation);
  return [...states.values()].every((state) => state === "done") ? 0 : 1;
}
