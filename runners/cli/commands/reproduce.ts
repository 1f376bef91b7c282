import { existsSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import type { Reproduction } from "../../../reports/format/reproduction-record.ts";
import { mistake, type ExitStatus } from "../../errors.ts";
import { budgets } from "../../reproduce/budgets.ts";
import { reproducible } from "../../reproduce/papers/index.ts";
import type { PaperData } from "../../reproduce/paper.ts";
import type { Asked, Schedule } from "../../reproduce/time-plan.ts";
import { suggestion } from "../../options/suggest.ts";
import { commandLine, resumingLine } from "../text/command-line.ts";
import { duration } from "../text/duration.ts";
import { nameIn } from "../run-folder.ts";
import { openFile } from "../open-page.ts";
import { reporterFor } from "../progress.ts";
import { one, printJson, type Call, type Verb } from "./command.ts";

export const reproduce: Verb = {
  name: "reproduce",
  summary: "Run the experiments of a paper; print what is published and what is measured side by side.",
  positionals: [{ name: "paper", doc: "whose experiments", choices: reproducible.map(({ key }) => key) }],
  flags: [
    ...(["only", "budget", "seeds", "jobs", "engine", "data", "config", "out", "name", "force"] as const),
    ...(["retry-failed", "dry-run", "open", "json", "quiet", "verbose"] as const),
  ],
  examples: [
    ["reproduce jang2016", "all of it in an hour, and what that gives up"],
    ["reproduce jang2016 --only sbn-bernoulli --budget quick", "one row of its Table 1, briefly"],
    ["reproduce jang2016 --budget night --data DIR", "the grid of learning rates, on the paper's own data"],
  ],
  async run(call) {
    const { given, io, argv } = call;
    const { asked, place } = await askedOf(call);
    const [{ openRegistry }, { reproduce: carryOut }, { runCell }, { writeReport }, { citation, paperOf }] =
      await Promise.all([
        import("../../plan/registry.ts"),
        import("../../reproduce/run-paper.ts"),
        import("../../train/training-loop.ts"),
        import("../../../reports/export/write-report.ts"),
        import("../text/describe.ts"),
      ]);
    const verbosity = { quiet: given.on("quiet"), verbose: given.on("verbose") };
    const reporter = reporterFor(io, verbosity, ({ task }) => (isToy(task) ? "cost" : "elbo"));
    for (const note of dataNotes(asked)) reporter.note(note);
    let asking = false;
    const release = io.onInterrupt(() => {
      if (asking) io.exit(130);
      asking = true;
      reporter.note("stopping after this step; once more stops at once");
    });
    const result = await carryOut({
      ...{ asked, ...place, reporter, runCell, writeReport },
      registry: await openRegistry(),
      command: commandLine(argv),
      citation: citation(asked.paper.key),
      link: paperOf(asked.paper.key)!.link,
      force: given.on("force"),
      retryFailed: given.on("retry-failed"),
      interrupted: () => asking,
      announce: (schedule, told) => announce(call, schedule, told, asked),
      dryRun: given.on("dry-run"),
      now: () => performance.now() / 1000,
    }).finally(release);
    if (result === undefined) return 0;
    return finish(call, place.folder, result);
  },
};

const isToy = (task: string) => !/^(sbn|bern|cat|semi)/.test(task);

async function askedOf(call: Call): Promise<{ asked: Asked; place: { folder: string; name: string } }> {
  const { given, io } = call;
  const [{ chooseExperiments }, { countIn }, { parseSeeds }] = await Promise.all([
    import("../../reproduce/requests.ts"),
    import("../../options/quantities.ts"),
    import("../../options/selection.ts"),
  ]);
  const paper = reproducible.find(({ key }) => key === one(call, "paper"))!;
  const named = given.text("budget") ?? "hour";
  const budget = budgets.find(({ name }) => name === named);
  if (budget === undefined) {
    const words = budgets.map(({ name, doc }) => `${name} (${doc})`).join(", ");
    throw mistake(`--budget: it must be one of ${words}, got "${named}"${suggestion(named, budgets)}`);
  }
  const only = given.texts("only");
  const [engine, data, seeds] = [given.text("engine"), given.text("data"), given.text("seeds") ?? "1"];
  parseSeeds(seeds);
  const asked: Asked = {
    ...{ paper, experiments: chooseExperiments(paper, only), budget, seeds },
    jobs: countIn(given.text("jobs") ?? "1", "--jobs"),
    ...(engine === undefined ? {} : { engine }),
    ...(data === undefined ? {} : { data }),
  };
  const [out, own] = [given.text("out"), nameIn(given)];
  if (out !== undefined) return { asked, place: { folder: out, name: own ?? basename(out) } };
  const selected = only.flatMap((text) => text.split(",")).map((part) => part.trim());
  const usual = [paper.key, budget.name, ...selected, ...(seeds === "1" ? [] : [`seeds-${seeds}`])];
  const name = own ?? usual.join("-").replaceAll(/[^\w.+-]+/g, "-");
  return { asked, place: { folder: join(resolve(io.cwd, "runs"), name), name } };
}

/** Where the paper's own data are had, unless somebody gave a folder. */
function dataNotes({ paper, experiments, data }: Asked): string[] {
  const concerned = experiments.some((one) => one.kind === "training" && one.labelled !== true);
  if (paper.data === undefined || data !== undefined || !concerned) return [];
  return [
    `the paper's data are not here: ${paper.data.where}; numbers of our own binarisation are not comparable to a tenth of a nat`,
  ];
}

function announce(
  { given, io }: Call,
  schedule: Schedule,
  { spared, choosing }: { spared: readonly string[]; choosing: number },
  asked: Asked,
) {
  if (given.on("dry-run") && given.on("json")) return printJson(io, { ...schedule, gaveUp: spared });
  if (given.on("quiet") && !given.on("dry-run")) return;
  const { allocation, items } = schedule;
  const paces = items.map(({ stepSeconds }) => stepSeconds * 1000);
  const cells =
    items.length === 0
      ? ""
      : `: ${items.length} estimators trained, at most ${allocation.steps} steps of ${Math.min(...paces).toFixed(1)} to ${Math.max(...paces).toFixed(1)} ms`;
  const where = given.on("dry-run") ? io.stdout : io.stderr;
  const rates = choosing > 0 ? ` (${duration(choosing)} of it to choose learning rates)` : "";
  where.write(`budget ${asked.budget.name}, about ${duration(allocation.seconds)} here${rates}${cells}\n`);
  for (const sentence of spared) where.write(`given up: ${sentence}\n`);
}

async function finish(
  call: Call,
  folder: string,
  { record, interrupted, late }: { record: Reproduction; interrupted: boolean; late: boolean },
): Promise<ExitStatus> {
  const { given, io, argv } = call;
  if (given.on("json")) printJson(io, record);
  else {
    const { reproductionText } = await import("../text/reproduction-table.ts");
    io.stdout.write(reproductionText(record));
    const near = relative(io.cwd, folder);
    const shown = near.startsWith("..") ? folder : near;
    const report = existsSync(join(folder, "report.html")) ? `report: ${join(shown, "report.html")}, ` : "";
    io.stdout.write(`\n${report}table: ${join(shown, "reproduction.md")}\n`);
  }
  if (given.on("open")) openFile(join(folder, "report.html"));
  if (interrupted) {
    const why = late ? `the time of --budget ${record.budget} is used up` : "interrupted";
    io.stderr.write(`${why}; to go on: ${resumingLine(argv)}\n`);
    return 130;
  }
  return record.rows.every(({ measured }) => measured !== null) ? 0 : 1;
}

/** For `bench list --published`: a row for every value. */
export function publishedRows(
  papers: readonly PaperData[] = reproducible,
): Record<string, string | number>[] {
  return papers.flatMap(({ key, experiments }) =>
    experiments.flatMap((experiment) => {
      const { id, source, task } = experiment;
      if (experiment.kind === "speed")
        return Object.entries(experiment.published).map(([classes, value]) => ({
          ...{ paper: key, experiment: id, column: `K = ${classes}`, quantity: "steps per second, ratio" },
          ...{ value, source, task, estimator: `${experiment.sampling} / ${experiment.marginal}` },
        }));
      return experiment.columns.flatMap(({ title, estimator, published }) =>
        Object.entries(published).map(([quantity, value]) => ({
          ...{ paper: key, experiment: id, column: title, quantity, value, source, task, estimator },
        })),
      );
    }),
  );
}
