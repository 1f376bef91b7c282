import type { OptionSpecs } from "../../../estimators/estimator.ts";
import type { LabelledEstimator } from "../../variance/gradient-draws.ts";
import type { CheckReport, CheckResult } from "../../check/index.ts";
import { mistake } from "../../errors.ts";
import { painter, printJson, type Io } from "../output.ts";
import type { Command, Invocation } from "./command.ts";

export const check: Command = {
  name: "check",
  summary: "Test what estimators claim: bias, variance, cost, repeatability.",
  positionals: [{ name: "names", doc: "Estimators, or files of plug-ins", many: true }],
  flags: ["plugin", "config", "json"],
  examples: [
    ["check rebar", "A line per check"],
    ["check ./mine.ts", "Your own estimator"],
    ["check rloo:samples=2,disarm --json", "Two estimators, as JSON"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const chosen = await chosenOf(invocation);
    const { checkEstimator } = await import("../../check/index.ts");
    const { chooseEngine, openEngine } = await import("../../engine/index.ts");
    const engine = await openEngine(chooseEngine("wasm"));
    const json = flags.on("json");
    const reports: CheckReport[] = [];
    for (const one of chosen) {
      if (!json) io.stdout.write(`${one.label}: ${one.title}\n`);
      const onResult = (result: CheckResult) => void (json || io.stdout.write(line(result, io)));
      reports.push(await checkEstimator(one, engine, { onResult }));
    }
    await engine.close();
    const ok = reports.every((report) => report.ok);
    if (json) printJson(io, { ok, reports });
    else io.stdout.write(summary(reports));
    return ok ? 0 : 1;
  },
};

interface NamedEstimator extends LabelledEstimator {
  readonly title: string;
}

/** The named estimators with their options; a file is loaded as a plug-in. */
async function chosenOf({ flags, io, positional }: Invocation): Promise<NamedEstimator[]> {
  const [{ openRegistry, resolveEntry }, { findPlugin, isPath }, selections, options] = await Promise.all([
    import("../../plan/registry.ts"),
    import("../../plugins/find-plugin.ts"),
    import("../../options/selection.ts"),
    import("../../options/resolve.ts"),
  ]);
  const named = selections.parseSelections(positional["names"]!, "bench check");
  if (named.length === 0) throw mistake("bench check expects the name of an estimator, for example rebar.");
  const files = named.flatMap(({ name }) => (isPath(name) ? [{ spec: name, folder: io.cwd }] : []));
  const registry = await openRegistry([...flags.plugins(), ...files]);
  const { estimators } = registry;
  return named.flatMap(({ name, options: written }) => {
    const entries = isPath(name)
      ? estimators.filter(({ source }) => source === findPlugin({ spec: name, folder: io.cwd }))
      : selections.matching(name, "estimator", estimators);
    return entries.map((candidate): NamedEstimator => {
      const entry = resolveEntry(candidate, written, registry);
      const scope = { who: entry.name, specs: entry.estimator.options as OptionSpecs };
      const given = options.readOptions(written, scope);
      const label = selections.writeSelection(entry.name, given);
      return {
        estimator: entry.estimator,
        title: entry.title,
        settings: options.resolveOptions(given, scope),
        label,
      };
    });
  });
}

const marks = { pass: "pass", fail: "FAIL", skip: "skip" } as const;
const colours = { pass: "green", fail: "red", skip: "dim" } as const;

function line({ name, state, detail }: CheckResult, io: Io): string {
  const paint = painter(io.stdout, io.env);
  return `  ${paint(colours[state], marks[state])}  ${name.padEnd(17)}  ${detail}\n`;
}

function summary(reports: readonly CheckReport[]): string {
  const seconds = reports.reduce((total, report) => total + report.seconds, 0);
  const all = reports.flatMap(({ estimator, checks }) => checks.map((one) => ({ estimator, ...one })));
  const failed = all.filter(({ state }) => state === "fail");
  const names = failed.map(({ estimator, name }) => `${estimator} ${name}`).join(", ");
  const result = failed.length === 0 ? "all passed" : `${failed.length} failed: ${names}`;
  const count = all.filter(({ state }) => state !== "skip").length;
  const of = reports.length === 1 ? "one estimator" : `${reports.length} estimators`;
  return `${count} checks of ${of}, ${result} (${seconds.toFixed(0)} s)\n`;
}
