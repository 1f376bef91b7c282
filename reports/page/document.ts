/** The report: one HTML file that asks for nothing. */
import { chartsOf, taskIds } from "../charts/index.ts";
import type { Chart } from "../charts/index.ts";
import { inkFor } from "../charts/palette.ts";
import type { Ink } from "../charts/palette.ts";
import type { RunRecords } from "../records.ts";
import type { Summary, TaskSummary } from "../summary.ts";
import { definitions, licences, manifestSection } from "./about.ts";
import type { PageData } from "./client/start.ts";
import { element, html, raw } from "./html.ts";
import type { Markup } from "./html.ts";
import { drawingLibraries, pack } from "./libraries.ts";
import { matrixTable, mostInMatrix } from "./matrix.ts";
import { policyHash } from "./policy.ts";
import { reloading, reloadScript } from "./reload.ts";
import { rankingTable } from "./ranking.ts";
import { pageScript } from "./script.ts";
import { banners, chartFigure, diagnostics, pictures } from "./sections.ts";
import { style } from "./style.ts";
import { tableCsv, tableHtml, tableLatex, tableMarkdown } from "./table.ts";
import type { Table } from "./table.ts";
import { widgetSection } from "./widget.ts";

/** A short line in an estimator's colour and dash. */
function inkMark(inks: readonly Ink[]): (label: string) => Markup {
  return (label) => {
    const ink = inks.find((one) => one.label === label);
    if (ink === undefined) return raw("");
    return html`<svg class="ink" width="22" height="8" aria-hidden="true">
      <line
        x1="1"
        x2="21"
        y1="4"
        y2="4"
        stroke="${ink.colour}"
        stroke-width="3"
        stroke-dasharray="${ink.dash.join(" ")}"
      />
    </svg>`;
  };
}

const axisSwitch = (name: string, label: string, choices: readonly (readonly [string, string])[]) =>
  html`<span class="group" role="group" aria-label="${label}" data-switch="${name}"
    >${choices.map(([value, title]) => html`<button type="button" data-value="${value}">${title}</button>`)}</span
  >`;

function toolbar(labels: readonly string[], mark: (label: string) => Markup): Markup {
  return html`<div class="tools bar">
    <label
      >x
      ${axisSwitch("x", "horizontal axis", [
        ["step", "steps"],
        ["evaluations", "evaluations"],
        ["seconds", "seconds"],
      ])}</label
    >
    ${axisSwitch("x-scale", "scale of the horizontal axis", [
      ["linear", "linear"],
      ["log", "log"],
    ])}
    ${axisSwitch("range", "part of training", [
      ["settled", "settled"],
      ["all", "all"],
      ["late", "last half"],
    ])}
    ${axisSwitch("seeds", "single seeds", [
      ["mean", "mean"],
      ["seeds", "+ seeds"],
    ])}
    ${labels.length > 1 && html`<span class="tools chips" title="click: hide or show; double click, or Shift and Enter: this one alone">${labels.map((label) => html`<button type="button" data-estimator="${label}" aria-pressed="true">${mark(label)}${label}</button>`)}</span>`}
  </div>`;
}

function copyButtons(table: Table, copies: Record<string, string>): Markup {
  const forms = [
    ["Markdown", tableMarkdown],
    ["CSV", tableCsv],
    ["LaTeX", tableLatex],
  ] as const;
  for (const [name, form] of forms) copies[`${table.id} ${name}`] = form(table);
  return html`<div class="tools">
    copy as
    ${forms.map(([name]) => html`<button type="button" data-copy="${table.id} ${name}">${name}</button>`)}
  </div>`;
}

/** Why ranks may go up and down the list. */
function rankNote({ ranking }: TaskSummary) {
  const ranks = ranking.flatMap(({ rank }) => rank ?? []);
  if (ranks.every((rank, index) => index === 0 || rank >= (ranks[index - 1] ?? 0))) return null;
  return html`<p class="doc">
    Listed by the mean. A rank counts those that are detectably better, so an estimator with a worse mean but
    a wider interval may have a better rank.
  </p>`;
}

interface Parts {
  readonly records: RunRecords;
  readonly charts: readonly Chart[];
  readonly inks: readonly Ink[];
  readonly mark: (label: string) => Markup;
  readonly copies: Record<string, string>;
}

function taskSection(task: TaskSummary, id: string, { records, charts, inks, mark, copies }: Parts): Markup {
  const { definitions: known } = records.manifest;
  const cells = records.cells.filter(({ record }) => record.taskLabel === task.task);
  const name = records.manifest.matrix.find(({ taskLabel }) => taskLabel === task.task)?.task ?? task.task;
  const ranking = rankingTable(task, id, mark);
  const matrix = task.ranking.length > 1 ? matrixTable(task, id) : null;
  const own = charts.filter((chart) => chart.task === task.task);
  const ranked = task.ranking.map(({ estimator }) => estimator);
  // In the order of the legends.
  const labels = inks.map(({ label }) => label).filter((label) => ranked.includes(label));
  const about = known.tasks?.[name];
  return html`<section id="${id}">
    <h2>${task.task}</h2>
    ${about !== undefined && html`<p class="doc">${about.title}. ${about.doc}</p>`} ${tableHtml(ranking)}
    ${copyButtons(ranking, copies)} ${rankNote(task)}
    ${
      own.length > 0 &&
      html`<h3>Curves</h3>
        ${toolbar(labels, mark)}
        <div class="charts">
          ${own.map((chart, index) => chartFigure(chart, index === 0 || (index === own.length - 1 && index % 2 === 1)))}
        </div>`
    }
    ${task.ranking.length > mostInMatrix && html`<p class="doc">Pairs of more than ${mostInMatrix} estimators are in summary.json alone.</p>`}
    ${
      matrix !== null &&
      html`<h3>Every pair</h3>
        ${tableHtml(matrix)} ${copyButtons(matrix, copies)}`
    }
    ${pictures(cells)}
  </section>`;
}

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
  const script = pageScript();
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
