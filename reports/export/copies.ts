/**
 * Exports a run for other programs: charts as SVG and PNG, tables as CSV, LaTeX and Markdown, all numbers as Parquet or as
 * event files of TensorBoard.
 */
import { join } from "node:path";
import { aggregate } from "../aggregate/aggregate.ts";
import { chartsOf, panelFiles, reportInks, taskIds } from "../charts/index.ts";
import { panelSpec } from "../charts/panel-spec.ts";
import { firstView } from "../charts/panels.ts";
import { replaceFile } from "../format/disk.ts";
import { readRuns } from "../format/joined-runs.ts";
import type { RunRecords } from "../format/records.ts";
import { acrossTables } from "../page/across-section.ts";
import { matrixTable } from "../page/pairs-matrix.ts";
import { rankingTable } from "../page/ranking.ts";
import { tuningTable } from "../page/tuning-table.ts";
import { tableCsv, tableLatex, tableMarkdown, type Table } from "../page/table.ts";
import { parquetOf } from "./parquet.ts";
import { drawPng, drawSvg } from "./picture.ts";
import { eventFile } from "./tensorboard.ts";

const tableForms = {
  csv: { ending: "csv", write: tableCsv },
  latex: { ending: "tex", write: tableLatex },
  markdown: { ending: "md", write: tableMarkdown },
} as const;

const pictureForms = { svg: drawSvg, png: drawPng } as const;

const numberForms = {
  parquet: (records: RunRecords): ExportedFile[] => [["results.parquet", parquetOf(records.cells)]],
  tensorboard: ({ cells }: RunRecords): ExportedFile[] => cells.map(eventFile),
} as const;

/** In the order of the help. */
export const exportForms = ["svg", "png", "csv", "latex", "markdown", "parquet", "tensorboard"] as const;
export type ExportForm = (typeof exportForms)[number];

type ExportedFile = readonly [path: string, content: string | Uint8Array];

const isOf = <F extends object>(forms: F, form: PropertyKey): form is keyof F => form in forms;

/** Every panel of every chart. */
async function pictureFiles(records: RunRecords, form: keyof typeof pictureForms): Promise<ExportedFile[]> {
  const inks = reportInks(records);
  const files: ExportedFile[] = [];
  for (const { name, panel } of panelFiles(chartsOf(records, aggregate(records).across))) {
    const picture = await pictureForms[form](panelSpec(panel, inks, firstView(panel)));
    files.push([join("charts", `${name}.${form}`), picture]);
  }
  return files;
}

/** The ranking and the pairs of every task. */
function tableFiles(records: RunRecords, form: keyof typeof tableForms): ExportedFile[] {
  const { ending, write } = tableForms[form];
  const { tasks, across } = aggregate(records);
  const ids = taskIds(tasks.map(({ task }) => task));
  const tables = tasks.flatMap((task): (Table | null)[] => {
    const id = ids.get(task.task)!;
    const tuned = (records.manifest.tuned ?? []).filter((one) => one.task === task.task);
    return [rankingTable(task, id), tuningTable(task, tuned, id), matrixTable(task, id)];
  });
  const over = across ? Object.values(acrossTables(across)) : [];
  return [...tables, ...over]
    .filter((table) => table !== null)
    .map((table) => [join("tables", `${table.id}.${ending}`), write(table)]);
}

/**
 * Writes charts/*.{svg,png}, tables/*.{csv,tex,md}, results.parquet and tensorboard/ of a run folder, or of several joined,
 * into the first folder or into `out`. Returns the paths.
 */
export async function writeExports(
  folders: readonly string[],
  forms: readonly ExportForm[],
  out?: string,
): Promise<string[]> {
  const records = readRuns(folders);
  const written: string[] = [];
  for (const form of new Set(forms)) {
    const files = isOf(pictureForms, form)
      ? await pictureFiles(records, form)
      : isOf(tableForms, form)
        ? tableFiles(records, form)
        : numberForms[form](records);
    for (const [name, content] of files) {
      const path = join(out ?? records.folder, name);
      replaceFile(path, content);
      written.push(path);
    }
  }
  return written;
}
