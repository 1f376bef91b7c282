/** What is published beside what `bench reproduce` measured: the record, and the texts of its tables. */

export const reproductionVersion = 1;

export type ReproductionVerdict =
  "agrees" | "better" | "worse" | "differs" | "not measured" | "nothing published";

export interface ReproducedValue {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  /** What the interval is over: seeds (t), rows of the split or draws (normal); nothing where there is none. */
  readonly over: "seeds" | "rows" | "draws" | "nothing";
  readonly n: number;
}

/** One number of a paper. */
export interface ReproducedRow {
  readonly experiment: string;
  readonly title: string;
  readonly source: string;
  /** As the paper calls the estimator. */
  readonly column: string;
  readonly task: string;
  readonly estimator: string;
  readonly quantity: string;
  readonly unit: string;
  readonly decimals: number;
  readonly published: number | null;
  /** The value is of no paper, but follows from the task: it stands under "exact". */
  readonly derived: boolean;
  readonly measured: ReproducedValue | null;
  readonly difference: number | null;
  readonly verdict: ReproductionVerdict;
  /** Why the verdict is about unequal things; empty where all that the paper states was done. */
  readonly unequal: readonly string[];
  readonly steps: number | null;
  readonly learningRate: number | null;
  /** By validation; the rates and what validation said of each. */
  readonly tried: readonly { readonly rate: number; readonly value: number | null }[];
  readonly seeds: number;
  /** m of the bound, where it is one, and the rows it was averaged over. */
  readonly samples: number | null;
  readonly rows: number | null;
  /** Of the cells, where not all are done. */
  readonly states: string;
  readonly cells: readonly string[];
}

/** Steps per second at one number of classes. */
export interface SpeedRow {
  readonly experiment: string;
  readonly classes: number;
  readonly sampling: number;
  readonly marginal: number;
  /** Median, least and largest over turns. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly model: number;
  readonly published: number | null;
}

export interface Order {
  readonly experiment: string;
  readonly quantity: string;
  /** Spearman's, over the estimators that were measured. */
  readonly correlation: number | null;
  readonly published: readonly string[];
  readonly measured: readonly string[];
}

export interface Reproduction {
  readonly version: number;
  readonly paper: { readonly key: string; readonly citation: string; readonly link: string };
  readonly command: string;
  readonly budget: string;
  /** Whether everything that was asked for was measured. */
  readonly complete: boolean;
  readonly seconds: { readonly estimated: number; readonly spent: number };
  readonly engine: string;
  readonly jobs: number;
  readonly data: string;
  readonly stated: readonly string[];
  readonly chosen: readonly string[];
  readonly gaveUp: readonly string[];
  readonly rows: readonly ReproducedRow[];
  readonly orders: readonly Order[];
  readonly speed: readonly SpeedRow[];
}

export const minus = (text: string) => text.replace("-", "−");

/** As many digits as the paper prints, one more where the interval bears it. */
export function shownValue({ measured, decimals }: Pick<ReproducedRow, "measured" | "decimals">): string {
  if (measured === null) return "–";
  const half = measured.high === null ? null : measured.high - measured.mean;
  const digits = decimals + (half !== null && half < 10 ** -decimals ? 1 : 0);
  const mean = minus(measured.mean.toFixed(digits));
  return half === null ? mean : `${mean} ± ${half.toFixed(digits)}`;
}

export function shownDifference({
  difference,
  decimals,
}: Pick<ReproducedRow, "difference" | "decimals">): string {
  if (difference === null) return "–";
  const text = difference.toFixed(decimals);
  return difference > 0 ? `+${text}` : minus(text);
}

/** As the paper prints it, 72.0; a derived value in full. */
export const shownPublished = ({ published, derived, decimals }: ReproducedRow): string =>
  published === null ? "–" : minus(derived ? String(published) : published.toFixed(decimals));

/** The verdict, marked where unequal things are compared. */
export const shownVerdict = ({ verdict, unequal }: ReproducedRow): string =>
  unequal.length > 0 && !["not measured", "nothing published"].includes(verdict) ? `${verdict}*` : verdict;

/** As the papers print it: 1e−5. */
export const shownRate = (rate: number | null): string =>
  rate === null ? "–" : rate < 1e-2 ? rate.toExponential().replace("e-", "e−") : String(rate);

const heads = ["measured", "difference", "verdict", "steps", "learning rate", "seeds", "state"];

/** Over the columns of a table. */
export const tableHeads = (rows: readonly ReproducedRow[]): string[] => [
  "estimator",
  rows.every(({ derived }) => derived) ? "exact" : "published",
  ...heads,
];

