/// <reference lib="dom" />
/** The script of the index of published runs: it writes only the first rows of the first leaderboards that match. */
import { formatCount, formatRange, plural } from "../../aggregate/numbers.ts";
import { groupBy } from "../../format/group-by.ts";
import { html, type Markup } from "../html.ts";
import { makeTheme } from "./controls.ts";
import { all } from "./elements.ts";
import {
  bareName,
  indexRows,
  matchingRows,
  measureText,
  type IndexData,
  type IndexRow,
} from "./index-data.ts";

const rowsShown = 20;
const boardsShown = 15;

const rows = indexRows(JSON.parse(document.getElementById("published-runs")!.textContent ?? "") as IndexData);

/** What a reader has set, kept in the address. */
const names = ["search", "task", "estimator", "engine", "full"] as const;
const given = new URLSearchParams(location.hash.slice(1));
const filter = Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""])) as Record<
  (typeof names)[number],
  string
>;

/** Rows that are shown of a leaderboard of which a reader wants more, and leaderboards. */
const longer = new Map<string, number>();
let boards = boardsShown;

const interval = (value: IndexRow["value"]): Markup | string => {
  if (value === null) return "–";
  const { mean, range } = formatRange(value);
  return html`${mean}<small>${range}</small>`;
};

function line({ run, ...row }: IndexRow): Markup {
  const folder = `runs/${run.id}`;
  const evaluations = row.evaluations;
  return html`<tr>
    <th scope="row">${row.estimator}<small>${row.broken}</small></th>
    <td class="number">${row.place}</td>
    <td class="number value">${interval(row.value)}</td>
    <td class="number">${interval(row.bound)}${row.bound && html`<small>${row.boundAt}</small>`}</td>
    <td class="number">${row.seeds.done}/${row.seeds.all}</td>
    <td class="number">${row.steps}</td>
    <td class="number">
      ${evaluations && `${formatCount(evaluations.forward)} + ${formatCount(evaluations.backward)}`}
    </td>
    <td class="options">${row.options}</td>
    <td>
      <a href="${folder}/report.html">${run.name}</a>${run.quick && " (quick)"}
      <small>${run.created.slice(0, 10)}, ${run.engine}, ${run.cpu}</small>
    </td>
    <td class="files">
      <a href="${folder}/report.html#command" title="${run.command}">command</a>
      <a href="${folder}/manifest.json">manifest</a> <a href="${folder}/SHA256SUMS">checksums</a>
    </td>
  </tr>`;
}

const columns = ["place", "", "bound (nats)", "seeds", "steps", "evaluations", "options", "run", "files"];

function board(key: string, own: readonly IndexRow[], index: number): Markup {
  const { task } = own[0]!;
  const shown = own.slice(0, longer.get(key) ?? rowsShown);
  const heads = columns.map((title) => title || measureText(own[0]!) || "value");
  return html`<section>
    <h2>${task}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="${task}">
      <table>
        <caption>
          ${plural(own.length, "row")}${shown.length < own.length && `, the first ${shown.length} are shown`}
        </caption>
        <thead>
          <tr>
            <th scope="col">estimator</th>
            ${heads.map((title, k) => html`<th scope="col" class="${k < 6 ? "number" : ""}">${title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${shown.map(line)}
        </tbody>
      </table>
    </div>
    ${
      shown.length < own.length &&
      html`<p class="tools"><button type="button" data-board="${index}">more rows</button></p>`
    }
  </section>`;
}

function show(): void {
  const found = matchingRows(rows, filter);
  const groups = [...groupBy(found, (row) => row.board)];
  document.getElementById("boards")!.innerHTML = html`${groups
    .slice(0, boards)
    .map(([key, own], index) => board(key, own, index))}`.markup;
  for (const button of all("button[data-board]"))
    button.addEventListener("click", () => {
      const [key] = groups[Number(button.dataset["board"])]!;
      longer.set(key, (longer.get(key) ?? rowsShown) + 10 * rowsShown);
      show();
    });
  document.getElementById("more")!.hidden = groups.length <= boards;
  document.getElementById("count")!.textContent =
    `${found.length} of ${plural(rows.length, "row")} on ${plural(groups.length, "task")}`;
}

function changed(): void {
  boards = boardsShown;
  const set = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
  history.replaceState(null, "", set.size === 0 ? location.pathname + location.search : `#${set}`);
  show();
}

const choices = {
  task: (row: IndexRow) => bareName(row.task),
  estimator: (row: IndexRow) => bareName(row.estimator),
  engine: (row: IndexRow) => row.run.engine,
};
for (const [name, of] of Object.entries(choices)) {
  const select = document.querySelector<HTMLSelectElement>(`#${name}`)!;
  const values = [...new Set(rows.map(of))].sort();
  select.innerHTML = html`<option value="">every ${name}</option>
    ${values.map((value) => html`<option>${value}</option>`)}`.markup;
  // The text of an option loses spaces at its ends; its value must not.
  for (const [index, value] of values.entries()) select.options[index + 1]!.value = value;
}
for (const field of all<HTMLInputElement | HTMLSelectElement>(".filters input, .filters select")) {
  const name = names.find((one) => one === field.id)!;
  const box = field instanceof HTMLInputElement && field.type === "checkbox" ? field : null;
  if (box) box.checked = filter[name] !== "";
  else field.value = filter[name];
  field.addEventListener("input", () => {
    filter[name] = box ? (box.checked ? "yes" : "") : field.value;
    changed();
  });
}
document.getElementById("more")!.addEventListener("click", () => {
  boards += boardsShown;
  show();
});
makeTheme({ theme: "" }, () => undefined);
show();
document.documentElement.dataset["ready"] = "yes";
