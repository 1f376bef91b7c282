/** The section of a task: its ranking, its charts with their controls, every pair of estimators, and pictures. */
import type { Ink } from "../charts/palette.ts";
import type { Chart } from "../charts/panels.ts";
import type { RunRecords } from "../format/records.ts";
import type { TaskSummary } from "../format/summary.ts";
import { html, type Markup } from "./html.ts";
import { matrixTable, mostInMatrix } from "./pairs-matrix.ts";
import { pictures } from "./pictures-section.ts";
import { rankingTable } from "./ranking.ts";
import { tuningTable } from "./tuning-table.ts";
import { tableCsv, tableHtml, tableLatex, tableMarkdown, type Table } from "./table.ts";

/** A short line in an estimator's colour and dash. */
export function inkMark({ colour, dash }: Ink): Markup {
  return html`<svg class="ink" width="22" height="8" aria-hidden="true">
    <line
      x1="1"
      x2="21"
      y1="4"
      y2="4"
      stroke="${colour}"
      stroke-width="3"
      stroke-dasharray="${dash.join(" ")}"
    />
  </svg>`;
}

/** The switches above a task's charts: settings of the whole page, by their names in its address. */
const switches: readonly {
  readonly name: string;
  readonly title: string;
  readonly choices: Readonly<Record<string, string>>;
}[] = [
  {
    name: "x",
    title: "horizontal axis",
    choices: { step: "steps", evaluations: "evaluations", seconds: "seconds" },
  },
  { name: "x-scale", title: "scale of the horizontal axis", choices: { linear: "linear", log: "log" } },
  {
    name: "range",
    title: "part of training",
    choices: { settled: "zoomed", all: "all", late: "last half" },
  },
  { name: "seeds", title: "single seeds", choices: { mean: "mean", all: "+ seeds" } },
];

function toolbar(inks: readonly Ink[]): Markup {
  const help = "click: hide or show; Shift and click, or Shift and Enter: show this estimator alone";
  return html`<div class="tools bar">
    ${switches.map(
      ({ name, title, choices }) =>
        html`<span class="group" role="group" aria-label="${title}" title="${title}" data-switch="${name}"
          >${Object.entries(choices).map(
            ([value, text]) => html`<button type="button" data-value="${value}">${text}</button>`,
          )}</span
        >`,
    )}
    ${
      inks.length > 1 &&
      html`<span class="tools chips" title="${help}"
        >${inks.map(
          (ink) =>
            html`<button type="button" data-estimator="${ink.label}" aria-pressed="true">
              ${inkMark(ink)}${ink.label}
            </button>`,
        )}</span
      >`
    }
  </div>`;
}

/** The controls and the place of one chart; without scripts the place says so. */
export function chartFigure({ id, title, panels }: Chart, wide: boolean): Markup {
  return html`<figure class="${wide ? "wide" : ""}" data-chart="${id}">
    <div class="tools">
      ${
        panels.length > 1
          ? html`<select aria-label="panel of ${title}">
              ${panels.map(({ name }, index) => html`<option value="${index}">${name}</option>`)}
            </select>`
          : html`<span></span>`
      }
      <span class="group scales" role="group" aria-label="scale of the vertical axis"></span>
    </div>
    <div class="place">
      <noscript>${title}: this chart needs scripts. Its specification is charts/${id}.vl.json.</noscript>
    </div>
  </figure>`;
}

const copyForms = { Markdown: tableMarkdown, CSV: tableCsv, LaTeX: tableLatex };

/** A table with buttons that copy it. */
export function copyableTable(table: Table): Markup {
  return html`${tableHtml(table)}
    <div class="tools">
      copy as
      ${Object.keys(copyForms).map(
        (form) => html`<button type="button" data-copy="${table.id} ${form}">${form}</button>`,
      )}
    </div>`;
}

/** Why a rank may be better than that of an estimator listed before. */
function rankNote({ ranking }: TaskSummary) {
  const ranks = ranking.flatMap(({ rank }) => rank ?? []);
  if (ranks.every((rank, index) => index === 0 || rank >= ranks[index - 1]!)) return null;
  return html`<p class="doc">
    Estimators are listed by their mean. A rank counts the estimators that are detectably better, so one with
    a worse mean and a wider interval can have a better rank.
  </p>`;
}

/** What the page shows of a task, and the texts that its buttons copy. */
export function taskSection(
  task: TaskSummary,
  id: string,
  { records, charts, inks }: { records: RunRecords; charts: readonly Chart[]; inks: readonly Ink[] },
) {
  const { matrix: planned, definitions } = records.manifest;
  const name = planned.find(({ taskLabel }) => taskLabel === task.task)?.task ?? task.task;
  const about = definitions.tasks?.[name];
  const shown = inks.filter(({ label }) => task.ranking.some(({ estimator }) => estimator === label));
  const mark = (label: string) => shown.filter((ink) => ink.label === label).map(inkMark);
  const ranking = rankingTable(task, id, mark);
  const tuned = (records.manifest.tuned ?? []).filter((one) => one.task === task.task);
  const tuning = tuningTable(task, tuned, id, mark);
  const pairs = task.ranking.length > 1 ? matrixTable(task, id) : null;
  const figures = charts.filter((chart) => chart.task === task.task);
  const isWide = (index: number) => index === 0 || (index === figures.length - 1 && index % 2 === 1);
  const markup = html`<section id="${id}">
    <h2>${task.task}</h2>
    ${about !== undefined && html`<p class="doc">${about.title}. ${about.doc}</p>`} ${copyableTable(ranking)}
    ${rankNote(task)}
    ${
      tuning !== null &&
      html`<h3>Tuning</h3>
        ${copyableTable(tuning)}`
    }
    ${
      figures.length > 0 &&
      html`<h3>Charts</h3>
        ${toolbar(shown)}
        <div class="charts">${figures.map((chart, index) => chartFigure(chart, isWide(index)))}</div>`
    }
    ${
      task.ranking.length > mostInMatrix &&
      html`<p class="doc">Pairs of more than ${mostInMatrix} estimators are only in summary.json.</p>`
    }
    ${
      pairs !== null &&
      html`<h3>Pairs</h3>
        ${copyableTable(pairs)}`
    }
    ${pictures(records.cells.filter(({ record }) => record.taskLabel === task.task))}
  </section>`;
  return { markup, copies: copiesOf([ranking, tuning, pairs]) };
}

/** The texts of the buttons that copy tables. */
export const copiesOf = (tables: readonly (Table | null)[]): Record<string, string> =>
  Object.fromEntries(
    tables.flatMap((table) =>
      table === null
        ? []
        : Object.entries(copyForms).map(([form, write]) => [`${table.id} ${form}`, write(table)] as const),
    ),
  );
