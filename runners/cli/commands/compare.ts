import { mistake } from "../../errors.ts";
import { suggestion } from "../../options/suggest.ts";
import { runFolder } from "./report.ts";
import { one, printJson, type Verb } from "./command.ts";

const failures = ["regression"];

export const compare: Verb = {
  name: "compare",
  summary: "Compare two runs seed by seed, in words and numbers.",
  positionals: [
    { name: "first", doc: "the folder of a run" },
    { name: "second", doc: "the folder of the run that is judged against it" },
  ],
  flags: ["fail-on", "json", "verbose"],
  examples: [
    ["compare runs/A runs/B", "what became better and worse from A to B"],
    ["compare runs/A runs/B --fail-on regression", "exit 1 when something became worse"],
    ["compare runs/A runs/B --json", "the same for a program"],
  ],
  async run(call) {
    const { given, io } = call;
    const failOn = given.text("fail-on");
    if (failOn !== undefined && !failures.includes(failOn))
      throw mistake(
        `--fail-on: it must be regression (the one thing to fail on), got "${failOn}"${suggestion(failOn, failures)}`,
      );
    const [first, second] = (["first", "second"] as const).map((name) =>
      runFolder(io.cwd, one(call, name) ?? ""),
    ) as [string, string];
    const [{ readRun }, { compareRuns }] = await Promise.all([
      import("../../../reports/format/read-run.ts"),
      import("../../../reports/aggregate/compare-runs.ts"),
    ]);
    const comparison = compareRuns(readRun(first), readRun(second));
    if (given.on("json")) printJson(io, comparison);
    else io.stdout.write(comparison.sentences.map((sentence) => `${sentence}\n`).join(""));
    return failOn !== undefined && comparison.regression ? 1 : 0;
  },
};
