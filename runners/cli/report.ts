import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { mistake } from "../errors.ts";
import { openFile } from "./open.ts";
import { rankingText } from "./ranking.ts";
import { many, printJson, type Verb } from "./verb.ts";

export const report: Verb = {
  name: "report",
  summary: "Rebuild the report from what is stored, or one of several runs together.",
  positionals: [{ name: "runs", doc: "folders of runs", many: true }],
  flags: ["out", "open", "json", "verbose"],
  examples: [
    ["report runs/A", "after an update of bench"],
    ["report runs/A runs/B --out runs/both", "one report of two runs"],
    ["report runs/A --open", "and show it in a browser"],
  ],
  async run(call) {
    const { given, io } = call;
    const folders = many(call, "runs").map((folder) => runFolder(io.cwd, folder));
    const { writeReport } = await import("../../reports/write.ts");
    const { readRun } = await import("../../reports/read.ts");
    const runs = await Promise.all(folders.map((folder) => readRun(folder)));
    const unfinished = runs.some(
      ({ manifest, cells }) =>
        cells.length < manifest.matrix.length ||
        cells.some(({ record: { state } }) => ["pending", "running", "interrupted"].includes(state)),
    );
    const out = given.text("out");
    const written = await writeReport(folders, {
      partial: unfinished,
      ...(out === undefined ? {} : { out }),
    });
    if (given.on("json")) printJson(io, written.summary);
    else {
      const near = relative(io.cwd, written.html);
      io.stdout.write(
        `${rankingText(written.summary)}report: ${near.startsWith("..") ? written.html : near}\n`,
      );
    }
    if (given.on("open")) openFile(written.html);
    return 0;
  },
};

/** The folder of a run that the user named. */
export function runFolder(cwd: string, named: string): string {
  const folder = resolve(cwd, named);
  if (!existsSync(folder)) throw mistake(`${named}: the folder of a run must exist, got none`);
  if (!existsSync(join(folder, "manifest.json"))) {
    throw mistake(
      `${named}: the folder of a run must hold a manifest.json, got none (did bench run write there?)`,
    );
  }
  return folder;
}
