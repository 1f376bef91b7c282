/** What `bench reproduce` leaves in a folder: published beside measured, as JSON, CSV, Markdown and charts. */
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { writeWhole } from "../format/atomic-write.ts";
import { drawSvg } from "./picture.ts";
import {
  edgeSentence,
  orderSentence,
  ratesTable,
  speedTable,
  tableHeads,
  tableRows,
  tablesOf,
  tableTitle,
  unequalThings,
  type ReproducedRow,
  type Reproduction,
} from "../format/reproduction-record.ts";
import { speedSpec } from "../charts/speed-chart.ts";
import { summedText } from "../format/checked-json.ts";

const markdownRow = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map(markdownRow).join("\n");
const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");

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
  const rates = ratesTable(rows);
  if (rates !== undefined) {
    parts.push("## Learning rates by validation (higher is better)", markdownTable(rates.heads, rates.rows));
    if (rates.edges.length > 0) parts.push(edgeSentence(rates));
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

/** Writes reproduction.json, .csv and .md and, where speed was measured, speed.vl.json and speed.svg. */
export async function writeReproduction(folder: string, record: Reproduction): Promise<void> {
  const files: [string, string][] = [
    ["reproduction.json", summedText(record)],
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
