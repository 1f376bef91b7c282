/** The chart of speed against the number of classes, Figure 5 of Jang, Gu & Poole 2016. */
import type { SpeedRow } from "../format/reproduction-record.ts";

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
