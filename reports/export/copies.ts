/** Static copies of a report's parts: charts as SVG and PNG, tables as CSV, LaTeX and Markdown. */
import { join } from "node:path";
import { aggregate } from "../aggregate/aggregate.ts";
import { writeWhole } from "../format/atomic-write.ts";
import { chartSpec } from "../charts/draw.ts";
import { chartsOf, slug, taskIds } from "../charts/index.ts";
import { firstView } from "../charts/line.ts";
import { inkFor } from "../charts/palette.ts";
import { readRuns } from "../format/joined-runs.ts";
import { raw } from "../page/html.ts";
import { matrixTable } from "../page/pairs-matrix.ts";
import { rankingTable } from "../page/ranking.ts";
import { tableCsv, tableLatex, tableMarkdown } from "../page/table.ts";
import { drawPng, drawSvg } from "./picture.ts";
import type { RunRecords } from "../format/records.ts";

export type ExportForm = "svg" | "png" | "csv" | "latex" | "markdown";

const tableForms = {
  csv: { ending: "csv", text: tableCsv },
  latex: { ending: "tex", text: tableLatex },
  markdown: { ending: "md", text: tableMarkdown },
} as const;

const pictureForms = { svg: drawSvg, png: drawPng } as const;

/** Every panel of every chart. */
async function pictureFiles(
  records: RunRecords,
  form: keyof typeof pictureForms,
): Promise<[string, string | Uint8Array][]> {
  const inks = inkFor([...new Set(records.manifest.matrix.map(({ label }) => label))]);
  const files: [string, string | Uint8Array][] = [];
  for (const chart of chartsOf(records))
    for (const [index, panel] of chart.panels.entries()) {
      const name = index === 0 ? chart.id : `${chart.id}-${slug(panel.name)}`;
      const drawn = await pictureForms[form](chartSpec(chart, index, inks, firstView(panel)));
      files.push([join("charts", `${name}.${form}`), drawn]);
    }
  return files;
}

function tableFiles(records: RunRecords, form: keyof typeof tableForms): [string, string][] {
  const { ending, text } = tableForms[form];
  const { tasks } = aggregate(records);
  const ids = taskIds(tasks.map(({ task }) => task));
  return tasks.flatMap((task) => {
    const id = ids.get(task.task) as string;
    const tables = [rankingTable(task, id, () => raw("")), matrixTable(task, id)];
    return tables.flatMap((table): [string, string][] =>
      table === null ? [] : [[join("tables", `${table.id}.${ending}`), text(table)]],
    );
  });
}

/**
 * Writes charts/*.{svg,png} and tables/*.{csv,tex,md} of a run folder, or of several joined, into the first or into `out`,
 * and gives back the paths.
 */
export async function writeExports(
  folders: readonly string[],
  forms: readonly ExportForm[],
  out?: string,
): Promise<string[]> {
  const records = await readRuns(folders);
  const written: string[] = [];
  for (const form of new Set(forms)) {
    const files =
      form === "svg" || form === "png" ? await pictureFiles(records, form) : tableFiles(records, form);
    for (const [name, content] of files) {
      const path = join(out ?? records.folder, name);
      await writeWhole(path, content);
      written.push(path);
    }
  }
  return written;
}
