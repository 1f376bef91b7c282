import type { OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import type { EstimatorEntry } from "../../plan/registry.ts";
import { mistake } from "../../errors.ts";
import type { CheckReport, CheckResult } from "../../check/index.ts";
import { painter, type Io } from "../io.ts";
import { many, printJson, type Call, type Verb } from "./command.ts";

export const check: Verb = {
  name: "check",
  summary: "Prove or refute what an estimator claims: bias, variance, cost, repeatability.",
  positionals: [{ name: "names", doc: "estimators, or files of your own", many: true }],
  flags: ["plugin", "config", "json"],
  examples: [
    ["check rebar", "a line per check"],
    ["check ./mine.ts", "an estimator of your own"],
    ["check rloo:samples=2,disarm --json", "two, for a program"],
  ],
  async run(call) {
    const { given, io } = call;
    const chosen = await chosenOf(call);
    const { checkEstimator } = await import("../../check/index.ts");
    const { chooseEngine, openEngine } = await import("../../engine/index.ts");
    const engine = await openEngine(chooseEngine("wasm"));
    const reports: CheckReport[] = [];
    for (const one of chosen) {
      const json = given.on("json");
      if (!json) io.stdout.write(`${one.label}: ${one.entry.title}\n`);
      const onResult = json ? () => undefined : (result: CheckResult) => io.stdout.write(line(result, io));
      reports.push(await checkEstimator({ ...one, estimator: one.entry.estimator }, engine, { onResult }));
    }
    await engine.close();
    const failed = reports.filter(({ ok }) => !ok);
    if (given.on("json")) printJson(io, { ok: failed.length === 0, reports });
    else io.stdout.write(summary(reports));
    return failed.length === 0 ? 0 : 1;
  },
};

interface Chosen {
  readonly entry: EstimatorEntry;
  readonly settings: Settings;
  readonly label: string;
}

/** The estimators that are named, with their options; a file is loaded as a plug-in. */
async function chosenOf(call: Call): Promise<Chosen[]> {
  const { given, io } = call;
  const [
    { openRegistry, resolveEntry },
    { findPlugin, isPath },
    selections,
    { readOptions, resolveOptions },
  ] = await Promise.all([
    import("../../plan/registry.ts"),
    import("../../plugins/find-plugin.ts"),
    import("../../options/selection.ts"),
    import("../../options/resolve.ts"),
  ]);
  const { matching, parseSelections, writeSelection } = selections;
  const named = parseSelections(many(call, "names"), "check");
  const files = named.flatMap(({ name }) => (isPath(name) ? [{ spec: name, folder: io.cwd }] : []));
  const plugins = given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") }));
  const registry = await openRegistry([...plugins, ...files]);
  const { estimators } = registry;
  const chosen = named.flatMap(({ name, options }) => {
    const entries = isPath(name)
      ? estimators.filter(({ source }) => source === findPlugin({ spec: name, folder: io.cwd }))
      : matching(name, "estimator", estimators);
    return entries.map((candidate): Chosen => {
      const entry = resolveEntry(candidate, options, registry);
      const origin = { who: entry.name, specs: entry.estimator.options as OptionSpecs };
      const read = readOptions(options, origin);
      return {
        entry,
        settings: resolveOptions(read, origin),
        label: writeSelection(entry.name, read),
      };
    });
  });
  if (chosen.length === 0) throw mistake("check: an estimator must be named, got none");
  return chosen;
}

const marks = { pass: "pass", fail: "FAIL", skip: "skip" } as const;
const colours = { pass: "green", fail: "red", skip: "dim" } as const;

function line({ name, state, detail }: CheckResult, io: Io): string {
  const paint = painter(io.stdout, io.env);
  return `  ${paint(colours[state], marks[state])}  ${name.padEnd(17)}  ${detail}\n`;
}

function summary(reports: readonly CheckReport[]): string {
  const seconds = reports.reduce((total, report) => total + report.seconds, 0);
  const failed = reports.flatMap(({ estimator, checks }) =>
    checks.flatMap(({ name, state }) => (state === "fail" ? [`${estimator} ${name}`] : [])),
  );
  const said = failed.length === 0 ? "all hold" : `${failed.length} failed: ${failed.join(", ")}`;
  const count = reports.reduce(
    (total, report) => total + report.checks.filter(({ state }) => state !== "skip").length,
    0,
  );
  return `${count} checks of ${reports.length === 1 ? "one estimator" : `${reports.length} estimators`}, ${said} (${seconds.toFixed(0)} s)\n`;
}
