/** What `bench reproduce` leaves in a folder: published beside measured, as JSON, CSV, Markdown and charts. */
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { writeWhole } from "./atomic.ts";
import { drawSvg } from "./picture.ts";

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

const minus = (text: string) => text.replace("-", "−");

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
  const over = rows.find((row) => row.measured !== null)?.measured?.over ?? measured?.over;
  const details = [
    unit,
    m === null ? "" : `m = ${m}`,
    images === null ? "" : `${images.toLocaleString("en-US")} rows`,
    over === undefined || over === "nothing"
      ? ""
      : `± 95 % over ${over === "rows" ? "rows of the split, one training" : over}`,
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

const markdownRow = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map(markdownRow).join("\n");
const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");

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

const clock = (seconds: number) =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(0)} min`;

export function reproductionMarkdown(record: Reproduction): string {
  const { paper, rows, orders, speed, seconds } = record;
  const parts = [
    `# ${paper.citation}, reproduced`,
    `[${paper.citation}](${paper.link}). Made by \`${record.command}\`: budget ${record.budget}, ` +
      `engine ${record.engine}, ${record.jobs} process${record.jobs === 1 ? "" : "es"}, data ${record.data}; ` +
      `estimated ${clock(seconds.estimated)}, spent ${clock(seconds.spent)}.`,
  ];
  if (!record.complete) parts.push("**Not complete**: what is missing says so; the same command goes on.");
  for (const table of tablesOf(rows)) {
    parts.push(`## ${tableTitle(table)}`, markdownTable(tableHeads(table), tableRows(table)));
    const order = orders.find(
      ({ experiment, quantity }) => experiment === table[0]!.experiment && quantity === table[0]!.quantity,
    );
    if (order !== undefined) parts.push(orderSentence(order));
  }
  if (speed.length > 0)
    parts.push(
      "## Speed against the number of classes",
      markdownTable(speedTable.heads, speedTable.rows(speed)),
      "![Speed against the number of classes](speed.svg)",
    );
  const unequal = unequalThings(rows);
  if (unequal.length > 0) parts.push("## \\* What is unequal", bullets(unequal));
  if (record.gaveUp.length > 0) parts.push("## What this budget gave up", bullets(record.gaveUp));
  parts.push("## As the paper states it", bullets(record.stated), "## What we chose", bullets(record.chosen));
  const tried = rows.filter((row) => row.tried.length > 1);
  if (tried.length > 0) {
    const rates = [...new Set(tried.flatMap((row) => row.tried.map(({ rate }) => rate)))].sort(
      (a, b) => a - b,
    );
    const seen = new Set<string>();
    const once = tried.filter(({ experiment, column }) => {
      const name = JSON.stringify([experiment, column]);
      return seen.has(name) ? false : (seen.add(name), true);
    });
    const cell = ({ tried: all }: ReproducedRow, rate: number) => {
      const found = all.find((one) => one.rate === rate);
      return found === undefined ? "" : found.value === null ? "diverged" : minus(found.value.toFixed(2));
    };
    parts.push(
      "## Learning rates by validation (higher is better)",
      markdownTable(
        ["experiment", "estimator", ...rates.map(shownRate)],
        once.map((row) => [row.experiment, row.column, ...rates.map((rate) => cell(row, rate))]),
      ),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

export function reproductionCsv(rows: readonly ReproducedRow[]): string {
  return stringify(
    rows.map(({ measured, tried, unequal, cells, ...row }) => ({
      ...row,
      measured: measured?.mean,
      low: measured?.low,
      high: measured?.high,
      over: measured?.over,
      unequal: unequal.join(" "),
      tried: tried.map(({ rate }) => rate).join(" "),
      cells: cells.join(" "),
    })),
    { header: rows.length > 0 },
  );
}

/** Ratios of speed against K: measured with their spread, the cost model, and what is published. */
export function speedSpec(rows: readonly SpeedRow[]): Record<string, unknown> {
  const names = ["measured", "cost model", "published"];
  const values = rows.flatMap(({ classes, ratio, low, high, model, published }) => [
    { classes, what: names[0], ratio, low, high },
    { classes, what: names[1], ratio: model },
    ...(published === null ? [] : [{ classes, what: names[2], ratio: published }]),
  ]);
  const x = {
    field: "classes",
    type: "quantitative",
    scale: { type: "log", nice: false },
    axis: { values: rows.map(({ classes }) => classes) },
    title: "classes K",
  };
  const y = { type: "quantitative", scale: { type: "log" }, title: "times as fast as marginalisation" };
  const color = {
    field: "what",
    type: "nominal",
    title: null,
    scale: { domain: names, range: ["#0072b2", "#888888", "#d55e00"] },
    legend: { orient: "bottom" },
  };
  const strokeDash = {
    ...{ field: "what", type: "nominal", title: null },
    scale: {
      domain: names,
      range: [
        [1, 0],
        [6, 3],
        [1, 0],
      ],
    },
    legend: { orient: "bottom" },
  };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: "Steps per second of sampling over those of marginalisation, against the number of classes.",
    title: {
      text: "How much faster sampling is than marginalisation",
      subtitle: "Ratio of steps per second, one engine, the two in turns; bars from least to largest turn.",
      anchor: "start",
      frame: "group",
    },
    width: 560,
    height: 320,
    data: { values },
    layer: [
      {
        transform: [{ filter: "datum.what !== 'published'" }],
        mark: { type: "line" },
        encoding: { x, y: { ...y, field: "ratio" }, color, strokeDash },
      },
      {
        transform: [{ filter: "isValid(datum.low)" }],
        mark: { type: "rule", strokeWidth: 2 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" }, color },
      },
      {
        mark: { type: "point", filled: true, size: 60, opacity: 1 },
        encoding: { x, y: { ...y, field: "ratio" }, color },
      },
    ],
  };
}

/** Writes reproduction.json, .csv and .md and, where speed was measured, speed.vl.json and speed.svg. */
export async function writeReproduction(folder: string, record: Reproduction): Promise<void> {
  const files: [string, string][] = [
    ["reproduction.json", `${JSON.stringify(record, undefined, 2)}\n`],
    ["reproduction.csv", reproductionCsv(record.rows)],
    ["reproduction.md", reproductionMarkdown(record)],
  ];
  if (record.speed.length > 0) {
    const spec = speedSpec(record.speed);
    files.push(
      ["speed.vl.json", `${JSON.stringify(spec, undefined, 2)}\n`],
      ["speed.svg", await drawSvg(spec)],
    );
  }
  for (const [name, text] of files) await writeWhole(join(folder, name), text);
}
