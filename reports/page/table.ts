/** A table, and how it is written as HTML, Markdown, CSV and LaTeX. */
import { stringify } from "csv-stringify/sync";
import { html, type Markup } from "./html.ts";

export interface TableCell {
  readonly text: string;
  /** What the column is sorted by [default: the text]. */
  readonly sort?: number | string | null;
  /** Shown instead of the text in HTML. */
  readonly markup?: Markup;
  /** The cell's class in the style. */
  readonly kind?: string;
  /** The numbers behind the text, columns of their own in CSV: `mean`, `low`, `high`, `n`. */
  readonly fields?: Readonly<Record<string, number | string | null>>;
}

export interface TableColumn {
  readonly title: string;
  /** Explains the title on hover. */
  readonly doc?: string;
  readonly numeric?: boolean;
  /** Whether cells are drawings without a text; copies leave the column out. */
  readonly drawn?: boolean;
}

export interface Table {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly TableCell[] }[];
  readonly sortable?: boolean;
}

const sortKey = ({ text, sort }: TableCell) =>
  sort === undefined ? text : sort === null ? "" : String(sort);

function heading({ title, doc, numeric }: TableColumn, sortable: boolean): Markup {
  const label = sortable ? html`<button type="button" class="sort">${title}</button>` : title;
  return html`<th scope="col" class="${numeric ? "number" : ""}" title="${doc ?? ""}">${label}</th>`;
}

function body(cell: TableCell, column: TableColumn | undefined, index: number): Markup {
  const kind = [column?.numeric ? "number" : "", cell.kind ?? ""].join(" ").trim();
  const content = cell.markup ?? cell.text;
  return index === 0
    ? html`<th scope="row" class="${kind}" data-sort="${sortKey(cell)}">${content}</th>`
    : html`<td class="${kind}" data-sort="${sortKey(cell)}">${content}</td>`;
}

export function tableHtml({ id, caption, columns, rows, sortable = true }: Table): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table id="${id}" class="${sortable ? "sortable" : ""}">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => heading(column, sortable))}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, cells }) =>
            html`<tr data-estimator="${name}">
              ${cells.map((cell, index) => body(cell, columns[index], index))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Titles and texts without the columns that are only drawn. */
function plainRows({ columns, rows }: Table): string[][] {
  const kept = columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.drawn !== true);
  const titles = kept.map(({ column }) => column.title);
  return [titles, ...rows.map(({ cells }) => kept.map(({ index }) => cells[index]?.text ?? ""))];
}

export function tableMarkdown(table: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll(/\s+/g, " ")).join(" | ")} |`;
  const [titles = [], ...rows] = plainRows(table);
  const numeric = table.columns
    .filter(({ drawn }) => drawn !== true)
    .map((column) => column.numeric === true);
  const rule = `| ${numeric.map((right) => (right ? "---:" : "---")).join(" | ")} |`;
  return [line(titles), rule, ...rows.map(line)].join("\n") + "\n";
}

/** Titles and texts, a column of its own for every number of a cell. */
function csvRows({ columns, rows }: Table): string[][] {
  const kept = columns.flatMap((column, index) => {
    if (column.drawn === true) return [];
    const keys = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells[index]?.fields ?? {})))];
    if (keys.length === 0)
      return [{ title: column.title, pick: (cells: readonly TableCell[]) => cells[index]?.text ?? "" }];
    return keys.map((key) => ({
      title: `${column.title} ${key}`,
      pick: (cells: readonly TableCell[]) => String(cells[index]?.fields?.[key] ?? ""),
    }));
  });
  return [kept.map(({ title }) => title), ...rows.map(({ cells }) => kept.map(({ pick }) => pick(cells)))];
}

/** The plain minus sign, so that a spreadsheet reads numbers. */
export function tableCsv(table: Table): string {
  const plain = (text: string) => text.replaceAll("−", "-");
  const safe = (text: string) => (/^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text);
  return stringify(csvRows(table).map((row) => row.map((text) => safe(plain(text)))));
}

const latexEscapes: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "−": "$-$",
  "×": "$\\times$",
  "√": "$\\surd$",
  "‖": "$\\|$",
  "–": "--",
  "▲": "$\\uparrow$",
  "▼": "$\\downarrow$",
  "≈": "$\\approx$",
  "·": "$\\cdot$",
  "²": "$^2$",
  "½": "$\\frac12$",
  τ: "$\\tau$",
  "…": "\\dots{}",
};

/** Has a macro of its own, or is escaped with a backslash. */
const special = /[\\~^<>&%$#_{}−×√‖–▲▼≈·²½τ…]/gu;

export function latexText(text: string): string {
  const escaped = text.replaceAll(special, (character) => latexEscapes[character] ?? `\\${character}`);
  return escaped.replaceAll(/\s+/g, " ");
}

export function tableLatex(table: Table): string {
  const [titles = [], ...rows] = plainRows(table);
  const kept = table.columns.filter(({ drawn }) => drawn !== true);
  const line = (cells: readonly string[]) => `  ${cells.map(latexText).join(" & ")} \\\\`;
  return [
    "% \\usepackage{booktabs}",
    `\\begin{tabular}{${kept.map(({ numeric }) => (numeric ? "r" : "l")).join("")}}`,
    "  \\toprule",
    line(titles),
    "  \\midrule",
    ...rows.map(line),
    "  \\bottomrule",
    "\\end{tabular}\n",
  ].join("\n");
}
