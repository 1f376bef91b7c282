import type { CheckReport, CheckResult } from "../../check/run-checks.ts";
import { plural } from "../../../reports/aggregate/numbers.ts";
import { painter, printJson, type Io } from "../output.ts";
import { jobsOf } from "../request-of.ts";
import type { Command } from "./command.ts";

export const check: Command = {
  name: "check",
  summary: "Test what estimators claim, and that tasks are written as they must be.",
  positionals: [
    { name: "names", doc: "Estimators, tasks, or files of plug-ins", many: true, optional: true },
  ],
  flags: ["task", "data", "jobs", "plugin", "config", "json"],
  examples: [
    ["check rebar", "A line per check"],
    ["check ./mine.ts", "The estimators and tasks of your own file"],
    ["check bern2", "A task: its program, likelihood, derivatives and data"],
  ],
  async run({ flags, io, positional }) {
    const [{ chooseChecked, openCheckEngine }, { runTogether }, { chooseEngine }] = await Promise.all([
      import("../../check/choose-checked.ts"),
      import("../../jobs/run-together.ts"),
      import("../../engine/index.ts"),
    ]);
    const begun = performance.now();
    const data = flags.text("data");
    const request = {
      names: positional["names"] ?? [],
      tasks: flags.list("task"),
      plugins: flags.plugins(),
      folder: io.cwd,
      ...(data !== undefined && { data }),
    };
    const chosen = await chooseChecked(request);
    const engine = await openCheckEngine();
    const json = flags.on("json");
    const lines = linesInOrder(io);
    const add = (index: number, text: string) => void (json || lines.add(index, text));
    const streamed = new Set<number>();
    const reports = await runTogether<CheckReport>({
      count: chosen.length,
      jobs: jobsOf(flags, chooseEngine("wasm")),
      // So many take longer than other processes need to start.
      ...(chosen.length > 10 && { startDelay: 0 }),
      preparation: { kind: "checks", request },
      here(index) {
        streamed.add(index);
        return chosen[index]!.check(engine, { onResult: (result) => add(index, line(result, io)) });
      },
      job: (index) => ({ kind: "check", index }),
      started: (index) => add(index, `${chosen[index]!.label}: ${chosen[index]!.title}\n`),
      ended(index, { checks }) {
        if (!streamed.has(index)) for (const result of checks) add(index, line(result, io));
        lines.complete(index);
      },
    });
    await engine.close();
    const ok = reports.every((report) => report.ok);
    if (json) printJson(io, { ok, reports });
    else io.stdout.write(summary(reports, (performance.now() - begun) / 1000));
    return ok ? 0 : 1;
  },
};

/** Prints the lines of one after another, as soon as those before are complete. */
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

const marks = { pass: "pass", warn: "warn", fail: "FAIL", skip: "skip" } as const;
const colours = { pass: "green", warn: "yellow", fail: "red", skip: "dim" } as const;

function line({ name, state, detail }: CheckResult, io: Io): string {
  const paint = painter(io.stdout, io.env);
  return `  ${paint(colours[state], marks[state])}  ${name.padEnd(17)}  ${detail}\n`;
}

/** `seconds`: by the clock, however many processes checked. */
function summary(reports: readonly CheckReport[], seconds: number): string {
  const all = reports.flatMap(({ estimator, task, checks }) =>
    checks.map((one) => ({ of: estimator ?? task, ...one })),
  );
  const those = (state: CheckResult["state"]) => {
    const found = all.filter((one) => one.state === state);
    return { n: found.length, names: found.map(({ of, name }) => `${of} ${name}`).join(", ") };
  };
  const [failed, warned] = [those("fail"), those("warn")];
  const verdict = failed.n === 0 ? "all passed" : `${failed.n} failed: ${failed.names}`;
  const result = warned.n === 0 ? verdict : `${verdict}; ${plural(warned.n, "warning")}: ${warned.names}`;
  const count = all.filter(({ state }) => state !== "skip").length;
  const tasks = reports.filter(({ task }) => task !== undefined).length;
  const counts = [reports.length - tasks, tasks].map((n) => (n === 1 ? "one" : String(n)));
  const kinds = ["estimator", "task"].map(
    (kind, i) => `${counts[i]} ${kind}${counts[i] === "one" ? "" : "s"}`,
  );
  const of = kinds.filter((_, i) => counts[i] !== "0").join(" and ");
  return `${plural(count, "check")} of ${of}, ${result} (${seconds.toFixed(0)} s)\n`;
}
