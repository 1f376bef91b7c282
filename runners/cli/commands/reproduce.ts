import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileNameOf } from "../../../reports/format/disk.ts";
import type { Reproduction } from "../../../reports/format/reproduction-record.ts";
import type { ExitStatus } from "../../errors.ts";
import { timeText } from "../../options/quantities.ts";
import { parseSeeds } from "../../options/selection.ts";
import { unknownName } from "../../options/suggest.ts";
import { budgets } from "../../reproduce/budgets.ts";
import { gaveUp } from "../../reproduce/departures.ts";
import { reproducible } from "../../reproduce/papers/index.ts";
import { chooseExperiments, parseRates, type ReproduceOptions } from "../../reproduce/reproduce-options.ts";
import type { ReproduceResult } from "../../reproduce/run-paper.ts";
import {
  commandLine,
  listenForInterruption,
  openFile,
  printJson,
  resumingLine,
  shownPath,
} from "../output.ts";
import { reporterFor } from "../progress.ts";
import { runFolder } from "../run-folder.ts";
import { table } from "../text/plain-table.ts";
import { argument, type Command, type Invocation } from "./command.ts";

export const reproduceCommand: Command = {
  name: "reproduce",
  summary: "Run the experiments of a paper; print published beside measured values.",
  positionals: [{ name: "paper", doc: "Paper", choices: reproducible.map(({ key }) => key) }],
  flags: [
    ...(["only", "budget", "steps", "rates", "seeds", "jobs", "engine", "data", "config"] as const),
    ...(["stored", "verify"] as const),
    ...(["out", "name", "force", "retry-failed", "dry-run", "open", "json", "quiet", "verbose"] as const),
  ],
  defaults: { seeds: "1", jobs: "1", steps: "as --budget sets them" },
  examples: [
    ["reproduce jang2016 --jobs 2", "All experiments, in about an hour on two cores"],
    ["reproduce jang2016 --only table-1 --budget paper --data DIR", "The full protocol on the paper's data"],
    ["reproduce jang2016 --budget quick --verify", "Whether this installation agrees with our values"],
  ],
  async run(invocation) {
    const { flags, io, argv } = invocation;
    const options = optionsOf(invocation);
    const { folder } = runFolder(invocation, () => usualName(invocation, options));
    const [
      { openRegistry },
      { reproduce: runPaper },
      { openStore, storedFile },
      { runCell },
      { writeReport },
      { citation, paperOf },
    ] = await Promise.all([
      import("../../plan/registry.ts"),
      import("../../reproduce/run-paper.ts"),
      import("../../reproduce/stored-values.ts"),
      import("../../train/cell.ts"),
      import("../../../reports/export/write-report.ts"),
      import("../text/describe.ts"),
    ]);
    const { key } = options.paper;
    const given = flags.text("stored");
    const stored =
      given === undefined ? (options.verify ? storedFile(key) : undefined) : resolve(io.cwd, given);
    const reporter = reporterFor(invocation, ({ task }) => (isToy(task) ? "cost" : "elbo"));
    const interruption = listenForInterruption(io, (message) => reporter.note(message));
    const result = await runPaper({
      ...{ options, folder, reporter, runCell, writeReport },
      registry: await openRegistry(),
      store: openStore(stored, key),
      command: commandLine(argv),
      citation: citation(options.paper.key),
      link: paperOf(options.paper.key)!.link,
      force: flags.on("force"),
      retryFailed: flags.on("retry-failed"),
      dryRun: flags.on("dry-run"),
      interrupted: interruption.requested,
      announce: (seconds) => announce(invocation, options, seconds),
    }).finally(interruption.release);
    return result === undefined ? 0 : finish(invocation, folder, result);
  },
};

const isToy = (task: string) => !/^(sbn|bern|cat|semi)/.test(task);

