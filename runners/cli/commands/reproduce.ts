import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { ExitStatus } from "../../errors.ts";
import { countIn } from "../../options/quantities.ts";
import { parseSeeds } from "../../options/selection.ts";
import { unknownName } from "../../options/suggest.ts";
import { budgets } from "../../reproduce/budgets.ts";
import { gaveUp } from "../../reproduce/departures.ts";
import { reproducible } from "../../reproduce/papers/index.ts";
import { chooseExperiments, parseRates, type ReproduceOptions } from "../../reproduce/reproduce-options.ts";
import type { ReproduceResult } from "../../reproduce/run-paper.ts";
import { openFile } from "../open-page.ts";
import { reporterFor } from "../progress.ts";
import { nameIn } from "../run-folder.ts";
import { commandLine, resumingLine } from "../text/command-line.ts";
import { duration } from "../text/duration.ts";
import { one, printJson, type Call, type Verb } from "./command.ts";

export const reproduce: Verb = {
  name: "reproduce",
  summary: "Run the experiments of a paper; print published beside measured values.",
  positionals: [{ name: "paper", doc: "whose experiments", choices: reproducible.map(({ key }) => key) }],
  flags: [
    ...(["only", "budget", "steps", "rates", "seeds", "jobs", "engine", "data", "config"] as const),
    ...(["out", "name", "force", "retry-failed", "dry-run", "open", "json", "quiet", "verbose"] as const),
  ],
  examples: [
    ["reproduce jang2016 --jobs 2", "all experiments, in about an hour on two cores"],
    ["reproduce jang2016 --only sbn-bernoulli --budget quick", "one row of its Table 1, in minutes"],
    ["reproduce jang2016 --only table-1 --budget paper --data DIR", "the full protocol on the paper's data"],
  ],
  async run(call) {
    const { given, io, argv } = call;
    const options = optionsOf(call);
    const folder = folderOf(call, options);
    const [{ openRegistry }, { reproduce: runPaper }, { runCell }, { writeReport }, { citation, paperOf }] =
      await Promise.all([
        import("../../plan/registry.ts"),
        import("../../reproduce/run-paper.ts"),
        import("../../train/cell.ts"),
        import("../../../reports/export/write-report.ts"),
        import("../text/describe.ts"),
      ]);
    const verbosity = { quiet: given.on("quiet"), verbose: given.on("verbose") };
    const reporter = reporterFor(io, verbosity, ({ task }) => (isToy(task) ? "cost" : "elbo"));
    let stopping = false;
    const release = io.onInterrupt(() => {
      if (stopping) io.exit(130);
      stopping = true;
      reporter.note("stopping after this step; once more stops at once");
    });
    const result = await runPaper({
      ...{ options, folder, reporter, runCell, writeReport },
      registry: await openRegistry(),
      command: commandLine(argv),
      citation: citation(options.paper.key),
      link: paperOf(options.paper.key)!.link,
      force: given.on("force"),
      retryFailed: given.on("retry-failed"),
      dryRun: given.on("dry-run"),
      interrupted: () => stopping,
      announce: (seconds) => announce(call, options, seconds),
    }).finally(release);
    return result === undefined ? 0 : finish(call, folder, result);
  },
};

const isToy = (task: string) => !/^(sbn|bern|cat|semi)/.test(task);

function optionsOf(call: Call): ReproduceOptions {
  const { given } = call;
  const paper = reproducible.find(({ key }) => key === one(call, "paper"))!;
  const named = given.text("budget") ?? "hour";
  const budget = budgets.find(({ name }) => name === named);
  if (budget === undefined) throw unknownName("budget", named, budgets);
  const experiments = chooseExperiments(paper, given.texts("only"));
  const [steps, rates, seeds] = [given.text("steps"), given.text("rates"), given.text("seeds") ?? "1"];
  parseSeeds(seeds);
  const [engine, data] = [given.text("engine"), given.text("data")];
  return {
    ...{ paper, experiments, budget, seeds },
    jobs: countIn(given.text("jobs") ?? "1", "--jobs"),
    ...(steps === undefined ? {} : { steps: countIn(steps, "--steps") }),
    ...(rates === undefined ? {} : { rates: parseRates(rates, experiments) }),
    ...(engine === undefined ? {} : { engine }),
    ...(data === undefined ? {} : { data }),
  };
}

/** `--out`, or runs/NAME; without `--name` the name says the paper, the budget and the options. */
function folderOf({ given, io }: Call, { paper, budget, steps, rates, seeds }: ReproduceOptions): string {
  const out = given.text("out");
  const name = nameIn(given);
  if (out !== undefined) return out;
  const usual = [
    ...[paper.key, budget.name, ...given.texts("only")],
    ...(steps === undefined ? [] : [`steps-${steps}`]),
    ...(rates === undefined ? [] : [`rates-${rates.join("-")}`]),
    ...(seeds === "1" ? [] : [`seeds-${seeds}`]),
  ];
  return join(resolve(io.cwd, "runs"), name ?? usual.join("-").replaceAll(/[^\w.+-]+/g, "-"));
}

/** Says before anything runs how long it takes and what the settings give up. */
function announce(
  { given, io }: Call,
  options: ReproduceOptions,
  seconds: { readonly estimated: number; readonly spent: number },
): void {
  const departures = gaveUp(options);
  if (given.on("dry-run") && given.on("json")) return printJson(io, { seconds, gaveUp: departures });
  if (given.on("quiet") && !given.on("dry-run")) return;
  const stream = given.on("dry-run") ? io.stdout : io.stderr;
  const spent = seconds.spent > 0 ? `, ${duration(seconds.spent)} of it spent` : "";
  stream.write(`budget ${options.budget.name}: about ${duration(seconds.estimated)} here${spent}\n`);
  for (const sentence of departures) stream.write(`given up: ${sentence}\n`);
}

async function finish(
  { given, io, argv }: Call,
  folder: string,
  { record, interrupted }: ReproduceResult,
): Promise<ExitStatus> {
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
    io.stderr.write(`interrupted; to go on: ${resumingLine(argv)}\n`);
    return 130;
  }
  return record.rows.every(({ measured }) => measured !== null) ? 0 : 1;
}
