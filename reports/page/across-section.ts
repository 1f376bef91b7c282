/** The section that compares estimators over all tasks of a run. */
import { formatInterval, formatNumber, listed } from "../aggregate/numbers.ts";
import type { Chart } from "../charts/panels.ts";
import type { AcrossTasks } from "../format/summary.ts";
import { criticalDifferenceDiagram } from "./critical-difference.ts";
import { html } from "./html.ts";
import { intervalPlot, type EstimatorMark } from "./ranking.ts";
import type { Table, TableCell } from "./table.ts";

type Bounded = AcrossTasks["rows"][number]["iqm"];

const boundedCell = ({ mean, low, high }: Bounded): TableCell => ({
  ...{ text: formatInterval({ mean, low, high }), sort: mean, fields: { mean, low, high } },
});

/** Interquartile means and mean ranks; then the probability of improvement of each pair. */
export function acrossTables(
  { rows, improvement }: AcrossTasks,
  mark: EstimatorMark = () => [],
): { readonly scores: Table; readonly improvement: Table } {
  const numeric = { numeric: true };
  const ends = rows.flatMap(({ iqm }) => [iqm.low ?? iqm.mean, iqm.high ?? iqm.mean]);
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const named = (name: string): TableCell => ({ text: name, markup: html`${mark(name)}${name}` });
  return {
    scores: {
      ...{ id: "across-scores", caption: "Normalised scores over all tasks" },
      columns: [
        { title: "estimator" },
        {
          title: "interquartile mean",
          doc: "Mean of the middle half of all scores, with its 95% interval",
          ...numeric,
        },
        { title: "on one scale", drawn: true },
        {
          title: "mean rank",
          doc: "Rank of the mean score on a task, averaged over tasks; 1 is best",
          ...numeric,
        },
        { title: "ties", doc: "Estimators that share a letter do not differ by the critical difference" },
      ],
      rows: rows.map(({ estimator, iqm, rank, group }) => ({
        name: estimator,
        cells: [
          named(estimator),
          boundedCell(iqm),
          { text: "", sort: iqm.mean, markup: intervalPlot(iqm, from, to) },
          { text: rank.toFixed(2), sort: rank },
          { text: group },
        ],
      })),
    },
    improvement: {
      ...{ id: "across-improvement", caption: "Probability of improvement" },
      columns: [
        { title: "estimator" },
        { title: "over" },
        {
          title: "probability",
          doc: "That a seed of the first scores higher than one of the second",
          ...numeric,
        },
      ],
      rows: improvement.map(({ first, second, ...bounded }) => ({
        name: first,
        cells: [named(first), named(second), boundedCell(bounded)],
      })),
    },
  };
}

/** `p = 0.02`; with two values, a sentence on the power of the test. */
function friedmanText({ tasks, friedman: { chiSquared, f, p } }: AcrossTasks): string {
  const shown = p < 1e-4 ? "p < 1e-4" : `p = ${formatNumber(p, 2)}`;
  const statistic = f === null ? "" : `, F = ${formatNumber(f, 3)}`;
  const power = tasks.length < 5 ? ` With ${tasks.length} tasks the test has little power.` : "";
  const verdict =
    p < 0.05
      ? "Joined estimators differ by less than the critical difference."
      : "It detects no difference, so all are joined.";
  return `Friedman's test: χ² = ${formatNumber(chiSquared, 3)}${statistic}, ${shown} (Iman and Davenport). ${verdict} The critical difference is Nemenyi's at 95%.${power}`;
}

/** The section and the tables that its buttons copy. */
export function acrossSection(
  across: AcrossTasks,
  chart: Chart,
  parts: {
    readonly mark: EstimatorMark;
    readonly copyable: (table: Table) => ReturnType<typeof html>;
    readonly figure: (chart: Chart, wide: boolean) => ReturnType<typeof html>;
  },
) {
  const { scores, improvement } = acrossTables(across, parts.mark);
  const { left } = across;
  const markup = html`<section id="across-tasks">
    <h2>Across tasks</h2>
    <p class="doc">
      On each task a score is 0 at the worst and 1 at the best mean of the estimators compared; a seed that
      did not finish counts as the worst value. Intervals are percentiles of 2,000 bootstrap samples,
      stratified by task.
      ${left.length > 0 && `Left out, because they have no value on some task: ${listed(left)}.`}
    </p>
    ${parts.copyable(scores)}
    <h3>Critical difference</h3>
    <div class="scroll">${criticalDifferenceDiagram(across)}</div>
    <p class="doc">${friedmanText(across)}</p>
    <div class="charts">${parts.figure(chart, true)}</div>
    <h3>Pairs</h3>
    ${parts.copyable(improvement)}
  </section>`;
  return { markup, tables: [scores, improvement] };
}
