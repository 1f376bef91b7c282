/** Writes everything that is made from records: results.csv, charts/, summary.json and report.html. */
import { join } from "node:path";
import { aggregate } from "../aggregate/aggregate.ts";
import { sweepParts, writeWhole } from "../format/atomic-write.ts";
import { chartSpec } from "../charts/draw.ts";
import { chartsOf, slug } from "../charts/index.ts";
import type { Chart } from "../charts/index.ts";
import { firstView } from "../charts/line.ts";
import { inkFor } from "../charts/palette.ts";
import { readRuns } from "../format/joined-runs.ts";
import { reportPage } from "../page/document.ts";
import { widgetPage } from "../page/widget-page.ts";
import { reproductionSection } from "../page/reproduction-section.ts";
import { drawSvg } from "./picture.ts";
import type { RunRecords } from "../format/records.ts";
import type { Reproduction } from "../format/reproduction-record.ts";
import { resultsTable } from "../format/results-csv.ts";
import { speedSpec } from "../charts/speed-chart.ts";
import type { Summary } from "../format/summary.ts";

export interface WriteOptions {
  /** Cells are still being made: the report says so. */
  readonly partial?: boolean;
  /** Where to write; the first run's folder unless told. */
  readonly out?: string;
  /** Of `bench reproduce`: its tables stand first in the page. */
  readonly reproduction?: Reproduction;
}

export interface WrittenReport {
  /** The path of report.html. */
  readonly html: string;
  readonly summary: Summary;
  /** Every path that was written. */
  readonly files: readonly string[];
}

/** A specification per panel, with its data: `cat10-quality-validation-elbo.vl.json`; the first has the chart's own name. */
function chartFiles(records: RunRecords, charts: readonly Chart[]): [string, string][] {
  const inks = inkFor([...new Set(records.manifest.matrix.map(({ label }) => label))]);
  return charts.flatMap((chart) =>
    chart.panels.map((panel, index): [string, string] => [
      `${index === 0 ? chart.id : `${chart.id}-${slug(panel.name)}`}.vl.json`,
      `${JSON.stringify(chartSpec(chart, index, inks, firstView(panel)))}\n`,
    ]),
  );
}

/** Of a reproduction the page is that of the paper, not of the folders that its experiments lie in. */
const titled = (records: RunRecords, { paper }: Reproduction): RunRecords => ({
  ...records,
  manifest: { ...records.manifest, name: `${paper.citation}, reproduced` },
});

const leadOf = async (record: Reproduction) =>
  reproductionSection(record, record.speed.length > 0 ? await drawSvg(speedSpec(record.speed)) : undefined);

/**
 * Reads one run folder, or several that are merged, and writes results.csv, charts/*.vl.json, summary.json and
 * report.html into the first (or into `out`), each whole or not at all. Throws a ReportError of one sentence, with
 * the system's `code` when a file could not be written.
 */
export async function writeReport(
  folder: string | readonly string[],
  { partial = false, out, reproduction }: WriteOptions = {},
): Promise<WrittenReport> {
  const read = await readRuns(typeof folder === "string" ? [folder] : folder);
  const records = reproduction === undefined ? read : titled(read, reproduction);
  const summary = aggregate(records, { partial });
  const target = out ?? records.folder;
  const html = join(target, "report.html");
  const results = resultsTable(records.cells);
  const charts = chartsOf(records);
  const lead = reproduction === undefined ? {} : { lead: await leadOf(reproduction) };
  const files: [string, string][] = [
    [join(target, "results.csv"), results],
    ...chartFiles(records, charts).map(([name, text]): [string, string] => [
      join(target, "charts", name),
      text,
    ]),
    [join(target, "summary.json"), `${JSON.stringify(summary, null, 2)}\n`],
    [html, reportPage(records, summary, results, { charts, ...lead })],
  ];
  for (const [path, content] of files) await writeWhole(path, content);
  for (const place of [target, join(target, "charts")]) await sweepParts(place);
  return { html, summary, files: files.map(([path]) => path) };
}

/** Writes the Gumbel-Softmax widget as a page of its own, and gives back its path. */
export async function writeWidget(path: string): Promise<string> {
  await writeWhole(path, widgetPage());
  return path;
}
