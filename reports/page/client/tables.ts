/// <reference lib="dom" />
/** Sorting, filtering and copying of tables. Runs in the page, as text. */

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

export function makeSortable(table: HTMLTableElement): void {
  const headings = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
  for (const [column, heading] of headings.entries()) {
    const button = heading.querySelector("button");
    button?.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sortTable(table, column, descending);
    });
  }
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

/** Shows the estimators whose name contains what was typed. */
export function filterTables(words: string): void {
  const wanted = words.trim().toLowerCase();
  for (const row of document.querySelectorAll<HTMLElement>(
    "table.sortable tr[data-estimator], [data-picture]",
  )) {
    const name = row.dataset["estimator"] ?? row.dataset["picture"] ?? "";
    row.hidden = !name.toLowerCase().includes(wanted);
  }
}
