/** Static copies of a report's parts: charts as SVG, tables as CSV, LaTeX and Markdown. */
import { join } from "node:path";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { aggregate } from "./aggregate.ts";
import { writeWhole } from "./atomic.ts";
import { chartSpec } from "./charts/draw.ts";
import { chartsOf, slug, taskIds } from "./charts/index.ts";
import { firstView } from "./charts/line.ts";
import { inkFor } from "./charts/palette.ts";
import { readRuns } from "./merge.ts";
import { raw } from "./page/html.ts";
import { matrixTable } from "./page/matrix.ts";
import { rankingTable } from "./page/ranking.ts";
import { tableCsv, tableLatex, tableMarkdown } from "./page/table.ts";
import type { RunRecords } from "./records.ts";

export type ExportForm = "svg" | "csv" | "latex" | "markdown";

const tableForms = {
  csv: { ending: "csv", text: tableCsv },
  latex: { ending: "tex", text: tableLatex },
  markdown: { ending: "md", text: tableMarkdown },
} as const;

/**
 * A specification as SVG on white, without a canvas or a browser. Widths of text are reckoned by the letter and not
 * measured in a font of the machine, so that the same records give the same file everywhere.
 */
export async function drawSvg(specification: Record<string, unknown>): Promise<string> {
  const metrics = (vega as unknown as { textMetrics: { width: unknown } }).textMetrics;
  const before = metrics.width;
  metrics.width = (item: { fontSize?: number }, text: unknown) =>
    0.58 * (item.fontSize ?? 11) * String(text).length;
  try {
    const config = { background: "white", font: "DejaVu Sans, Verdana, Arial, sans-serif" };
    const { spec } = compile(specification as unknown as TopLevelSpec, { config });
    const view = new vega.View(vega.parse(spec), { renderer: "none" });
    const text = await view.toSVG();
    view.finalize();
    return text;
  } finally {
    metrics.width = before;
  }
}

/** Every panel of every chart. */
async function svgFiles(records: RunRecords): Promise<[string, string][]> {
  const inks = inkFor([...new Set(records.manifest.matrix.map(({ label }) => label))]);
  const files: [string, string][] = [];
  for (const chart of chartsOf(records))
    for (const [index, panel] of chart.panels.entries()) {
      const name = index === 0 ? chart.id : `${chart.id}-${slug(panel.name)}`;
      files.push([
        join("charts", `${name}.svg`),
        await drawSvg(chartSpec(chart, index, inks, firstView(panel))),
      ]);
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
 * Writes charts/*.svg and tables/*.{csv,tex,md} of a run folder, or of several joined, into the first or into `out`,
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
    const files = form === "svg" ? await svgFiles(records) : tableFiles(records, form);
    for (const [name, text] of files) {
      const path = join(out ?? records.folder, name);
      await writeWhole(path, text);
      written.push(path);
    }
  }
  return written;
}
