import { mistake } from "../../errors.ts";
import { shownPath } from "../output.ts";
import { existingRun } from "../run-folder.ts";
import { print, type Command } from "./command.ts";

export const merge: Command = {
  name: "merge",
  summary: "Join the folders of shards into one run, and write its report.",
  positionals: [{ name: "runs", doc: "Folders of runs", many: true }],
  flags: ["out", "json", "verbose"],
  examples: [
    ["merge runs/s1 runs/s2 -o runs/all", "Two shards that --shard 1/2 and --shard 2/2 wrote"],
    ["merge runs/s* -o runs/all --json", "Print the number of cells as JSON"],
    ["merge runs/s3 -o runs/all", "Add a late shard to the others"],
  ],
  async run(invocation) {
    const { flags, io, positional } = invocation;
    const out = flags.text("out");
    if (out === undefined) throw mistake("--out is required: the folder of the merged run.");
    const folders = positional["runs"]!.map((folder) => existingRun(io.cwd, folder));
    const [{ mergeFolders }, { writeReport }] = await Promise.all([
      import("../../store/merge-shards.ts"),
      import("../../../reports/export/write-report.ts"),
    ]);
    const merged = mergeFolders(folders, out);
    const { html } = await writeReport(out, { partial: merged.missing > 0 });
    print(invocation, { folder: out, ...merged }, () => {
      const missing = merged.missing === 0 ? "" : `, ${merged.missing} of the matrix missing`;
      return `${merged.cells} cells${missing}\nreport: ${shownPath(io.cwd, html)}\n`;
    });
    return 0;
  },
};