function optionsOf(invocation: Invocation): ReproduceOptions {
  const { flags } = invocation;
  const paper = reproducible.find(({ key }) => key === argument(invocation, "paper"))!;
  const named = flags.text("budget") ?? "hour";
  const budget = budgets.find(({ name }) => name === named);
  if (budget === undefined) throw unknownName("budget", named, budgets);
  const experiments = chooseExperiments(paper, flags.list("only"));
  const [rates, seeds] = [flags.text("rates"), flags.text("seeds") ?? "1"];
  parseSeeds(seeds);
  const [engine, data] = [flags.text("engine"), flags.text("data")];
  return {
    ...{ paper, experiments, budget, seeds, jobs: flags.count("jobs"), verify: flags.on("verify") },
    ...(flags.text("steps") === undefined ? {} : { steps: flags.count("steps") }),
    ...(rates === undefined ? {} : { rates: parseRates(rates, experiments) }),
    ...(engine === undefined ? {} : { engine }),
    ...(data === undefined ? {} : { data }),
  };
}

/** The name of the run's folder without --name: the paper, the budget and the options. */
function usualName({ flags }: Invocation, { paper, budget, steps, rates, seeds }: ReproduceOptions): string {
  const parts = [
    ...[paper.key, budget.name, ...flags.list("only")],
    ...(steps === undefined ? [] : [`steps-${steps}`]),
    ...(rates === undefined ? [] : [`rates-${rates.join("-")}`]),
    ...(seeds === "1" ? [] : [`seeds-${seeds}`]),
  ];
  return fileNameOf(parts.join("-"));
}

/** Prints before anything runs how long it takes and what the settings give up. */
function announce(
  { flags, io }: Invocation,
  options: ReproduceOptions,
  seconds: { readonly estimated: number; readonly spent: number },
): void {
  const departures = gaveUp(options);
  if (flags.on("dry-run") && flags.on("json")) return printJson(io, { seconds, gaveUp: departures });
  if (flags.on("quiet") && !flags.on("dry-run")) return;
  const stream = flags.on("dry-run") ? io.stdout : io.stderr;
  const spent = seconds.spent > 0 ? `, ${timeText(seconds.spent)} of it spent` : "";
  stream.write(`budget ${options.budget.name}: about ${timeText(seconds.estimated)} here${spent}\n`);
  for (const sentence of departures) stream.write(`given up: ${sentence}\n`);
}

async function finish(
  { flags, io, argv }: Invocation,
  folder: string,
  { record, interrupted }: ReproduceResult,
): Promise<ExitStatus> {
  if (flags.on("json")) printJson(io, record);
  else {
    io.stdout.write(await textOf(record, flags.on("verify")));
    const shown = shownPath(io.cwd, folder);
    const report = existsSync(join(folder, "report.html")) ? `report: ${join(shown, "report.html")}, ` : "";
    io.stdout.write(`\n${report}table: ${join(shown, "reproduction.md")}\n`);
  }
  if (flags.on("open")) openFile(join(folder, "report.html"));
  if (interrupted) {
    io.stderr.write(`Interrupted. To continue: ${resumingLine(argv)}\n`);
    return 130;
  }
  const { verification } = await import("../../../reports/format/reproduction-tables.ts");
  const measured = record.rows.every(({ measured }) => measured !== null);
  return measured && (!flags.on("verify") || verification(record).agrees) ? 0 : 1;
}

/** Published and measured values side by side, for a terminal. */
async function textOf(record: Reproduction, verify: boolean): Promise<string> {
  const { speedTable, tablesOf, unequalThings, verification } =
    await import("../../../reports/format/reproduction-tables.ts");
  const parts = tablesOf(record).map(
    ({ title, heads, rows, order }) =>
      `${title}\n${table(heads, rows)}${order === undefined ? "" : `${order}\n`}`,
  );
  const speed = speedTable(record.speed);
  if (speed.rows.length > 0) parts.push(table(speed.heads, speed.rows));
  const unequal = unequalThings(record.rows);
  if (unequal.length > 0) parts.push(unequal.map((reason) => `* ${reason}\n`).join(""));
  if (verify) parts.push(`${verification(record).sentence}\n`);
  return parts.join("\n");
}
