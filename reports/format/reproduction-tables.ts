/** The record of a reproduction as the texts of its tables, for the terminal, Markdown and the page alike. */
import { groupBy } from "./group-by.ts";
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

/** The stored value with its interval, and whether the new one lies within. */
const shownVerified = ({ verified, decimals }: ReproducedRow): string[] =>
  verified
    ? [
        `${minus(verified.mean.toFixed(decimals))} ± ${verified.half.toFixed(decimals)}`,
        verified.agrees ? "agrees" : "differs",
      ]
    : ["–", "nothing stored"];

/** What --verify finds: the sentence, and whether all values with enough stored seeds agree. */
export function verification({ rows }: Pick<Reproduction, "rows">): { agrees: boolean; sentence: string } {
  const compared = rows.filter(({ verified }) => verified);
  const differing = compared.filter(({ verified }) => !verified!.agrees);
  const names = differing.map(({ experiment, column, quantity }) => `${experiment} ${column} (${quantity})`);
  const without = rows.length - compared.length;
  if (compared.length === 0)
    return { agrees: false, sentence: "Not verified: no values are stored at these settings." };
  const rest = without === 0 ? "" : ` ${without} have no stored values at these settings.`;
  const sentence =
    differing.length === 0
      ? `Verified: ${compared.length} of ${rows.length} values agree with ours.`
      : `Differs: ${differing.length} of ${compared.length} values are not ours: ${names.join(", ")}.`;
  return { agrees: compared.length > 0 && differing.length === 0, sentence: `${sentence}${rest}` };
}

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

/** A table for each experiment and quantity, in the order of the record. */
export function tablesOf({ rows, orders }: Pick<Reproduction, "rows" | "orders">): ReproducedTable[] {
  const groups = groupBy(rows, ({ experiment, quantity }) => JSON.stringify([experiment, quantity]));
  return [...groups.values()].map((group) => {
    const { experiment, quantity } = group[0]!;
    const verified = group.some((row) => row.verified);
    const order = orders.find((one) => one.experiment === experiment && one.quantity === quantity);
    return {
      title: tableTitle(group),
      heads: [
        ...["estimator", group.every(({ derived }) => derived) ? "exact" : "published"],
        ...["measured", "difference", "verdict", "steps", "learning rate", "seeds", "state"],
        ...(verified ? ["ours, 99 % of seeds", "verified"] : []),
      ],
      rows: group.map((row) => [
        ...[row.column, shownPublished(row), shownValue(row), shownDifference(row), shownVerdict(row)],
        ...[row.steps === null ? "–" : String(row.steps), shownRate(row.learningRate)],
        ...[String(row.seeds), row.states],
        ...(verified ? shownVerified(row) : []),
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

/** The validation values of the learning rates that were tried for each estimator; nothing where none was chosen. */
function ratesSections(all: readonly ReproducedRow[]): ReproductionSection[] {
  const chosen = all.filter(({ tried }) => tried.length > 1);
  // Every quantity of a column repeats its rates.
  const columns = groupBy(chosen, ({ experiment, column }) => JSON.stringify([experiment, column]));
  const rows = [...columns.values()].map(([first]) => first!);
  if (rows.length === 0) return [];
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
  const table = {
    heads: ["experiment", "estimator", ...rates.map(shownRate)],
    rows: rows.map((row) => [row.experiment, row.column, ...rates.map((rate) => cell(row, rate))]),
  };
  const note = `Chosen at the edge of what was tried, so that a better rate may lie outside: ${which}.`;
  return [
    { title: "Learning rates by validation (higher is better)", table, ...(edges.length > 0 && { note }) },
  ];
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

/** A section of the report of a reproduction: a table or a list, and what is to be said of it. */
export interface ReproductionSection {
  readonly title: string;
  readonly table?: TextTable;
  readonly list?: readonly string[];
  readonly note?: string;
  /** Whether the chart of the speeds stands here. */
  readonly speedChart?: true;
}

/** The sections of a report in their order, without those that have nothing to say. */
export function reproductionSections(record: Reproduction): ReproductionSection[] {
  const { rows, speed, gaveUp, stated, chosen } = record;
  const lists: readonly ReproductionSection[] = [
    { title: "* What is unequal", list: unequalThings(rows) },
    { title: "What this budget gave up", list: gaveUp },
    { title: "As the paper states it", list: stated },
    { title: "What we chose", list: chosen },
  ];
  const speeds = { title: "Speed against the number of classes", table: speedTable(speed) };
  return [
    ...tablesOf(record).map(({ title, order, ...table }) => ({
      ...{ title, table },
      ...(order !== undefined && { note: order }),
    })),
    ...(speed.length > 0 ? [{ ...speeds, speedChart: true } as const] : []),
    ...lists.filter(({ list }) => list!.length > 0),
    ...ratesSections(rows),
  ];
}
