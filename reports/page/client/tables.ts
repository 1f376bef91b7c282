/// <reference lib="dom" />
/** Sorting and filtering of tables, and the table of a chart's values. */
import type { Specification } from "../../charts/vega-spec.ts";
import { html } from "../html.ts";
import type { PageState } from "./address-state.ts";
import { all } from "./elements.ts";

/** Sorts by a column: numbers as numbers, empty cells last in both directions. */
function sortTable(table: HTMLTableElement, column: number, descending: boolean): void {
  const key = (row: HTMLTableRowElement) => row.cells[column]?.dataset["sort"] ?? "";
  const compare = (a: string, b: string) => {
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    const difference = Number(a) - Number(b);
    return (descending ? -1 : 1) * (Number.isNaN(difference) ? a.localeCompare(b) : difference);
  };
  const body = table.tBodies[0];
  body?.append(...[...body.rows].sort((a, b) => compare(key(a), key(b))));
}

/** Sorts a table as the state says, and when a reader presses a heading. */
export function makeSortable(table: HTMLTableElement, state: PageState, changed: () => void): void {
  const headings = all<HTMLTableCellElement>("thead th", table);
  const show = () => {
    const sort = state.sorts[table.id];
    const heading = headings[sort?.column ?? -1];
    if (sort === undefined || heading === undefined) return;
    for (const other of headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
    sortTable(table, sort.column, sort.descending);
  };
  for (const [column, heading] of headings.entries())
    heading.querySelector("button")?.addEventListener("click", () => {
      state.sorts[table.id] = { column, descending: heading.getAttribute("aria-sort") === "ascending" };
      show();
      changed();
    });
  show();
}

export const matchesFilter = (label: string, filter: string): boolean =>
  label.toLowerCase().includes(filter.trim().toLowerCase());

/** Shows the rows and pictures of estimators whose name contains the filter. */
export function filterTables(filter: string): void {
  for (const row of all("tr[data-estimator], [data-picture]"))
    row.hidden = !matchesFilter(row.dataset["estimator"] ?? row.dataset["picture"] ?? "", filter);
}

/** Marks an element whose content is cut at the right and can be scrolled to. */
export function markOverflow(place: HTMLElement): void {
  const mark = () =>
    place.classList.toggle("more", place.scrollWidth - place.clientWidth - place.scrollLeft > 2);
  place.addEventListener("scroll", mark, { passive: true });
  addEventListener("resize", mark);
  mark();
}

const mostRows = 2000;

/** Writes the rows of a specification's data into a table, as many as can be read. */
export function showValues(details: HTMLDetailsElement, spec: Specification): void {
  const rows = (spec["data"] as { values?: Record<string, unknown>[] } | undefined)?.values ?? [];
  const names = Object.keys(rows[0] ?? {}).filter((name) =>
    rows.some((row) => typeof row[name] !== "object"),
  );
  const cell = (value: unknown) => {
    if (typeof value === "number") return html`<td class="number">${Number(value.toPrecision(7))}</td>`;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return html`<td>${value === null || value === undefined ? "–" : text}</td>`;
  };
  const count = rows.length > mostRows ? `the first ${mostRows} of ${rows.length}` : `${rows.length}`;
  const table = html`<table>
    <caption>
      ${count} rows
    </caption>
    <thead>
      <tr>
        ${names.map((name) => html`<th>${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.slice(0, mostRows).map(
        (row) =>
          html`<tr>
            ${names.map((name) => cell(row[name]))}
          </tr>`,
      )}
    </tbody>
  </table>`;
  const place = details.querySelector(".scroll");
  if (place !== null) place.innerHTML = table.markup;
}
