/** The section of a task: its ranking, its curves with their switches, every pair, and pictures. */
import type { Chart } from "../charts/index.ts";
import type { Ink } from "../charts/palette.ts";
import type { RunRecords } from "../format/records.ts";
import type { TaskSummary } from "../format/summary.ts";
import { html, raw } from "./html.ts";
import type { Markup } from "./html.ts";
import { matrixTable, mostInMatrix } from "./pairs-matrix.ts";
import { rankingTable } from "./ranking.ts";
import { chartFigure, pictures } from "./sections.ts";
import { tableCsv, tableHtml, tableLatex, tableMarkdown } from "./table.ts";
import type { Table } from "./table.ts";

/** A short line in an estimator's colour and dash. */
export function inkMark(inks: readonly Ink[]): (label: string) => Markup {
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

export function taskSection(
  task: TaskSummary,
  id: string,
  { records, charts, inks, mark, copies }: Parts,
): Markup {
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
