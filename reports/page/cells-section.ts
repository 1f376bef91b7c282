/** The table of a run's cells: their states and times, and what went wrong. */
import { isBroken } from "../aggregate/estimator-row.ts";
import { formatNumber, plural } from "../aggregate/numbers.ts";
import type { RunRecords } from "../format/records.ts";
import { html, type Markup } from "./html.ts";
import { tableHtml, type Table, type TableCell } from "./table.ts";

const numericTitles = ["seed", "steps", "train s", "compile s", "evaluate s", "not finite"];
const titles = ["cell", "task", "estimator", "seed", "state", ...numericTitles.slice(1), "error"];

const seconds = (value: number | undefined): TableCell => ({
  text: value === undefined ? "–" : formatNumber(value, 3),
  sort: value ?? null,
});

const count = (value: number): TableCell => ({ text: String(value), sort: value });

function cellsTable({ manifest, cells }: RunRecords): Table {
  const byHash = new Map(cells.map((cell) => [cell.record.hash, cell]));
  const rows = manifest.matrix.map(({ hash, label, taskLabel, seed }) => {
    const cell = byHash.get(hash);
    const { state = "pending", steps, seconds: times, error = "" } = cell?.record ?? {};
    const notFinite = cell?.gradients.reduce((sum, row) => sum + (row.notFinite ?? 0), 0) ?? 0;
    return {
      name: label,
      cells: [
        { text: hash.slice(0, 10), kind: "hash" },
        { text: taskLabel },
        { text: label },
        count(seed),
        { text: state, kind: isBroken(state) ? "bad" : "" },
        { text: steps ? `${steps.done}/${steps.planned}` : "–", sort: steps?.done ?? null },
        seconds(times?.train),
        seconds(times?.compile),
        seconds(times?.evaluate),
        count(notFinite),
        { text: error },
      ],
    };
  });
  return {
    id: "cells",
    caption: "Cells: task × estimator × seed",
    columns: titles.map((title) => ({ title, numeric: numericTitles.includes(title) })),
    rows,
  };
}

export function cellsSection(records: RunRecords): Markup {
  return html`<h2 id="cells-section">Cells</h2>
    <details>
      <summary>${plural(records.manifest.matrix.length, "cell")} with states and times</summary>
      ${tableHtml(cellsTable(records))}
      ${records.cells.map(
        ({ record: { taskLabel, label, seed, stack } }) =>
          stack !== undefined &&
          html`<details>
            <summary>${taskLabel}, ${label}, seed ${seed}: stack trace</summary>
            <pre>${stack}</pre>
          </details>`,
      )}
    </details>`;
}
