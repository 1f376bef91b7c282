import { unknownName } from "../../options/suggest.ts";
import { existingRun } from "../run-folder.ts";
import { argument, print, type Command } from "./command.ts";

export const compare: Command = {
  name: "compare",
  summary: "Compare two runs seed by seed, in words and numbers.",
  positionals: [
    { name: "first", doc: "Folder of a run" },
    { name: "second", doc: "Folder of the run to compare with it" },
  ],
  flags: ["fail-on", "json", "verbose"],
  examples: [
    ["compare runs/A runs/B", "What is better and worse in B than in A"],
    ["compare runs/A runs/B --fail-on regression", "Exit with status 1 if something is worse"],
    ["compare runs/A runs/B --json", "The same as JSON"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const failOn = flags.text("fail-on");
    if (failOn !== undefined && failOn !== "regression")
      throw unknownName("value of --fail-on:", failOn, ["regression"]);
    const [{ readRun }, { compareRuns }] = await Promise.all([
      import("../../../reports/format/read-run.ts"),
      import("../../../reports/aggregate/compare-runs.ts"),
    ]);
    const read = (name: string) => readRun(existingRun(io.cwd, argument(invocation, name) ?? ""));
    const comparison = compareRuns(read("first"), read("second"));
    print(invocation, comparison, () => comparison.sentences.map((sentence) => `${sentence}\n`).join(""));
    return failOn !== undefined && comparison.regression ? 1 : 0;
  },
};
