/** Every estimator against every other: the verdicts as a matrix. */
import { formatInterval, formatNumber, formatRange } from "../aggregate/numbers.ts";
import type { Pair, TaskSummary } from "../format/summary.ts";
import { html } from "./html.ts";
import type { Table, TableCell } from "./table.ts";

const signs = {
  better: "▲",
  worse: "▼",
  "no detectable difference": "≈",
  "not enough seeds to tell": "?",
  "not judged": "–",
} as const;

const kinds = {
  better: "better",
  worse: "worse",
  "no detectable difference": "even",
  "not enough seeds to tell": "unknown",
  "not judged": "unknown",
} as const;

/** The pair as its second sees it. */
function turned(pair: Pair, log: boolean): Pair {
  const turn = (value: number | null) => (value === null ? null : log ? 1 / value : -value);
  const verdict = { better: "worse", worse: "better" } as const;
  return {
    ...pair,
    first: pair.second,
    second: pair.first,
    difference: turn(pair.difference),
    low: turn(pair.high),
    high: turn(pair.low),
    verdict: pair.verdict === "better" || pair.verdict === "worse" ? verdict[pair.verdict] : pair.verdict,
  };
}

function cellOf(pair: Pair | undefined, log: boolean): TableCell {
  if (pair === undefined) return { text: "", kind: "self" };
  const p =
    pair.adjusted === null
      ? ""
      : `, p ${pair.adjusted < 1e-4 ? "< 1e-4" : `= ${formatNumber(pair.adjusted, 2)}`}`;
  const evidence = `n ${pair.seeds}${p}${pair.broken === undefined ? "" : `, ${pair.broken}`}`;
  const fields = {
    ...{ verdict: pair.verdict, mean: pair.difference, low: pair.low, high: pair.high },
    ...{ n: pair.seeds, p: pair.adjusted },
  };
  const [sign, kind] = [signs[pair.verdict], kinds[pair.verdict]];
  // Variances of zero have no ratio, and still a test; two that share no seed have neither.
  if (pair.difference === null)
    return { fields, kind, text: `${sign} ${evidence}`, markup: html`${sign}<small>${evidence}</small>` };
  const value = { mean: pair.difference, low: pair.low, high: pair.high };
  const { mean, range } = formatRange(value);
  const what = `${sign} ${!log && pair.difference > 0 ? "+" : ""}`;
  return {
    ...{ fields, kind },
    text: `${what}${formatInterval(value)}, ${evidence}`,
    markup: html`${what}${mean}<small>${range}</small><small>${evidence}</small>`,
  };
}

const readings = {
  better: "row better",
  worse: "row worse",
  "no detectable difference": "no detectable difference",
  "not enough seeds to tell": "not enough seeds to tell",
  "not judged": "not judged, since seeds broke",
} as const;

/** What each sign that stands in the matrix says; a pair is there both ways round. */
function legend(pairs: readonly Pair[]): string {
  const present = new Set(pairs.map(({ verdict }) => verdict));
  return (Object.keys(signs) as (keyof typeof signs)[])
    .filter((verdict) => present.has(verdict))
    .map((verdict) => `${signs[verdict]} ${readings[verdict]}`)
    .join(", ");
}

/** More than this nobody can read side by side; summary.json has every pair. */
export const mostInMatrix = 30;

/** Row against column; null when there are no pairs or too many estimators to read. */
export function matrixTable(task: TaskSummary, id: string): Table | null {
  if (task.pairs.length === 0 || task.measure === null || task.ranking.length > mostInMatrix) return null;
  const log = task.measure.scale === "log";
  const pairs = new Map(
    task.pairs
      .flatMap((pair) => [pair, turned(pair, log)])
      .map((pair) => [JSON.stringify([pair.first, pair.second]), pair] as const),
  );
  const names = task.ranking.map(({ estimator }) => estimator);
  const read = legend([...pairs.values()]);
  const what = log ? "ratio row / column" : "row − column";
  return {
    id: `${id}-pairs`,
    caption: `Row against column on ${task.task}: ${task.measure.title}, ${what}, p after Holm; ${read}`,
    columns: [{ title: "" }, ...names.map((title) => ({ title }))],
    rows: names.map((name) => ({
      name,
      cells: [{ text: name }, ...names.map((other) => cellOf(pairs.get(JSON.stringify([name, other])), log))],
    })),
    sortable: false,
  };
}
