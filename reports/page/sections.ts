/** The parts of the page around the charts: banners, figures, pictures, cells. */
import type { Chart } from "../charts/index.ts";
import { formatNumber, plural } from "../aggregate/numbers.ts";
import type { Cell, PictureRecord, RunRecords } from "../format/records.ts";
import type { Summary } from "../format/summary.ts";
import { html, raw } from "./html.ts";
import type { Markup } from "./html.ts";
import { tilesPng } from "./png.ts";
import { tableHtml } from "./table.ts";
import type { Table } from "./table.ts";

/** What a reader must know before any number. */
export function banners({ quick, partial, states, failures, seeds }: Summary): Markup {
  const all = Object.values(states).reduce((sum, count) => sum + count, 0);
  const open = all - (states.done ?? 0) - failures.length;
  return html`${quick && html`<p class="banner"><b>QUICK</b> A short run to see that things work: too few steps and seeds to compare estimators.</p>`}
  ${(partial || open > 0) && html`<p class="banner"><b>PARTIAL</b> ${states.done ?? 0} of ${plural(all, "cell")} done; numbers will change.</p>`}
  ${!quick && seeds < 3 && html`<p class="banner"><b>FEW SEEDS</b> ${plural(seeds, "seed")}: points only, no intervals and no verdicts below three. Five are the default.</p>`}
  ${
    failures.length > 0 &&
    html`<div class="banner bad">
      <b>FAILURES</b> ${plural(failures.length, "cell")} of ${all} did not finish.
      ${new Set(failures.map(({ task, estimator }) => JSON.stringify([task, estimator]))).size === 1 ? "Its estimator is" : "Their estimators are"}
      ranked last.
      <ul>
        ${failures.slice(0, 12).map(({ task, estimator, seed, state, error }) => html`<li>${task}, ${estimator}, seed ${seed}: ${state}. ${error}</li>`)}
        ${failures.length > 12 && html`<li>and ${failures.length - 12} more, under Cells.</li>`}
      </ul>
    </div>`
  }`;
}

/** The switches and the place of one chart; without scripts the place says so. */
export function chartFigure(chart: Chart, wide: boolean): Markup {
  const many = chart.panels.length > 1;
  return html`<figure class="${wide ? "wide" : ""}" data-chart="${chart.id}">
    <div class="tools">
      ${
        many
          ? html`<select aria-label="what ${chart.title} shows">
              ${chart.panels.map(({ name }, index) => html`<option value="${index}">${name}</option>`)}
            </select>`
          : html`<span></span>`
      }
      <span class="group scales" role="group" aria-label="scale of the vertical axis"></span>
    </div>
    <div class="place">
      <noscript
        >${chart.title}: a drawing that needs scripts. Its specification is
        charts/${chart.id}.vl.json.</noscript
      >
    </div>
    <details class="values live">
      <summary>values</summary>
      <button type="button" data-spec="">specification with its data</button>
      <div class="scroll" tabindex="0" role="region" aria-label="values of ${chart.title}"></div>
    </details>
  </figure>`;
}

/**
 * The pictures of the first finished seed of each estimator, one kind of picture after the other. A caption that is not
 * that of the first, as of another number of steps, stands with its own picture.
 */
export function pictures(cells: readonly Cell[]): Markup | null {
  const kinds = new Map<string, { first: PictureRecord; figures: Map<string, Markup> }>();
  for (const { record } of cells)
    for (const picture of record.state === "done" ? (record.pictures ?? []) : []) {
      const kind = kinds.get(picture.name) ?? { first: picture, figures: new Map<string, Markup>() };
      kinds.set(picture.name, kind);
      const caption = picture.caption === kind.first.caption ? "" : picture.caption;
      if (!kind.figures.has(record.label))
        kind.figures.set(record.label, pictureFigure(record, picture, caption));
    }
  if (kinds.size === 0) return null;
  return html`<h3>Pictures</h3>
    ${[...kinds.values()].map(
      ({ first, figures }) =>
        html`<p class="doc"><b>${first.title}.</b> ${first.caption}</p>
          <div class="pictures">${[...figures.values()]}</div>`,
    )}`;
}

function pictureFigure({ label, seed }: Cell["record"], picture: PictureRecord, caption: string): Markup {
  const { png, width, height } = tilesPng(picture);
  const source = raw(`data:image/png;base64,${png.toString("base64")}`);
  return html`<figure data-picture="${label}">
    <figcaption><b>${label}</b> <span>seed ${seed}${caption !== "" && html`. ${caption}`}</span></figcaption>
    <img src="${source}" width="${width}" height="${height}" alt="${picture.title}, ${label}" />
  </figure>`;
}

/** Every cell: its state, times, and what went wrong. */
export function cellsTable({ manifest, cells }: RunRecords): Table {
  const byHash = new Map(cells.map((cell) => [cell.record.hash, cell]));
  const number = (title: string) => ({ title, numeric: true });
  const seconds = (value: number | undefined) => ({
    text: value === undefined ? "–" : formatNumber(value, 3),
    sort: value ?? null,
  });
  return {
    id: "cells",
    caption: "Cells: task × estimator × seed",
    columns: [
      { title: "cell" },
      { title: "task" },
      { title: "estimator" },
      number("seed"),
      { title: "state" },
      number("steps"),
      number("train s"),
      number("compile s"),
      number("evaluate s"),
      number("not finite"),
      { title: "error" },
    ],
    rows: manifest.matrix.map(({ hash, label, taskLabel, seed }) => {
      const found = byHash.get(hash);
      const record = found?.record;
      const state = record?.state ?? "pending";
      const lost = found?.gradients.reduce((sum, row) => sum + (row.notFinite ?? 0), 0) ?? 0;
      return {
        name: label,
        cells: [
          { text: hash.slice(0, 10), kind: "hash" },
          { text: taskLabel },
          { text: label },
          { text: String(seed), sort: seed },
          { text: state, kind: ["failed", "diverged", "timeout"].includes(state) ? "bad" : "" },
          {
            text: record === undefined ? "–" : `${record.steps.done}/${record.steps.planned}`,
            sort: record?.steps.done ?? null,
          },
          seconds(record?.seconds.train),
          seconds(record?.seconds.compile),
          seconds(record?.seconds.evaluate),
          { text: String(lost), sort: lost },
          { text: record?.error ?? "" },
        ],
      };
    }),
  };
}

export function diagnostics(records: RunRecords): Markup {
  const stacks = records.cells.flatMap(({ record }) => (record.stack === undefined ? [] : [record]));
  return html`<h2 id="cells-section">Cells</h2>
    <details>
      <summary>${plural(records.manifest.matrix.length, "cell")}, their states and times</summary>
      ${tableHtml(cellsTable(records))}
      ${stacks.map(
        (record) =>
          html`<details>
            <summary>${record.taskLabel}, ${record.label}, seed ${record.seed}: stack</summary>
            <pre>${record.stack}</pre>
          </details>`,
      )}
    </details>`;
}
