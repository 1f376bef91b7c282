/** The section of published and measured values at the top of the report of a reproduction. */
import type { Reproduction } from "../format/reproduction-record.ts";
import {
  ratesTable,
  speedTable,
  tablesOf,
  unequalThings,
  type TextTable,
} from "../format/reproduction-tables.ts";
import { html, raw, type Markup } from "./html.ts";
import { tableHtml, type Table } from "./table.ts";

/** Columns of words, which are aligned to the left; others hold numbers. */
const words = new Set(["estimator", "verdict", "state", "experiment"]);

const tableOf = (id: string, caption: string, { heads, rows }: TextTable): Table => ({
  ...{ id, caption },
  columns: heads.map((title) => ({ title, numeric: !words.has(title) })),
  rows: rows.map((texts) => ({ name: texts[0]!, cells: texts.map((text) => ({ text })) })),
});

const list = (lines: readonly string[]) =>
  html`<ul class="doc">
    ${lines.map((line) => html`<li>${line}</li>`)}
  </ul>`;

/** `speed` is the chart of the speeds, as SVG text. */
export function reproductionSection(record: Reproduction, speed?: string): Markup {
  const { paper, rows, gaveUp, chosen, budget } = record;
  const rates = ratesTable(rows);
  const unequal = unequalThings(rows);
  const tables = tablesOf(record).map(
    (table, index) =>
      html`${tableHtml(tableOf(`published-${index}`, table.title, table))}
      ${table.order !== undefined && html`<p class="doc">${table.order}</p>`}`,
  );
  return html`<section id="published">
    <h2>Published and measured</h2>
    <p class="doc">
      <a href="${paper.link}">${paper.citation}</a>, budget ${budget}. A verdict compares the published value
      with an interval of ours, widened by half a unit of the last printed digit; * marks a comparison of
      unequal things.
    </p>
    ${tables}
    ${
      record.speed.length > 0 &&
      html`<h3>Speed against the number of classes</h3>
        ${tableHtml(tableOf("published-speed", "Steps per second, in turns on one engine", speedTable(record.speed)))}`
    }
    ${
      speed !== undefined &&
      html`<p>
        <img
          class="chart"
          src="${raw(`data:image/svg+xml;base64,${Buffer.from(speed).toString("base64")}`)}"
          alt="Speed of sampling over marginalisation against the number of classes"
        />
      </p>`
    }
    ${
      unequal.length > 0 &&
      html`<h3>* What is unequal</h3>
        ${list(unequal)}`
    }
    ${
      gaveUp.length > 0 &&
      html`<h3>What this budget gave up</h3>
        ${list(gaveUp)}`
    }
    ${
      rates !== undefined &&
      html`<h3>Learning rates by validation</h3>
        ${tableHtml(tableOf("published-rates", "Validation, higher is better", rates))}
        ${rates.edges !== undefined && html`<p class="doc">${rates.edges}</p>`}`
    }
    <h3>What we chose</h3>
    ${list(chosen)}
  </section>`;
}
