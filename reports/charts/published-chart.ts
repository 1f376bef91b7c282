/** The chart of a reproduction: published values and measured ones with their intervals, one panel a table. */
import { groupBy } from "../format/group-by.ts";
import type { ReproducedRow } from "../format/reproduction-record.ts";
import { schemaUrl, type Specification } from "./vega-spec.ts";

const names = ["published", "measured"];
const colours = ["#d55e00", "#0072b2"];

/** The rows that the chart draws: those with a printed value that was measured. */
const drawnRows = (rows: readonly ReproducedRow[]) =>
  rows.filter(({ published, derived, measured }) => published !== null && !derived && measured !== null);

/** One table: estimators in the paper's order, from above. */
function panel(rows: readonly ReproducedRow[]): Specification {
  const { title, quantity, unit } = rows[0]!;
  const values = rows.flatMap(({ column, published, measured }) => [
    { column, what: "published", value: published },
    { column, what: "measured", value: measured!.mean, low: measured!.low, high: measured!.high },
  ]);
  const y = { field: "column", type: "nominal", sort: null, title: null };
  const x = {
    type: "quantitative",
    scale: { zero: false, nice: true },
    title: unit === "" ? quantity : `${quantity}, ${unit}`,
  };
  const legend = { orient: "bottom", title: null };
  const color = { field: "what", type: "nominal", scale: { domain: names, range: colours }, legend };
  const shape = { ...color, scale: { domain: names, range: ["diamond", "circle"] } };
  return {
    title: { text: title, anchor: "start" },
    ...{ width: 300, height: { step: 24 } },
    data: { values },
    layer: [
      {
        transform: [{ filter: "isValid(datum.low)" }],
        mark: { type: "rule", strokeWidth: 1.5 },
        encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color },
      },
      {
        mark: { type: "point", filled: true, size: 70, opacity: 1 },
        encoding: { y, x: { ...x, field: "value" }, color, shape },
      },
    ],
  };
}

/** Two panels a row; undefined where nothing that a paper prints was measured. */
export function publishedSpec(rows: readonly ReproducedRow[]): Specification | undefined {
  const tables = groupBy(drawnRows(rows), ({ experiment, quantity }) =>
    JSON.stringify([experiment, quantity]),
  );
  if (tables.size === 0) return undefined;
  return {
    $schema: schemaUrl,
    description: "Published values beside measured ones, with 95 % intervals.",
    columns: 2,
    concat: [...tables.values()].map(panel),
  };
}
