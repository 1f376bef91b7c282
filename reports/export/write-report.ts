/**
 * Writes everything that is made from a run's records: results.csv, charts/, summary.json and report.html. This folder
 * may import all of `reports`. Read this file first.
 */
import { join } from "node:path";
import { aggregate } from "../aggregate/aggregate.ts";
import { chartsOf, panelFiles, reportInks } from "../charts/index.ts";
import { panelSpec } from "../charts/panel-spec.ts";
import { firstView } from "../charts/panels.ts";
import { speedSpec } from "../charts/speed-chart.ts";
import { canonicalJson } from "../format/canonical-json.ts";
import { removeLeftovers, replaceFile } from "../format/disk.ts";
import { readRuns } from "../format/joined-runs.ts";
import type { RunRecords } from "../format/records.ts";
import type { Summary } from "../format/summary.ts";
import type { Reproduction } from "../format/reproduction-record.ts";
import { csvTable, resultsTable } from "../format/results-csv.ts";
import { reportPage, type PageOptions } from "../page/document.ts";
import { optionsText } from "../page/tuning-table.ts";
import { reproductionSection } from "../page/reproduction-section.ts";
import { widgetPage } from "../page/widget-page.ts";
import { drawSvg } from "./picture.ts";

export interface WriteOptions {
  /** Whether cells are still being trained: the report says so. */
  readonly partial?: boolean;
  /** The folder to write into [default: the first run's folder]. */
  readonly out?: string;
  /** The record of `bench reproduce`: its tables stand first in the page. */
  readonly reproduction?: Reproduction;
}

/** The page of a reproduction has the paper's name, not that of the folders of its experiments. */
const renamed = (records: RunRecords, { paper }: Reproduction): RunRecords => ({
  ...records,
  manifest: { ...records.manifest, name: `${paper.citation}, reproduced` },
});

const reproductionLead = async (record: Reproduction) =>
  reproductionSection(record, record.speed.length > 0 ? await drawSvg(speedSpec(record.speed)) : undefined);

/** tuning.csv: a row for each trial of --tune; none without. */
function tuningFile({ manifest: { tuned = [] } }: RunRecords): [name: string, text: string][] {
  const rows = tuned.flatMap(({ trials, chosen, ...one }) =>
    trials.map(({ options, value }, index) => ({
      ...{ task: one.task, estimator: one.estimator, trial: index + 1, options: optionsText(options) },
      ...{ steps: one.steps, seed: one.seed, split: one.split, metric: one.metric, value },
      chosen: canonicalJson(options) === canonicalJson(chosen) ? 1 : 0,
    })),
  );
  return rows.length === 0 ? [] : [["tuning.csv", csvTable(rows)]];
}

/** across-tasks.csv: every number of the comparison across tasks, one a row. */
function acrossFile({ across }: Summary): [name: string, text: string][] {
  if (across === undefined) return [];
  type Values = { readonly mean: number; readonly low: number | null; readonly high: number | null };
  const row = (
    statistic: string,
    estimator: string,
    against: string | number,
    { mean, low, high }: Values,
  ) => ({
    ...{ statistic, estimator, against, value: mean, low, high },
  });
  const alone = (mean: number) => ({ mean, low: null, high: null });
  const { rows, improvement, friedman } = across;
  return [
    [
      "across-tasks.csv",
      csvTable([
        ...rows.map(({ estimator, iqm }) => row("interquartile-mean", estimator, "", iqm)),
        ...rows.map(({ estimator, rank }) => row("mean-rank", estimator, "", alone(rank))),
        ...improvement.map(({ first, second, ...one }) =>
          row("probability-of-improvement", first, second, one),
        ),
        ...rows.flatMap(({ estimator, profile }) =>
          profile.map(({ threshold, ...share }) => row("share-above", estimator, threshold, share)),
        ),
        row("friedman-chi-squared", "", "", alone(friedman.chiSquared)),
        row("friedman-p", "", "", alone(friedman.p)),
        row("critical-difference", "", "", alone(friedman.criticalDifference)),
      ]),
    ],
  ];
}

/** The files that are made from records, by their names in the run's folder. */
export function reportFiles(
  records: RunRecords,
  summary: Summary,
  options: Pick<PageOptions, "lead" | "shared"> = {},
): (readonly [name: string, content: string])[] {
  const results = resultsTable(records.cells);
  const charts = chartsOf(records, summary.across);
  const inks = reportInks(records);
  return [
    ["results.csv", results],
    ...panelFiles(charts).map(({ name, panel }): [string, string] => [
      join("charts", `${name}.vl.json`),
      `${JSON.stringify(panelSpec(panel, inks, firstView(panel)))}\n`,
    ]),
    ...tuningFile(records),
    ...acrossFile(summary),
    ["summary.json", `${JSON.stringify(summary, null, 2)}\n`],
    ["report.html", reportPage(records, summary, results, { charts, ...options })],
  ];
}

/**
 * Reads one run folder, or several that are merged, and writes results.csv, charts/*.vl.json, summary.json,
 * report.html and, with --tune, tuning.csv into the first folder (or into `out`), each whole or not at all. Throws a
 * BenchError of one sentence, a DiskError when a file could not be written. Returns the path of report.html and every path
 * that was written.
 */
export async function writeReport(
  folder: string | readonly string[],
  { partial = false, out, reproduction }: WriteOptions = {},
) {
  const read = readRuns(typeof folder === "string" ? [folder] : folder);
  const records = reproduction === undefined ? read : renamed(read, reproduction);
  const summary = aggregate(records, { partial });
  const lead = reproduction === undefined ? {} : { lead: await reproductionLead(reproduction) };
  const target = out ?? records.folder;
  const files = reportFiles(records, summary, lead).map(
    ([name, content]) => [join(target, name), content] as const,
  );
  for (const [path, content] of files) replaceFile(path, content);
  for (const written of [target, join(target, "charts")]) removeLeftovers(written);
  return { html: join(target, "report.html"), summary, files: files.map(([path]) => path) };
}

/** Writes the page that holds the Gumbel-Softmax widget alone, and returns its path. */
export function writeWidget(path: string): string {
  replaceFile(path, widgetPage());
  return path;
}
