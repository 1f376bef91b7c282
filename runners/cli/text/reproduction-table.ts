import {
  orderSentence,
  speedTable,
  tableHeads,
  tableRows,
  tablesOf,
  tableTitle,
  unequalThings,
  type Reproduction,
} from "../../../reports/format/reproduction-record.ts";
import { table } from "./plain-table.ts";

/** Published and measured side by side, for a terminal. */
export function reproductionText(record: Reproduction): string {
  const parts = tablesOf(record.rows).map((rows) => {
    const order = record.orders.find(
      ({ experiment, quantity }) => experiment === rows[0]!.experiment && quantity === rows[0]!.quantity,
    );
    const text = `${tableTitle(rows)}\n${table(tableHeads(rows), tableRows(rows))}`;
    return order === undefined ? text : `${text}${orderSentence(order)}\n`;
  });
  if (record.speed.length > 0) parts.push(table(speedTable.heads, speedTable.rows(record.speed)));
  const unequal = unequalThings(record.rows);
  if (unequal.length > 0) parts.push(unequal.map((reason) => `* ${reason}\n`).join(""));
  return parts.join("\n");
}
