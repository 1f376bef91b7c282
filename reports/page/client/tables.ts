/// <reference lib="dom" />
/** Sorting and filtering of tables. */
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
