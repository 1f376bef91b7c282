import { relative } from "node:path";
import { mistake } from "../../errors.ts";
import { runFolder } from "./report.ts";
import { many, printJson, type Verb } from "./command.ts";

export const merge: Verb = {
  name: "merge",
  summary: "Join the folders of shards into one run, and write its report.",
  positionals: [{ name: "runs", doc: "folders of runs", many: true }],
  flags: ["out", "json", "verbose"],
  examples: [
    ["merge runs/s1 runs/s2 -o runs/all", "two shards, as --shard 1/2 and --shard 2/2 left them"],
    ["merge runs/s* -o runs/all --json", "and say for a program how many cells there are"],
    ["merge runs/s3 -o runs/all", "a shard that came late joins the others"],
  ],
  async run(call) {
    const { given, io } = call;
    const out = given.text("out");
    if (out === undefined) throw mistake("merge: --out must name the folder of the whole, got none");
    const folders = many(call, "runs").map((folder) => runFolder(io.cwd, folder));
    const [{ mergeFolders }, { writeReport }] = await Promise.all([
      import("../../store/merge-shards.ts"),
      import("../../../reports/export/write-report.ts"),
    ]);
    const merged = mergeFolders(folders, out);
    const { html } = await writeReport(out, { partial: merged.missing > 0 });
    if (given.on("json")) printJson(io, { folder: out, ...merged });
    else {
      const near = relative(io.cwd, html);
      const missing = merged.missing === 0 ? "" : `, ${merged.missing} of the matrix missing`;
      io.stdout.write(`${merged.cells} cells${missing}\nreport: ${near.startsWith("..") ? html : near}\n`);
    }
    return 0;
  },
};