/** The cells of the printed table, one experiment's quantity at a time. */
export function tableRows(rows: readonly ReproducedRow[]): string[][] {
  return rows.map((row) => [
    row.column,
    shownPublished(row),
    shownValue(row),
    shownDifference(row),
    shownVerdict(row),
    row.steps === null ? "–" : String(row.steps),
    shownRate(row.learningRate),
    String(row.seeds),
    row.states,
  ]);
}

/** Rows of one experiment and quantity, in the order given. */
export function tablesOf(rows: readonly ReproducedRow[]): ReproducedRow[][] {
  const tables = new Map<string, ReproducedRow[]>();
  for (const row of rows) {
    const name = JSON.stringify([row.experiment, row.quantity]);
    tables.set(name, [...(tables.get(name) ?? []), row]);
  }
  return [...tables.values()];
}

/** What stands over a table. */
export function tableTitle(rows: readonly ReproducedRow[]): string {
  const { title, source, quantity, unit, samples, rows: averaged, measured } = rows[0]!;
  const m = rows.find((row) => row.samples !== null)?.samples ?? samples;
  const images = rows.find((row) => row.rows !== null)?.rows ?? averaged;
  const { over, n } = rows.find((row) => row.measured !== null)?.measured ?? measured ?? {};
  const details = [
    unit,
    m === null ? "" : `m = ${m}`,
    images === null ? "" : `${images.toLocaleString("en-US")} rows`,
    over === undefined || over === "nothing"
      ? ""
      : `± 95 % over ${over === "rows" ? `rows of the split, ${n === 1 ? "one training" : `${n} trainings`}` : over}`,
  ].filter((text) => text !== "");
  return `${title} (${source}): ${quantity}${details.length > 0 ? `, ${details.join(", ")}` : ""}`;
}

/** How the order of the estimators compares, in a sentence. */
export function orderSentence({ correlation, published, measured }: Order): string {
  const rho = correlation === null ? "" : ` (rank correlation ${minus(correlation.toFixed(2))})`;
  return `Best to worst, published: ${published.join(", ")}. Measured: ${measured.join(", ")}${rho}.`;
}

/** Everything that made a comparison unequal, once each. */
export const unequalThings = (rows: readonly ReproducedRow[]): string[] => [
  ...new Set(rows.filter(({ measured }) => measured !== null).flatMap(({ unequal }) => unequal)),
];

export interface RatesTable {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whose choice is the least or the largest that was tried: a better one may lie outside. */
  readonly edges: readonly string[];
}

/** What validation said of every rate that was tried; nothing where none was chosen. */
export function ratesTable(all: readonly ReproducedRow[]): RatesTable | undefined {
  const seen = new Set<string>();
  const rows = all.filter(({ experiment, column, tried }) => {
    const name = JSON.stringify([experiment, column]);
    return tried.length > 1 && !seen.has(name) && seen.add(name);
  });
  if (rows.length === 0) return undefined;
  const rates = [...new Set(rows.flatMap((row) => row.tried.map(({ rate }) => rate)))].sort((a, b) => a - b);
  const cell = ({ tried }: ReproducedRow, rate: number) => {
    const found = tried.find((one) => one.rate === rate);
    return found === undefined ? "" : found.value === null ? "diverged" : minus(found.value.toFixed(2));
  };
  const edges = rows.filter(({ learningRate, tried }) => {
    const own = tried.map(({ rate }) => rate);
    return learningRate === Math.min(...own) || learningRate === Math.max(...own);
  });
  return {
    heads: ["experiment", "estimator", ...rates.map(shownRate)],
    rows: rows.map((row) => [row.experiment, row.column, ...rates.map((rate) => cell(row, rate))]),
    edges: edges.map(
      ({ experiment, column, learningRate }) => `${experiment} ${column} ${shownRate(learningRate)}`,
    ),
  };
}

/** Where the choice ended at the edge of what was tried, in a sentence. */
export const edgeSentence = ({ edges, rows }: RatesTable): string =>
  `Chosen at the edge of what was tried, so that a better rate may lie outside: ` +
  `${edges.length === rows.length ? "all" : edges.join("; ")}.`;

const speedHeads = [
  "classes",
  "sampling, steps/s",
  "marginal, steps/s",
  "ratio",
  "least–largest",
  "cost model",
  "published",
];
export const speedTable = {
  heads: speedHeads,
  rows: (rows: readonly SpeedRow[]): string[][] =>
    rows.map((row) => [
      String(row.classes),
      row.sampling.toFixed(1),
      row.marginal.toFixed(1),
      row.ratio.toFixed(2),
      `${row.low.toFixed(2)}–${row.high.toFixed(2)}`,
      row.model.toFixed(2),
      row.published === null ? "–" : String(row.published),
    ]),
};
