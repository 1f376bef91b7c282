import { existingRun } from "../run-folder.ts";
import { argument, print, type Command } from "./command.ts";

export const verify: Command = {
  name: "verify",
  summary: "Check that data, cells and report of a run are what was written.",
  positionals: [{ name: "run", doc: "Folder of a run" }],
  flags: ["json", "verbose"],
  examples: [
    ["verify runs/A", "Compare all files with their checksums"],
    ["verify runs/A --json", "The same as JSON"],
    ["verify runs/A --verbose", "With the stacks of errors"],
  ],
  async run(invocation) {
    const folder = existingRun(invocation.io.cwd, argument(invocation, "run") ?? "");
    const { verifyRun } = await import("../../store/verify-run.ts");
    const verified = await verifyRun(folder);
    const { complete, unfinished, data, unread, report, others, faults } = verified;
    print(invocation, verified, () =>
      [
        ...faults,
        ...others.map((hash) => `cells/${hash}: no cell of this run's matrix, so no report reads it`),
        ...unread.map((file) => `data ${file}: not checked, because only its plug-in knows where it is`),
        `${complete} cells complete, ${unfinished} unfinished; ${data} data files and ${report} report files unchanged\n`,
      ].join("\n"),
    );
    return faults.length === 0 ? 0 : 1;
  },
};
