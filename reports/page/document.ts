/** The report: one HTML file that asks for nothing. */
import { chartsOf, taskIds } from "../charts/index.ts";
import type { Chart } from "../charts/index.ts";
import { inkFor } from "../charts/palette.ts";
import type { RunRecords } from "../format/records.ts";
import type { Summary } from "../format/summary.ts";
import { definitions, licences, manifestSection } from "./about.ts";
import { clientScript } from "./client-bundle.ts";
import type { PageData } from "./client/packed.ts";
import { element, html } from "./html.ts";
import type { Markup } from "./html.ts";
import { drawingLibraries, pack } from "./libraries.ts";
import { policyHash } from "./policy.ts";
import { reloading, reloadScript } from "./reload.ts";
import { banners, diagnostics } from "./sections.ts";
import { style } from "./style.ts";
import { inkMark, taskSection } from "./task-section.ts";
import { widgetSection } from "./widget-page.ts";

/** Runs before the body is read, so that nothing flickers. */
const marker = 'document.documentElement.classList.add("scripted");';

/** Only these scripts run, nothing is evaluated, nothing is asked for. */
function policy(scripts: readonly string[]): string {
  const hashes = [...[...scripts, marker].map(policyHash), ...drawingLibraries().map(({ hash }) => hash)];
  return `default-src 'none'; script-src ${hashes.join(" ")}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'`;
}

const largestDownload = 700_000;

function downloads({ manifest }: RunRecords, summary: Summary, results: string): PageData["downloads"] {
  const files = {
    manifest: {
      name: "manifest.json",
      type: "application/json",
      text: `${JSON.stringify(manifest, null, 2)}\n`,
    },
    summary: {
      name: "summary.json",
      type: "application/json",
      text: `${JSON.stringify(summary, null, 2)}\n`,
    },
    results: { name: "results.csv", type: "text/csv", text: results },
  };
  return pack(results).length > largestDownload
    ? { manifest: files.manifest, summary: files.summary }
    : files;
}

function header(summary: Summary, ids: ReadonlyMap<string, string>, led: boolean): Markup {
  return html`<header class="top">
    <div>
      <strong>${summary.name}</strong>
      <nav aria-label="sections">
        ${led && html`<a href="#published">published</a>`}${[...ids].map(([task, id]) => html`<a href="#${id}">${task}</a>`)}<a
          href="#widget"
          >by hand</a
        ><a href="#cells-section">cells</a><a href="#manifest">manifest</a
        ><a href="#definitions">definitions</a>
      </nav>
      <button type="button" id="theme" title="light or dark" aria-label="light or dark">◐</button>
    </div>
  </header>`;
}

function opening(summary: Summary, offered: PageData["downloads"]): Markup {
  return html`<h1>${summary.name}</h1>
    <ul class="verdicts ${summary.tasks.length > 2 ? "many" : ""}">
      ${summary.tasks.map(({ sentence }) => html`<li>${sentence}</li>`)}
    </ul>
    ${banners(summary)}
    <div class="command">
      <pre id="command">${summary.command}</pre>
      <span class="tools"><button type="button" data-copy="command">copy</button></span>
    </div>
    <div class="tools">
      <input
        id="filter"
        type="search"
        placeholder="filter estimators"
        aria-label="filter estimators"
      />${Object.entries(offered).map(([name, file]) => html`<button type="button" data-download="${name}">${file.name}</button>`)}
      ${!Object.hasOwn(offered, "results") && html`<span>results.csv is too large for this page, and lies beside it.</span>`}
    </div>`;
}

export interface PageOptions {
  /** Of a run that is still going on: the page loads itself again after so many seconds. */
  readonly reload?: number;
  /** What went wrong since the page was made. */
  readonly notice?: string;
  /** Made already, by one who needs them too. */
  readonly charts?: readonly Chart[];
  /** What stands before the tasks. */
  readonly lead?: Markup;
}

/** The page of a run. `results` is the text of results.csv, offered as a download. */
export function reportPage(
  records: RunRecords,
  summary: Summary,
  results: string,
  { reload, notice, charts = chartsOf(records), lead }: PageOptions = {},
): string {
  const labels = [...new Set(records.manifest.matrix.map(({ label }) => label))];
  const inks = inkFor(labels);
  const ids = taskIds(summary.tasks.map(({ task }) => task));
  const copies: Record<string, string> = { command: summary.command };
  const parts = { records, charts, inks, mark: inkMark(inks), copies };
  const sections = summary.tasks.map((task) => taskSection(task, ids.get(task.task) as string, parts));
  const offered = downloads(records, summary, results);
  const data: PageData = { inks, charts, copies, downloads: offered };
  const script = clientScript("report");
  const scripts = [script, ...(reload === undefined ? [] : [reloadScript(reload)])];
  const packed = (id: string, text: string) => element("script", ` type="text/plain" id="${id}"`, text);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(scripts)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="data:," />
        <title>${summary.name}: ${summary.title}</title>
        ${element("style", "", style)} ${element("script", "", marker)}
        ${reload !== undefined && reloading(reload)}
      </head>
      <body>
        ${header(summary, ids, lead !== undefined)}
        <main>
          ${notice !== undefined && html`<p class="banner bad" role="alert">${notice}</p>`}
          ${opening(summary, offered)}
          <p class="banner unscripted">Scripts are off: tables and pictures stand, charts do not.</p>
          ${lead} ${sections} ${widgetSection()} ${diagnostics(records)} ${manifestSection(records.manifest)}
          ${definitions(records.manifest)} ${licences()}
        </main>
        ${packed("data", pack(JSON.stringify(data)))}
        ${drawingLibraries().map(({ name, packed: text }) => packed(`library-${name}`, text))}
        ${element("script", "", script)}
      </body>
    </html> `.markup;
}
