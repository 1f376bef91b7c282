/** The tables of a reproduction for a terminal. */
import type { Reproduction } from "../../../reports/format/reproduction-record.ts";
import { speedTable, tablesOf, unequalThings } from "../../../reports/format/reproduction-tables.ts";
import { table } from "./plain-table.ts";

/** Published and measured side by side. */
export function reproductionText(record: Reproduction): string {
  const parts = tablesOf(record).map(
    ({ title, heads, rows, order }) =>
      `${title}\n${table(heads, rows)}${order === undefined ? "" : `${order}\n`}`,
  );
  const speed = speedTable(record.speed);
  if (speed.rows.length > 0) parts.push(table(speed.heads, speed.rows));
  const unequal = unequalThings(record.rows);
  if (unequal.length > 0) parts.push(unequal.map((reason) => `* ${reason}\n`).join(""));
  return parts.join("\n");
}
