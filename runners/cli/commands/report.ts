import { dirname } from "node:path";
import { plural } from "../../../reports/aggregate/numbers.ts";
import { openFile, shownPath } from "../output.ts";
import { existingRun } from "../run-folder.ts";
import { rankingText } from "../text/ranking-table.ts";
import { print, type Command, type Invocation } from "./command.ts";

export const report: Command = {
  name: "report",
  summary: "Write the report of a run again, or one report of several runs.",
  positionals: [{ name: "runs", doc: "Folders of runs", many: true }],
  flags: [
    ...(["out", "svg", "png", "csv", "latex", "markdown", "parquet", "tensorboard"] as const),
    ...(["open", "json", "quiet", "verbose"] as const),
    ...(["bank", "draws", "engine", "data", "plugin"] as const),
  ],
  examples: [
    ["report runs/A runs/B --out runs/both", "One report of two runs"],
    ["report runs/A --svg --png --latex", "The report, and charts and tables for a paper"],
    ["report runs/A --bank banks/cat10", "Add bias and variance at the stages of a bank to the run"],
  ],
  async run(invocation) {
    const { flags, io, positional } = invocation;
    const folders = positional["runs"]!.map((folder) => existingRun(io.cwd, folder));
    const [{ writeReport }, { readRun }] = await Promise.all([
      import("../../../reports/export/write-report.ts"),
      import("../../../reports/format/read-run.ts"),
    ]);
    const runs = folders.map(readRun);
    const bank = flags.text("bank");
    if (bank !== undefined) {
      const { storeStages } = await import("../stage-measurements.ts");
      await storeStages(invocation, bank, runs);
    }
    const partial = runs.some(
      ({ manifest, cells }) =>
        cells.length < manifest.matrix.length ||
        cells.some(({ record: { state } }) => ["pending", "running", "interrupted"].includes(state)),
    );
    const out = flags.text("out");
    const { summary, html } = await writeReport(folders, { partial, ...(out === undefined ? {} : { out }) });
    const copies = await copiesOf(invocation, folders, out);
    print(invocation, summary, () => {
      const counts = new Map<string, number>();
      for (const folder of copies.map((path) => dirname(path).replace(/([\\/]tensorboard)[\\/].*/, "$1")))
        counts.set(folder, (counts.get(folder) ?? 0) + 1);
      const lines = [...counts].map(
        ([folder, count]) => `${plural(count, "file")}: ${shownPath(io.cwd, folder)}\n`,
      );
      return `${rankingText(summary)}report: ${shownPath(io.cwd, html)}\n${lines.join("")}`;
    });
    if (flags.on("open")) openFile(html);
    return 0;
  },
};

/** Writes charts and tables as files in the forms that the flags ask for; returns their paths. */
async function copiesOf({ flags }: Invocation, folders: readonly string[], out?: string): Promise<string[]> {
  const { exportForms, writeExports } = await import("../../../reports/export/copies.ts");
  const forms = exportForms.filter((form) => flags.on(form));
  return forms.length === 0 ? [] : writeExports(folders, forms, out);
}
