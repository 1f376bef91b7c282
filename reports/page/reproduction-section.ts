/** The section of published and measured values at the top of the report of a reproduction. */
import type { Reproduction } from "../format/reproduction-record.ts";
import { reproductionSections, type TextTable } from "../format/reproduction-tables.ts";
import { html, raw, type Markup } from "./html.ts";
import { tableHtml, type Table } from "./table.ts";

/** Columns of words, which are aligned to the left; others hold numbers. */
const words = new Set(["estimator", "verdict", "state", "experiment"]);

const tableOf = (id: string, caption: string, { heads, rows }: TextTable): Table => ({
  ...{ id, caption },
  columns: heads.map((title) => ({ title, numeric: !words.has(title) })),
  rows: rows.map((texts) => ({ name: texts[0]!, cells: texts.map((text) => ({ text })) })),
});

/** `speed` is the chart of the speeds, as SVG text. */
export function reproductionSection(record: Reproduction, speed = ""): Markup {
  const { paper, budget } = record;
  const sections = reproductionSections(record).map(
    ({ title, table, list, note, speedChart }, index) =>
      html`${table !== undefined ? tableHtml(tableOf(`published-${index}`, title, table)) : html`<h3>${title}</h3>`}
      ${
        list !== undefined &&
        html`<ul class="doc">
          ${list.map((line) => html`<li>${line}</li>`)}
        </ul>`
      }
      ${note !== undefined && html`<p class="doc">${note}</p>`}
      ${
        speedChart &&
        html`<img
          class="chart"
          src="${raw(`data:image/svg+xml;base64,${Buffer.from(speed).toString("base64")}`)}"
          alt="Speed of sampling over marginalisation against the number of classes"
        />`
      }`,
  );
  return html`<section id="published">
    <h2>Published and measured</h2>
    <p class="doc">
      <a href="${paper.link}">${paper.citation}</a>, budget ${budget}. A verdict compares the published value
      with an interval of ours, widened by half a unit of the last printed digit; * marks a comparison of
      unequal things.
    </p>
    ${sections}
  </section>`;
}
