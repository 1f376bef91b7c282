import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { mistake } from "../../errors.ts";
import { openFile } from "../open-page.ts";
import { rankingText } from "../text/ranking-table.ts";
import { many, printJson, type Call, type Verb } from "./command.ts";

export const report: Verb = {
  name: "report",
  summary: "Rebuild the report from what is stored, or one of several runs together.",
  positionals: [{ name: "runs", doc: "folders of runs", many: true }],
  flags: [
    ...(["out", "svg", "png", "csv", "latex", "markdown", "open", "json", "quiet", "verbose"] as const),
    ...(["bank", "draws", "engine", "data", "plugin"] as const),
  ],
  examples: [
    ["report runs/A runs/B --out runs/both", "one report of two runs"],
    ["report runs/A --svg --png --latex", "and charts and tables for a paper"],
    ["report runs/A --bank banks/cat10", "with bias and variance at its stages, for good"],
  ],
  async run(call) {
    const { given, io } = call;
    const folders = many(call, "runs").map((folder) => runFolder(io.cwd, folder));
    const { writeReport } = await import("../../../reports/export/write-report.ts");
    const { readRun } = await import("../../../reports/format/read-run.ts");
    const runs = folders.map(readRun);
    if (given.text("bank") !== undefined) {
      const { keepStages } = await import("../stage-measurements.ts");
      await keepStages(call, runs);
    }
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
    const copies = await exportsOf(call, folders, out);
    if (given.on("json")) printJson(io, written.summary);
    else {
      const places = [...new Set(copies.map((path) => dirname(path)))];
      const count = (place: string) => copies.filter((path) => dirname(path) === place).length;
      const lines = places.map((place) => `${count(place)} files: ${near(io.cwd, place)}\n`);
      io.stdout.write(
        `${rankingText(written.summary)}report: ${near(io.cwd, written.html)}\n${lines.join("")}`,
      );
    }
    if (given.on("open")) openFile(written.html);
    return 0;
  },
};

/** The static copies that were asked for. */
async function exportsOf({ given }: Call, folders: readonly string[], out?: string): Promise<string[]> {
  const forms = (["svg", "png", "csv", "latex", "markdown"] as const).filter((form) => given.on(form));
  if (forms.length === 0) return [];
  const { writeExports } = await import("../../../reports/export/copies.ts");
  return writeExports(folders, forms, out);
}

/** Relative where that is shorter to read. */
function near(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short.startsWith("..") ? path : short;
}

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
