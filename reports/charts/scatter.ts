/** Two costs against one another, a dot an estimator. Runs in Node and, as text, in the page. */
import { emptyLayers, type Specification } from "./line.ts";
import type { Ink } from "./palette.ts";
import { symlogAxis, wrapText } from "./view.ts";
import type { ScaleName, View } from "./view.ts";

export interface Dot {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly seeds: number;
  /** Whether no other dot is at least as good in both and better in one. */
  readonly front: boolean;
}

export interface ScatterPanel {
  readonly name: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly x: string;
  readonly y: string;
  /** Of the horizontal axis; the vertical one is logarithmic. */
  readonly scales: readonly ScaleName[];
  readonly dots: readonly Dot[];
}

/** Marks the dots that nothing dominates; less is better on both axes. */
export function markFront(dots: readonly Omit<Dot, "front">[]): Dot[] {
  const dominates = (a: Omit<Dot, "front">, b: Omit<Dot, "front">) =>
    a.x <= b.x && a.y <= b.y && (a.x < b.x || a.y < b.y);
  return dots.map((dot) => ({ ...dot, front: !dots.some((other) => dominates(other, dot)) }));
}

/** The specification: named dots, the undominated ones filled and joined. Zeros are dropped from logarithmic axes, and said. */
export function scatterSpec(panel: ScatterPanel, inks: readonly Ink[], view: View): Specification {
  const wanted = panel.dots.filter(({ label }) => !view.hidden.includes(label));
  const dots = wanted.filter(({ x, y }) => y > 0 && (view.yScale !== "log" || x > 0));
  const dropped = wanted.length - dots.length;
  const notes = [...panel.notes];
  if (dropped > 0) notes.push(`Not on a logarithmic axis: ${dropped} not above zero.`);
  const shown = inks.filter(({ label }) => dots.some((dot) => dot.label === label));
  const plain = view.yScale === "log" ? {} : { zero: false };
  const symlog = view.yScale === "symlog" ? symlogAxis(dots.map((dot) => dot.x)) : null;
  const x = {
    field: "x",
    type: "quantitative",
    scale: {
      type: view.yScale,
      nice: view.yScale === "linear",
      padding: 20,
      ...plain,
      ...(symlog === null ? {} : { constant: symlog.constant }),
    },
    axis: {
      tickCount: 6,
      labelOverlap: true,
      format: ".3~g",
      ...(symlog === null ? {} : { values: symlog.ticks }),
    },
    title: panel.x,
  };
  const y = {
    field: "y",
    type: "quantitative",
    scale: { type: "log", nice: false, padding: 20 },
    axis: { tickCount: 6, labelOverlap: true, format: ".3~g" },
    title: panel.y,
  };
  const color = {
    field: "label",
    type: "nominal",
    scale: { domain: shown.map(({ label }) => label), range: shown.map(({ colour }) => colour) },
    legend: null,
  };
  const number = (field: string, title: string) => ({ field, title, type: "quantitative", format: ".5~g" });
  const tooltip = [
    { field: "label", title: "estimator", type: "nominal" },
    number("x", panel.x),
    number("y", panel.y),
    number("seeds", "seeds (n)"),
    { field: "front", title: "on the front", type: "nominal" },
  ];
  const line: Specification = {
    transform: [{ filter: "datum.front" }],
    mark: { type: "line", strokeWidth: 1, strokeDash: [3, 3], color: "#888888" },
    encoding: { x, y, order: { field: "x", type: "quantitative" } },
  };
  const layers: Specification[] = [
    // A variance of zero may be the whole front, and is not on the axis.
    ...(dots.some(({ front }) => front) ? [line] : []),
    {
      mark: { type: "point", size: 90, strokeWidth: 2 },
      encoding: {
        x,
        y,
        color,
        tooltip,
        fill: { ...color, condition: { test: "!datum.front", value: "transparent" } },
      },
    },
    {
      mark: { type: "text", align: "left", dx: 9, dy: -6, fontSize: 11 },
      encoding: { x, y, color, text: { field: "label", type: "nominal" } },
    },
  ];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: [panel.title, ...notes].join(". "),
    title: {
      text: wrapText([panel.title], 0.8 * view.textWidth),
      subtitle: wrapText(notes, view.textWidth),
      anchor: "start",
      frame: "group",
    },
    width: view.width,
    height: view.height,
    autosize: { type: "fit-x", contains: "padding" },
    data: { name: "dots", values: dots },
    layer: dots.length === 0 ? emptyLayers() : layers,
  };
}
