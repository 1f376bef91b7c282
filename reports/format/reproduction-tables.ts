/** The record of a reproduction as the texts of its tables, for the terminal, Markdown and the page alike. */
import type { EstimatorOrder, ReproducedRow, Reproduction, SpeedRow } from "./reproduction-record.ts";

const minus = (text: string) => text.replace("-", "−");

/** As many digits as the paper prints, one more where the interval bears it. */
function shownValue({ measured, decimals }: Pick<ReproducedRow, "measured" | "decimals">): string {
  if (measured === null) return "–";
  const half = measured.high === null ? null : measured.high - measured.mean;
  const digits = decimals + (half !== null && half < 10 ** -decimals ? 1 : 0);
  const mean = minus(measured.mean.toFixed(digits));
  return half === null ? mean : `${mean} ± ${half.toFixed(digits)}`;
}

function shownDifference({ difference, decimals }: Pick<ReproducedRow, "difference" | "decimals">): string {
  if (difference === null) return "–";
  const text = difference.toFixed(decimals);
  return difference > 0 ? `+${text}` : minus(text);
}

/** As the paper prints it, 72.0; a derived value in full. */
export const shownPublished = ({ published, derived, decimals }: ReproducedRow): string =>
  published === null ? "–" : minus(derived ? String(published) : published.toFixed(decimals));

/** The verdict, marked where unequal things are compared. */
const shownVerdict = ({ verdict, unequal }: ReproducedRow): string =>
  unequal.length > 0 && !["not measured", "nothing published"].includes(verdict) ? `${verdict}*` : verdict;

/** As the papers print it: 1e−5. */
export const shownRate = (rate: number | null): string =>
  rate === null ? "–" : rate < 1e-2 ? rate.toExponential().replace("e-", "e−") : String(rate);

/** A table as texts. */
export interface TextTable {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The table of one quantity of an experiment. */
export interface ReproducedTable extends TextTable {
  readonly title: string;
  /** How the published and measured orders of the estimators compare; absent where there is no order. */
  readonly order?: string;
}

/** Rows with the same key together, in the order in which keys first occur. */
function groupsOf(rows: readonly ReproducedRow[], keyOf: (row: ReproducedRow) => readonly string[]) {
  const groups = new Map<string, [ReproducedRow, ...ReproducedRow[]]>();
  for (const row of rows) {
    const key = JSON.stringify(keyOf(row));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** A table for each experiment and quantity, in the order of the record. */
export function tablesOf({ rows, orders }: Pick<Reproduction, "rows" | "orders">): ReproducedTable[] {
  return groupsOf(rows, ({ experiment, quantity }) => [experiment, quantity]).map((group) => {
    const [{ experiment, quantity }] = group;
    const order = orders.find((one) => one.experiment === experiment && one.quantity === quantity);
    return {
      title: tableTitle(group),
      heads: [
        ...["estimator", group.every(({ derived }) => derived) ? "exact" : "published"],
        ...["measured", "difference", "verdict", "steps", "learning rate", "seeds", "state"],
      ],
      rows: group.map((row) => [
        ...[row.column, shownPublished(row), shownValue(row), shownDifference(row), shownVerdict(row)],
        ...[row.steps === null ? "–" : String(row.steps), shownRate(row.learningRate)],
        ...[String(row.seeds), row.states],
      ]),
      ...(order === undefined ? {} : { order: orderSentence(order) }),
    };
  });
}

/** The title of a table, with the unit, what was averaged and what the interval is over. */
export function tableTitle(rows: readonly ReproducedRow[]): string {
  const { title, source, quantity, unit } = rows[0]!;
  const m = rows.find(({ samples }) => samples !== null)?.samples;
  const averaged = rows.find((row) => row.rows !== null)?.rows;
  const { over, n } = rows.find(({ measured }) => measured !== null)?.measured ?? {};
  const trainings = over === "rows" ? ` of the split, ${n === 1 ? "one training" : `${n} trainings`}` : "";
  const details = [
    quantity,
    unit,
    m === undefined ? "" : `m = ${m}`,
    averaged === undefined ? "" : `${averaged!.toLocaleString("en-US")} rows`,
    over === undefined || over === "nothing" ? "" : `± 95 % over ${over}${trainings}`,
  ];
  return `${title} (${source}): ${details.filter((text) => text !== "").join(", ")}`;
}

function orderSentence({ correlation, published, measured }: EstimatorOrder): string {
  const rho = correlation === null ? "" : ` (rank correlation ${minus(correlation.toFixed(2))})`;
  return `Best to worst, published: ${published.join(", ")}. Measured: ${measured.join(", ")}${rho}.`;
}

/** The reasons why measured and published values are not of equal things, once each. */
export const unequalThings = (rows: readonly ReproducedRow[]): string[] => [
  ...new Set(rows.filter(({ measured }) => measured !== null).flatMap(({ unequal }) => unequal)),
];

/** Validation values of the learning rates that were tried. */
export interface RatesTable extends TextTable {
  /** A sentence where a choice is the least or the largest rate that was tried. */
  readonly edges?: string;
}

/** The learning rates that were tried for each estimator; undefined where none was chosen. */
export function ratesTable(all: readonly ReproducedRow[]): RatesTable | undefined {
  const chosen = all.filter(({ tried }) => tried.length > 1);
  // Every quantity of a column repeats its rates.
  const rows = groupsOf(chosen, ({ experiment, column }) => [experiment, column]).map(([first]) => first);
  if (rows.length === 0) return undefined;
  const rates = [...new Set(rows.flatMap(({ tried }) => tried.map(({ rate }) => rate)))].sort(
    (a, b) => a - b,
  );
  const cell = ({ tried }: ReproducedRow, rate: number) => {
    const found = tried.find((one) => one.rate === rate);
    return found === undefined ? "" : found.value === null ? "diverged" : minus(found.value.toFixed(2));
  };
  const edges = rows.filter(({ learningRate, tried }) => {
    const own = tried.map(({ rate }) => rate);
    return learningRate === Math.min(...own) || learningRate === Math.max(...own);
  });
  const names = edges.map((row) => `${row.experiment} ${row.column} ${shownRate(row.learningRate)}`);
  const which = edges.length === rows.length ? "all" : names.join("; ");
  return {
    heads: ["experiment", "estimator", ...rates.map(shownRate)],
    rows: rows.map((row) => [row.experiment, row.column, ...rates.map((rate) => cell(row, rate))]),
    ...(edges.length === 0
      ? {}
      : { edges: `Chosen at the edge of what was tried, so that a better rate may lie outside: ${which}.` }),
  };
}

/** The speeds of sampling and marginalisation by number of classes. */
export const speedTable = (rows: readonly SpeedRow[]): TextTable => ({
  heads: [
    ...["classes", "sampling, steps/s", "marginal, steps/s", "ratio", "least–largest", "cost model"],
    "published",
  ],
  rows: rows.map((row) => [
    ...[String(row.classes), row.sampling.toFixed(1), row.marginal.toFixed(1), row.ratio.toFixed(2)],
    `${row.low.toFixed(2)}–${row.high.toFixed(2)}`,
    row.model.toFixed(2),
    row.published === null ? "–" : String(row.published),
  ]),
});
