/** The ranking of a task's estimators as a table. */
import { isBroken } from "../aggregate/estimator-row.ts";
import { formatCount, formatInterval, formatNumber, formatRange } from "../aggregate/numbers.ts";
import { metricTitle, splitTitle } from "../aggregate/measures.ts";
import type { CellState } from "../format/records.ts";
import type { Interval, RankingRow, TaskSummary } from "../format/summary.ts";
import { html, raw, type Markup } from "./html.ts";
import type { Table, TableCell, TableColumn } from "./table.ts";

/** A dot with its interval on the common scale of a column. */
export function intervalPlot(value: Omit<Interval, "n" | "values"> | null, from: number, to: number): Markup {
  if (value === null || !(to > from)) return raw("");
  const percent = (x: number) => (100 * (x - from)) / (to - from);
  const { mean, low, high } = value;
  const width = low === null || high === null ? null : percent(high) - percent(low);
  const bar =
    width !== null && html`<i style="left:${percent(low!).toFixed(2)}%;width:${width.toFixed(2)}%"></i>`;
  return html`<span class="forest">${bar}<b style="left:${percent(mean).toFixed(2)}%"></b></span>`;
}

/** The mean, and its interval on a line of its own. */
export function intervalCell(value: Interval | null): TableCell {
  if (value === null) return { text: "–", sort: null };
  const { mean, range } = formatRange(value);
  return {
    text: formatInterval(value),
    sort: value.mean,
    fields: { mean: value.mean, low: value.low, high: value.high, n: value.n },
    markup: html`<span class="n">n ${value.n}</span> ${mean}<small>${range}</small>`,
  };
}

function evaluationsCell({ evaluations }: RankingRow): TableCell {
  if (evaluations === null) return { text: "–", sort: null };
  const { forward, backward } = evaluations;
  return { text: `${formatCount(forward)} + ${formatCount(backward)}`, sort: forward + backward };
}

/** The cost of reaching the target; the seeds that do where not all do. */
function targetCell(toTarget: RankingRow["toTarget"], key: "evaluations" | "seconds"): TableCell {
  const value = toTarget?.[key] ?? null;
  if (toTarget === null || value !== null) return intervalCell(value);
  return { text: `${toTarget.reached}/${toTarget.all} reach it`, sort: null };
}

function stateCell({ states }: RankingRow): TableCell {
  const counts = Object.entries(states).filter(([, count]) => count > 0);
  const text = counts.map(([state, count]) => (counts.length === 1 ? state : `${count} ${state}`)).join(", ");
  return { text, kind: counts.some(([state]) => isBroken(state as CellState)) ? "bad" : "" };
}

/** A column, and its cell in the row of an estimator. */
interface RankingColumn extends TableColumn {
  readonly cell: (row: RankingRow) => TableCell;
}

/** The columns of a task; those that no estimator has a value for are left out. */
function columnsOf({ measure, boundAt, varianceAt, target, ranking }: TaskSummary, mark: EstimatorMark) {
  const ends = ranking.flatMap(({ value }) =>
    value === null ? [] : [value.low ?? value.mean, value.high ?? value.mean],
  );
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const unit = measure === null || measure.unit === "" ? "" : ` (${measure.unit})`;
  const columns: RankingColumn[] = [];
  const add = (title: string, doc: string, cell: RankingColumn["cell"], kind: Partial<TableColumn> = {}) => {
    columns.push({ title, doc, cell, numeric: true, ...kind });
  };
  const addMeasured = (
    key: "bound" | "variance" | "biasRelative" | "cosine" | "squaredError",
    title: string,
    doc: string,
  ) => {
    if (ranking.some((row) => row[key] !== null)) add(title, doc, (row) => intervalCell(row[key]));
  };
  add(
    "estimator",
    "",
    ({ estimator }) => ({ text: estimator, markup: html`${mark(estimator)}${estimator}` }),
    { numeric: false },
  );
  add(
    "rank",
    "1 + the number of estimators detectably better; estimators with failed or diverged seeds come last",
    ({ rank }) => ({ text: rank === null ? "–" : String(rank), sort: rank }),
  );
  add(
    "ties",
    "Estimators that share a letter are not detectably different",
    ({ group }) => ({ text: group === "" ? "–" : group }),
    { numeric: false },
  );
  add(`${measure?.title ?? "value"}${unit}`, "Mean over seeds with its 95% interval", ({ value }) => ({
    ...intervalCell(value),
    kind: "value",
  }));
  add(
    "on one scale",
    "",
    ({ value }) => ({ text: "", markup: intervalPlot(value, from, to), sort: value?.mean ?? null }),
    { numeric: false, drawn: true },
  );
  if (measure?.metric !== "bound") {
    const details = boundAt === null ? "" : `, ${boundAt}`;
    addMeasured("bound", `bound (nats${details})`, "Multi-sample bound on the test split");
  }
  if (measure?.metric !== "variance-estimator")
    addMeasured(
      "variance",
      `variance (${varianceAt})`,
      "Trace of the estimator's covariance; geometric mean over seeds",
    );
  addMeasured(
    "biasRelative",
    `bias/‖g‖ (${varianceAt})`,
    "Bias relative to the norm of the reference gradient",
  );
  addMeasured("cosine", `cosine (${varianceAt})`, "Cosine to the reference gradient, mean over draws");
  addMeasured(
    "squaredError",
    `squared error per evaluation (${varianceAt})`,
    "bias² + variance × evaluations: the mean squared error of a gradient that costs one evaluation per row; geometric mean over seeds",
  );
  if (target !== null)
    for (const key of ["evaluations", "seconds"] as const) {
      const doc = `At the first log point with a ${splitTitle(target.split)} ${metricTitle(target.metric)} of ${formatNumber(target.value)} or better${target.given ? "" : ", the median over estimators of the final means"}; geometric mean, where all seeds get there`;
      add(`${key} to ${formatNumber(target.value)}`, doc, ({ toTarget }) => targetCell(toTarget, key));
    }
  add("evaluations", "Evaluations of the cost per row and step: forward + backward", evaluationsCell);
  add(
    "ms/step",
    "Milliseconds of training per step, without compilation and evaluation",
    ({ milliseconds }) => ({
      text: milliseconds === null ? "–" : formatNumber(milliseconds.mean, 3),
      sort: milliseconds?.mean ?? null,
    }),
  );
  add("seeds", "Finished seeds of all", ({ seeds: { done, all } }) => ({
    text: `${done}/${all}`,
    sort: done,
  }));
  add("state", "", stateCell, { numeric: false });
  return columns;
}

/** What stands before an estimator's name. */
export type EstimatorMark = (estimator: string) => Markup | readonly Markup[];

/** The table of a task; `mark` gives what stands before an estimator's name. */
export function rankingTable(task: TaskSummary, id: string, mark: EstimatorMark = () => []): Table {
  const columns = columnsOf(task, mark);
  return {
    id: `${id}-ranking`,
    caption: `Ranking on ${task.task}${task.measure === null ? "" : ` by ${task.measure.title}`}`,
    columns,
    rows: task.ranking.map((row) => ({
      name: row.estimator,
      cells: columns.map(({ cell }) => cell(row)),
    })),
  };
}
