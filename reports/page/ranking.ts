/** The ranking of a task's estimators as a table. */
import { formatCount, formatInterval, formatNumber, formatRange } from "../aggregate/numbers.ts";
import type { Interval, RankingRow, TaskSummary } from "../format/summary.ts";
import { html, raw } from "./html.ts";
import type { Markup } from "./html.ts";
import type { Column, Table, TableCell } from "./table.ts";

/** A dot with its interval on a common scale, drawn by lengths in per cent. */
function forest(value: Interval | null, from: number, to: number): Markup {
  if (value === null || !(to > from)) return raw("");
  const place = (x: number) => ((100 * (x - from)) / (to - from)).toFixed(2);
  const band =
    value.low === null || value.high === null
      ? ""
      : html`<i
          style="left:${place(value.low)}%;width:${(Number(place(value.high)) - Number(place(value.low))).toFixed(2)}%"
        ></i>`;
  return html`<span class="forest">${band}<b style="left:${place(value.mean)}%"></b></span>`;
}

/** The mean, and its interval on a line of its own. */
function interval(value: Interval | null): TableCell {
  if (value === null) return { text: "–", sort: null };
  const { mean, range } = formatRange(value);
  return {
    text: formatInterval(value),
    sort: value.mean,
    fields: { mean: value.mean, low: value.low, high: value.high, n: value.n },
    markup: html`<span class="n">n ${value.n}</span> ${mean}<small>${range}</small>`,
  };
}

function stateCell({ states }: RankingRow): TableCell {
  const counts = Object.entries(states).filter(([, count]) => count > 0);
  const text = counts.map(([state, count]) => (counts.length === 1 ? state : `${count} ${state}`)).join(", ");
  const bad = counts.some(([state]) => ["failed", "diverged", "timeout"].includes(state));
  return { text, kind: bad ? "bad" : "" };
}

function optional(task: TaskSummary) {
  const has = (pick: (row: RankingRow) => unknown) => task.ranking.some((row) => pick(row) !== null);
  const ranked = task.measure?.metric;
  return {
    bound: ranked !== "bound" && has(({ bound }) => bound),
    variance: ranked !== "variance-estimator" && has(({ variance }) => variance),
    bias: has(({ biasRelative }) => biasRelative),
    cosine: has(({ cosine }) => cosine),
  };
}

function columnsOf(
  { measure, boundAt, varianceAt }: TaskSummary,
  shown: ReturnType<typeof optional>,
): Column[] {
  const number = (title: string, doc: string): Column => ({ title, doc, numeric: true });
  const value =
    measure === null ? "value" : `${measure.title}${measure.unit === "" ? "" : ` (${measure.unit})`}`;
  const at = varianceAt ?? "";
  return [
    { title: "estimator" },
    number(
      "rank",
      "1 + the number of estimators detectably better; estimators with failed or diverged seeds come last",
    ),
    { title: "ties", doc: "Two that share a letter are not detectably different" },
    number(value, "Mean over seeds and its 95% interval"),
    { title: "on one scale", drawn: true },
    ...(shown.bound
      ? [
          number(
            `bound (nats${boundAt === null ? "" : `, ${boundAt}`})`,
            "Multi-sample bound on the test split",
          ),
        ]
      : []),
    ...(shown.variance
      ? [number(`variance (${at})`, "Trace of the estimator's covariance; geometric mean over seeds")]
      : []),
    ...(shown.bias
      ? [number(`bias/‖g‖ (${at})`, "Bias relative to the norm of the reference gradient")]
      : []),
    ...(shown.cosine
      ? [number(`cosine (${at})`, "Mean over draws of the cosine to the reference gradient")]
      : []),
    number("evaluations", "Of the cost, per row and step: forward + backward"),
    number("ms/step", "Milliseconds of training per step, without compiling and evaluation"),
    number("seeds", "Finished seeds of all"),
    { title: "state" },
  ];
}

function rowOf(row: RankingRow, shown: ReturnType<typeof optional>, drawn: Markup, ink: Markup) {
  const { evaluations } = row;
  const cells: TableCell[] = [
    { text: row.estimator, markup: html`${ink}${row.estimator}` },
    { text: row.rank === null ? "–" : String(row.rank), sort: row.rank },
    { text: row.group === "" ? "–" : row.group },
    { ...interval(row.value), kind: "value" },
    { text: "", markup: drawn, sort: row.value?.mean ?? null },
    ...(shown.bound ? [interval(row.bound)] : []),
    ...(shown.variance ? [interval(row.variance)] : []),
    ...(shown.bias ? [interval(row.biasRelative)] : []),
    ...(shown.cosine ? [interval(row.cosine)] : []),
    evaluations === null
      ? { text: "–", sort: null }
      : {
          text: `${formatCount(evaluations.forward)} + ${formatCount(evaluations.backward)}`,
          sort: evaluations.forward + evaluations.backward,
        },
    {
      text: row.milliseconds === null ? "–" : formatNumber(row.milliseconds.mean, 3),
      sort: row.milliseconds?.mean ?? null,
    },
    { text: `${row.seeds.done}/${row.seeds.all}`, sort: row.seeds.done },
    stateCell(row),
  ];
  return { name: row.estimator, cells };
}

/** The table; `ink` gives the mark of an estimator's colour. */
export function rankingTable(task: TaskSummary, id: string, ink: (estimator: string) => Markup): Table {
  const shown = optional(task);
  const ends = task.ranking.flatMap(({ value }) =>
    value === null ? [] : [value.low ?? value.mean, value.high ?? value.mean],
  );
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  return {
    id: `${id}-ranking`,
    caption: `Ranking on ${task.task}${task.measure === null ? "" : ` by ${task.measure.title}`}`,
    columns: columnsOf(task, shown),
    rows: task.ranking.map((row) => rowOf(row, shown, forest(row.value, from, to), ink(row.estimator))),
  };
}
