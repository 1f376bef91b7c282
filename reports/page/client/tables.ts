/// <reference lib="dom" />
/** Sorting, filtering and copying of tables. */
import type { Specification } from "../../charts/line.ts";
import type { PageState } from "./page-state.ts";

/** Sorts by a column: numbers as numbers, what is empty last whichever way. */
export function sortTable(table: HTMLTableElement, column: number, descending: boolean): void {
  const body = table.tBodies[0];
  if (body === undefined) return;
  const key = (row: HTMLTableRowElement) => row.cells[column]?.dataset["sort"] ?? "";
  const compare = (a: string, b: string) => {
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    const difference = Number(a) - Number(b);
    return (descending ? -1 : 1) * (Number.isNaN(difference) ? a.localeCompare(b) : difference);
  };
  const rows = [...body.rows].sort((a, b) => compare(key(a), key(b)));
  body.append(...rows);
}

/** Makes the headings sort, and gives back what sorts as the state says. */
export function makeSortable(table: HTMLTableElement, state: PageState, changed: () => void): () => void {
  const headings = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
  for (const [column, heading] of headings.entries()) {
    const button = heading.querySelector("button");
    button?.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      state.sorts[table.id] = { column, descending };
      show();
      changed();
    });
  }
  const show = () => {
    const sort = state.sorts[table.id];
    const heading = headings[sort?.column ?? -1];
    if (sort === undefined || heading === undefined) return;
    for (const other of headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
    sortTable(table, sort.column, sort.descending);
  };
  show();
  return show;
}

/** Copies without any permission asked: the clipboard's own interface where it is, an invisible field elsewhere. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    // Deprecated, and the only way left where the clipboard is refused.
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

export function makeCopyButton(button: HTMLButtonElement, text: () => string): void {
  const label = button.textContent;
  button.addEventListener("click", () => {
    void copyText(text()).then((done) => {
      button.textContent = done ? "copied" : "not copied";
      setTimeout(() => (button.textContent = label), 1500);
    });
  });
}

/** Offers a text as a file. */
export function download(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function fitsFilter(label: string, words: string): boolean {
  return label.toLowerCase().includes(words.trim().toLowerCase());
}

/** Marks what is cut at the right and can be scrolled to. */
export function markOverflow(place: HTMLElement): void {
  const mark = () => {
    const left = place.scrollWidth - place.clientWidth - place.scrollLeft;
    place.classList.toggle("more", left > 2);
  };
  place.addEventListener("scroll", mark, { passive: true });
  addEventListener("resize", mark);
  mark();
}

/** The numbers of a chart as a table, as many as can be read. */
export function showValues(details: HTMLDetailsElement, spec: Specification): void {
  const rows = (spec["data"] as { values?: Record<string, unknown>[] } | undefined)?.values ?? [];
  const names = Object.keys(rows[0] ?? {}).filter((name) =>
    rows.some((row) => typeof row[name] !== "object"),
  );
  const most = 2000;
  const table = document.createElement("table");
  const line = (cells: readonly unknown[], kind: "th" | "td") => {
    const row = document.createElement("tr");
    for (const cell of cells) {
      const place = document.createElement(kind);
      if (typeof cell === "number") place.textContent = String(Number(cell.toPrecision(7)));
      else place.textContent = typeof cell === "string" ? cell : cell === null ? "–" : JSON.stringify(cell);
      if (typeof cell === "number") place.className = "number";
      row.append(place);
    }
    return row;
  };
  const [head, body] = [document.createElement("thead"), document.createElement("tbody")];
  head.append(line(names, "th"));
  body.append(
    ...rows.slice(0, most).map((row) =>
      line(
        names.map((name) => row[name] ?? null),
        "td",
      ),
    ),
  );
  table.append(head, body);
  const caption = table.createCaption();
  caption.textContent =
    rows.length > most ? `the first ${most} of ${rows.length} rows` : `${rows.length} rows`;
  details.querySelector(".scroll")?.replaceChildren(table);
}

/** Shows the estimators whose name contains what was typed. */
export function filterTables(words: string): void {
  for (const row of document.querySelectorAll<HTMLElement>("tr[data-estimator], [data-picture]")) {
    const name = row.dataset["estimator"] ?? row.dataset["picture"] ?? "";
    row.hidden = !fitsFilter(name, words);
  }
}
