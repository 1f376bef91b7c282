/**
 * The report: a self-contained HTML file that makes no network request. This folder may import `format`, `aggregate` and
 * `charts`; client/ runs in the page. Read this file first: it puts the sections together.
 */
import { chartsOf, reportInks, taskIds } from "../charts/index.ts";
import { profileId } from "../charts/profile-chart.ts";
import type { Chart } from "../charts/panels.ts";
import type { RunRecords } from "../format/records.ts";
import type { Summary } from "../format/summary.ts";
import { definitions, licences, manifestSection } from "./about.ts";
import { cellsSection } from "./cells-section.ts";
import type { PageData } from "./client/page-data.ts";
import { clientBundle } from "./client-bundle.ts";
import { element, html, type Markup } from "./html.ts";
import { drawingLibraries, pack, type SharedFiles } from "./libraries.ts";
import { framedPage } from "./page-frame.ts";
import { acrossSection } from "./across-section.ts";
import { chartFigure, copiesOf, copyableTable, inkMark, taskSection } from "./task-section.ts";
import { header, opening } from "./top.ts";
import { widgetSection } from "./widget-page.ts";

/** results.csv is not offered when it is larger, packed: a page has to stay small. */
const largestDownload = 700_000;

function downloadsOf({ manifest }: RunRecords, summary: Summary, results: string): PageData["downloads"] {
  const json = (name: string, value: unknown) => ({
    ...{ name, type: "application/json", text: `${JSON.stringify(value, null, 2)}\n` },
  });
  return {
    manifest: json("manifest.json", manifest),
    summary: json("summary.json", summary),
    ...(pack(results).length <= largestDownload && {
      results: { name: "results.csv", type: "text/csv", text: results },
    }),
  };
}

export interface PageOptions {
  /** The run's charts, where the caller has them already. */
  readonly charts?: readonly Chart[];
  /** A section before the tasks. */
  readonly lead?: Markup;
  /** Of a published run: the addresses of what all reports share. Its other files stand beside the report. */
  readonly shared?: Pick<SharedFiles, "script" | "licences">;
}

/** The report of a run as HTML. `results` is the text of results.csv, offered as a download. */
export function reportPage(
  records: RunRecords,
  summary: Summary,
  results: string,
  { charts = chartsOf(records, summary.across), lead, shared }: PageOptions = {},
): string {
  const { manifest } = records;
  const inks = reportInks(records);
  const ids = taskIds(summary.tasks.map(({ task }) => task));
  const sections = summary.tasks.map((task) =>
    taskSection(task, ids.get(task.task)!, { records, charts, inks }),
  );
  const profiles = charts.find(({ id }) => id === profileId);
  const across =
    summary.across &&
    profiles &&
    acrossSection(summary.across, profiles, {
      mark: (label) => inks.filter((ink) => ink.label === label).map(inkMark),
      ...{ copyable: copyableTable, figure: chartFigure },
    });
  const downloads = shared === undefined ? downloadsOf(records, summary, results) : {};
  const copies = Object.assign(
    { command: summary.command },
    ...sections.map((section) => section.copies),
    copiesOf(across?.tables ?? []),
  ) as PageData["copies"];
  const data: PageData = { inks, charts, copies, downloads };
  const libraries = drawingLibraries();
  const packed = (id: string, text: string) => element("script", ` type="text/plain" id="${id}"`, text);
  const body = html`${header(summary, ids, lead !== undefined)}
    <main>
      ${opening(summary, downloads, shared !== undefined)}
      <p class="banner unscripted">Scripts are off: this page shows tables and pictures, but no charts.</p>
      ${lead} ${across?.markup} ${sections.map(({ markup }) => markup)} ${widgetSection()}
      ${cellsSection(records)} ${manifestSection(manifest)} ${definitions(manifest)}
      ${licences(shared?.licences)}
    </main>
    ${packed("data", pack(JSON.stringify(data)))}
    ${
      shared === undefined
        ? libraries.map(({ name, packed: text }) => packed(`library-${name}`, text))
        : html`<script src="${shared.script}"></script>`
    }`;
  return framedPage({
    title: `${summary.name}: ${summary.title}`,
    body,
    script: clientBundle("start-report.ts"),
    hashes: [...libraries.map(({ hash }) => hash), ...(shared === undefined ? [] : ["'self'", "file:"])],
  });
}
