/** Writes the record of a reproduction as JSON, CSV, Markdown and charts. */
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { replaceFile } from "../format/disk.ts";
import { drawSvg } from "./picture.ts";
import type { ReproducedRow, Reproduction } from "../format/reproduction-record.ts";
import {
  reproductionSections,
  type ReproductionSection,
  type TextTable,
} from "../format/reproduction-tables.ts";
import { publishedSpec } from "../charts/published-chart.ts";
import { speedSpec } from "../charts/speed-chart.ts";

const markdownRow = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const markdownTable = ({ heads, rows }: TextTable) =>
  [heads, heads.map(() => "---"), ...rows].map(markdownRow).join("\n");

function sectionMarkdown({ title, table, list = [], note, speedChart }: ReproductionSection): string {
  const parts = [
    `## ${title.replace("*", "\\*")}`,
    table && markdownTable(table),
    list.map((line) => `- ${line}`).join("\n"),
    note,
    speedChart && `![${title}](speed.svg)`,
  ];
  return parts.filter((part) => typeof part === "string" && part !== "").join("\n\n");
}

const clock = (seconds: number) =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(0)} min`;

export function reproductionMarkdown(record: Reproduction): string {
  const { paper, seconds } = record;
  const parts = [
    `# ${paper.citation}, reproduced`,
    `[${paper.citation}](${paper.link}). Made by \`${record.command}\`: budget ${record.budget}, ` +
      `engine ${record.engine}, ${record.jobs} process${record.jobs === 1 ? "" : "es"}, data ${record.data}; ` +
      `estimated ${clock(seconds.estimated)}, spent ${clock(seconds.spent)}.`,
  ];
  if (!record.complete) parts.push("**Not complete**: see the column “state”; the same command goes on.");
  if (publishedSpec(record.rows)) parts.push("![Published and measured values](published.svg)");
  return `${[...parts, ...reproductionSections(record).map(sectionMarkdown)].join("\n\n")}\n`;
}

function reproductionCsv(rows: readonly ReproducedRow[]): string {
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

/** Writes reproduction.json, .csv and .md, and the charts published and speed where there is something to draw. */
export async function writeReproduction(folder: string, record: Reproduction): Promise<void> {
  const files: [string, string][] = [
    ["reproduction.json", `${JSON.stringify(record, undefined, 2)}\n`],
    ["reproduction.csv", reproductionCsv(record.rows)],
    ["reproduction.md", reproductionMarkdown(record)],
  ];
  const charts = {
    published: publishedSpec(record.rows),
    speed: record.speed.length > 0 ? speedSpec(record.speed) : undefined,
  };
  for (const [name, spec] of Object.entries(charts))
    if (spec)
      files.push(
        [`${name}.vl.json`, `${JSON.stringify(spec, undefined, 2)}\n`],
        [`${name}.svg`, await drawSvg(spec)],
      );
  for (const [name, text] of files) replaceFile(join(folder, name), text);
}
