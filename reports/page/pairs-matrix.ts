/** Every estimator against every other: the verdicts as a matrix. */
import { formatInterval, formatNumber, formatRange } from "../aggregate/numbers.ts";
import type { Pair, TaskSummary, Verdict } from "../format/summary.ts";
import { html } from "./html.ts";
import type { Table, TableCell } from "./table.ts";

/** The sign of a verdict, its class in the style, and what the legend says of it. */
const verdicts: Readonly<Record<Verdict, { sign: string; kind: string; legend: string }>> = {
  better: { sign: "▲", kind: "better", legend: "row better" },
  worse: { sign: "▼", kind: "worse", legend: "row worse" },
  "no detectable difference": { sign: "≈", kind: "even", legend: "no detectable difference" },
  "not enough seeds to tell": { sign: "?", kind: "unknown", legend: "not enough seeds to tell" },
  "not judged": { sign: "–", kind: "unknown", legend: "not judged, because seeds did not finish" },
};

/** The same pair with its estimators exchanged. */
function exchanged(pair: Pair, ratio: boolean): Pair {
  const turn = (value: number | null) => (value === null ? null : ratio ? 1 / value : -value);
  const verdict = pair.verdict === "better" ? "worse" : pair.verdict === "worse" ? "better" : pair.verdict;
  const { first, second, difference, low, high } = pair;
  const ends = { difference: turn(difference), low: turn(high), high: turn(low) };
  return { ...pair, ...ends, first: second, second: first, verdict };
}

function pairCell(pair: Pair | undefined, ratio: boolean): TableCell {
  if (pair === undefined) return { text: "", kind: "self" };
  const { verdict, difference, low, high, seeds, adjusted, broken } = pair;
  const { sign, kind } = verdicts[verdict];
  const p = adjusted !== null && `p ${adjusted < 1e-4 ? "< 1e-4" : `= ${formatNumber(adjusted, 2)}`}`;
  const evidence = [`n ${seeds}`, p, broken].filter((part) => typeof part === "string").join(", ");
  const fields = { verdict, mean: difference, low, high, n: seeds, p: adjusted };
  // Variances of zero have a test but no ratio; estimators that share no seed have neither.
  if (difference === null)
    return { fields, kind, text: `${sign} ${evidence}`, markup: html`${sign}<small>${evidence}</small>` };
  const range = { mean: difference, low, high };
  const shown = formatRange(range);
  const start = `${sign} ${!ratio && difference > 0 ? "+" : ""}`;
  return {
    fields,
    kind,
    text: `${start}${formatInterval(range)}, ${evidence}`,
    markup: html`${start}${shown.mean}<small>${shown.range}</small><small>${evidence}</small>`,
  };
}

/** A larger matrix cannot be read; summary.json has every pair. */
export const mostInMatrix = 30;

/** Row against column; null where there are no pairs, or too many estimators to read. */
export function matrixTable(task: TaskSummary, id: string): Table | null {
  const { measure, ranking } = task;
  if (task.pairs.length === 0 || measure === null || ranking.length > mostInMatrix) return null;
  const ratio = measure.scale === "log";
  const both = task.pairs.flatMap((pair) => [pair, exchanged(pair, ratio)]);
  const byNames = new Map(both.map((pair) => [JSON.stringify([pair.first, pair.second]), pair]));
  const names = ranking.map(({ estimator }) => estimator);
  const legend = Object.entries(verdicts)
    .filter(([name]) => both.some(({ verdict }) => verdict === name))
    .map(([, verdict]) => `${verdict.sign} ${verdict.legend}`)
    .join(", ");
  const quantity = ratio ? "ratio row / column" : "row − column";
  return {
    id: `${id}-pairs`,
    caption: `Row against column on ${task.task}: ${measure.title}, ${quantity}, p after Holm; ${legend}`,
    columns: [{ title: "" }, ...names.map((title) => ({ title }))],
    rows: names.map((name) => ({
      name,
      cells: [
        { text: name },
        ...names.map((other) => pairCell(byNames.get(JSON.stringify([name, other])), ratio)),
      ],
    })),
    sortable: false,
  };
}
