import type { CheckReport, CheckResult } from "../../check/index.ts";
import { painter, printJson, type Io } from "../output.ts";
import { jobsOf } from "../request-of.ts";
import type { Command } from "./command.ts";

export const check: Command = {
  name: "check",
  summary: "Test what estimators claim: bias, variance, cost, repeatability.",
  positionals: [{ name: "names", doc: "Estimators, or files of plug-ins", many: true }],
  flags: ["jobs", "plugin", "config", "json"],
  examples: [
    ["check rebar", "A line per check"],
    ["check ./mine.ts", "Your own estimator"],
    ["check rloo:samples=2,disarm --json", "Two estimators, as JSON"],
  ],
  async run({ flags, io, positional }) {
    const [{ checkEstimator }, { chooseChecked, openCheckEngine }, { runTogether }, { chooseEngine }] =
      await Promise.all([
        import("../../check/index.ts"),
        import("../../check/choose-checked.ts"),
        import("../../jobs/run-together.ts"),
        import("../../engine/index.ts"),
      ]);
    const request = { names: positional["names"]!, plugins: flags.plugins(), folder: io.cwd };
    const chosen = await chooseChecked(request);
    const engine = await openCheckEngine();
    const json = flags.on("json");
    const lines = linesInOrder(io);
    const add = (index: number, text: string) => void (json || lines.add(index, text));
    const streamed = new Set<number>();
    const reports = await runTogether<CheckReport>({
      count: chosen.length,
      jobs: jobsOf(flags, chooseEngine("wasm")),
      preparation: { kind: "checks", request },
      here(index) {
        streamed.add(index);
        return checkEstimator(chosen[index]!, engine, { onResult: (result) => add(index, line(result, io)) });
      },
      job: (index) => ({ kind: "check", estimator: index }),
      started: (index) => add(index, `${chosen[index]!.label}: ${chosen[index]!.title}\n`),
      ended(index, { checks }) {
        if (!streamed.has(index)) for (const result of checks) add(index, line(result, io));
        lines.complete(index);
      },
    });
    await engine.close();
    const ok = reports.every((report) => report.ok);
    if (json) printJson(io, { ok, reports });
    else io.stdout.write(summary(reports));
    return ok ? 0 : 1;
  },
};

/** Prints the lines of one estimator after another, as soon as those before are complete. */
export function linesInOrder(io: Pick<Io, "stdout">) {
  const held: string[] = [];
  const complete = new Set<number>();
  let shown = 0;
  const release = () => {
    io.stdout.write(held[shown] ?? "");
    held[shown] = "";
  };
  return {
    add(index: number, text: string) {
      held[index] = (held[index] ?? "") + text;
      if (index === shown) release();
    },
    complete(index: number) {
      complete.add(index);
      for (; complete.has(shown); release()) shown += 1;
    },
  };
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
