/** The chart of speed against the number of classes, Figure 5 of Jang, Gu & Poole 2016. */
import type { SpeedRow } from "../format/reproduction-record.ts";
import { intervalBars, nominalChannel, schemaUrl, type Specification } from "./vega-spec.ts";

const names = ["measured", "cost model", "published"];
const solid = [1, 0];
const dashed = [6, 3];

/** Ratios of speed against K: measured, with their spread; by the cost model; and published. */
export function speedSpec(rows: readonly SpeedRow[]): Specification {
  const values = rows.flatMap(({ classes, ratio, low, high, model, published }) => [
    { classes, what: "measured", ratio, low, high },
    { classes, what: "cost model", ratio: model },
    ...(published === null ? [] : [{ classes, what: "published", ratio: published }]),
  ]);
  const x = {
    field: "classes",
    type: "quantitative",
    scale: { type: "log", nice: false },
    axis: { values: rows.map(({ classes }) => classes) },
    title: "classes K",
  };
  const y = { type: "quantitative", scale: { type: "log" }, title: "times as fast as marginalisation" };
  const channel = (range: readonly unknown[]) => ({
    ...nominalChannel("what", names, range),
    title: null,
    legend: { orient: "bottom" },
  });
  const color = channel(["#0072b2", "#888888", "#d55e00"]);
  const ratio = { x, y: { ...y, field: "ratio" }, color };
  return {
    $schema: schemaUrl,
    description: "Steps per second of sampling over those of marginalisation, against the number of classes.",
    title: {
      text: "How much faster sampling is than marginalisation",
      subtitle:
        "Ratio of steps per second on one engine, measured in alternation; bars from the least to the largest ratio.",
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
        encoding: { ...ratio, strokeDash: channel([solid, dashed, solid]) },
      },
      intervalBars(y, { x, color }),
      { mark: { type: "point", filled: true, size: 60, opacity: 1 }, encoding: ratio },
    ],
  };
}
