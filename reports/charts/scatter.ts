/** Two costs against one another, a dot an estimator. Runs in Node and, as text, in the page. */
import { emptyLayers, type Specification } from "./line.ts";
import { axisOver, pixelOn, placeNames } from "./names.ts";
import type { Axis } from "./names.ts";
import type { Ink } from "./palette.ts";
import { wrapText } from "./view.ts";
import type { ScaleName, View } from "./view.ts";

export interface Extent {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface Dot {
  readonly label: string;
  readonly x: Extent;
  readonly y: Extent;
  readonly seeds: number;
  /** The mean over seeds of the z of the bias, where it was measured. */
  readonly biasZ: number | null;
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

/** Marks the dots that nothing dominates by its means; less is better on both axes. */
export function markFront(dots: readonly Omit<Dot, "front">[]): Dot[] {
  const dominates = (a: Omit<Dot, "front">, b: Omit<Dot, "front">) =>
    a.x.mean <= b.x.mean && a.y.mean <= b.y.mean && (a.x.mean < b.x.mean || a.y.mean < b.y.mean);
  return dots.map((dot) => ({ ...dot, front: !dots.some((other) => dominates(other, dot)) }));
}

/** The ends that an axis can show; a logarithm has none at or below zero. */
export function shownEnds({ low, high }: Extent, log: boolean): readonly [number, number] | null {
  return low === null || high === null || (log && low <= 0) ? null : [low, high];
}

/** Rows of the drawing: ends of intervals, and the place of each name. */
export function scatterRows(dots: readonly Dot[], x: Axis, y: Axis, width: number, height: number) {
  // Those on the front are named first.
  const sorted = [...dots].sort((a, b) => Number(b.front) - Number(a.front) || a.x.mean - b.x.mean);
  const places = placeNames(
    sorted.map((dot) => ({
      label: dot.label,
      x: pixelOn(x, width, dot.x.mean),
      y: height - pixelOn(y, height, dot.y.mean),
    })),
    width,
    height,
  );
  return sorted.map(({ label, seeds, front, biasZ, ...dot }, index) => {
    const [xLow, xHigh] = shownEnds(dot.x, x.type === "log") ?? [null, null];
    const [yLow, yHigh] = shownEnds(dot.y, y.type === "log") ?? [null, null];
    const ends = { x: dot.x.mean, xLow, xHigh, y: dot.y.mean, yLow, yHigh };
    return { label, ...ends, seeds, front, biasZ, place: places[index] ?? null };
  });
}

/** Vega-Lite's channel of an axis. */
export function scatterChannel({ type, domain, symlog }: Axis, title: string): Specification {
  return {
    type: "quantitative",
    scale: {
      ...{ type, domain, nice: false },
      ...(type === "log" ? {} : { zero: false }),
      ...(symlog === null ? {} : { constant: symlog.constant }),
    },
    axis: {
      ...{ tickCount: 6, labelOverlap: true, format: ".3~g" },
      ...(symlog === null ? {} : { values: symlog.ticks }),
    },
    title,
  };
}

/** The specification: named dots with their intervals, the undominated ones filled and joined. Zeros are dropped from logarithmic axes, and said. */
export function scatterSpec(panel: ScatterPanel, inks: readonly Ink[], view: View): Specification {
  const wanted = panel.dots.filter(({ label }) => !view.hidden.includes(label));
  const dots = wanted.filter(({ x, y }) => y.mean > 0 && (view.yScale !== "log" || x.mean > 0));
  const across = axisOver(
    view.yScale,
    dots.flatMap(({ x }) => [x.mean, ...(shownEnds(x, view.yScale === "log") ?? [])]),
  );
  const upward = axisOver(
    "log",
    dots.flatMap(({ y }) => [y.mean, ...(shownEnds(y, true) ?? [])]),
  );
  // The axis and its title take about 70 pixels of what the page gives.
  const width = (view.width === "container" ? view.textWidth : view.width) - 70;
  const rows = scatterRows(dots, across, upward, width, view.height);
  const notes = [...panel.notes];
  const dropped = wanted.length - dots.length;
  if (dropped > 0) notes.push(`Not on a logarithmic axis: ${dropped} not above zero.`);
  const unnamed = rows.filter(({ place }) => place === null).length;
  if (unnamed > 0) notes.push(`${unnamed} without room for a name: point at the dot.`);
  const shown = inks.filter(({ label }) => dots.some((dot) => dot.label === label));
  const x = { field: "x", ...scatterChannel(across, panel.x) };
  const y = { field: "y", ...scatterChannel(upward, panel.y) };
  const color = {
    field: "label",
    type: "nominal",
    scale: { domain: shown.map(({ label }) => label), range: shown.map(({ colour }) => colour) },
    legend: null,
  };
  const number = (field: string, title: string) => ({ field, title, type: "quantitative", format: ".4~g" });
  const tooltip = [
    { field: "label", title: "estimator", type: "nominal" },
    number("x", panel.x),
    ...[number("xLow", "95% from"), number("xHigh", "95% to")],
    number("y", panel.y),
    ...[number("yLow", "95% from (vertical)"), number("yHigh", "95% to (vertical)")],
    ...(rows.some(({ biasZ }) => biasZ !== null) ? [number("biasZ", "z of the bias")] : []),
    number("seeds", "seeds (n)"),
    { field: "front", title: "on the front", type: "nominal" },
  ];
  const line: Specification = {
    transform: [{ filter: "datum.front" }],
    mark: { type: "line", strokeWidth: 1, strokeDash: [3, 3], color: "#888888" },
    encoding: { x, y, order: { field: "x", type: "quantitative" } },
  };
  const interval = (filter: string, encoding: Specification): Specification => ({
    transform: [{ filter }],
    mark: { type: "rule", strokeWidth: 1.5, opacity: 0.5 },
    encoding: { x, y, color, ...encoding },
  });
  const fill = { ...color, condition: { test: "!datum.front", value: "transparent" } };
  const placed = (name: string) => ({ expr: `datum.place.${name}` });
  const layers: Specification[] = [
    // A variance of zero may be the whole front, and is not on the axis.
    ...(dots.some(({ front }) => front) ? [line] : []),
    interval("datum.xLow !== null", { x: { ...x, field: "xLow" }, x2: { field: "xHigh" } }),
    interval("datum.yLow !== null", { y: { ...y, field: "yLow" }, y2: { field: "yHigh" } }),
    {
      mark: {
        ...{ type: "point", size: 90, strokeWidth: 2 },
        shape: { expr: "abs(datum.biasZ) > 3 ? 'square' : 'circle'" },
      },
      encoding: { x, y, color, tooltip, fill },
    },
    {
      transform: [{ filter: "datum.place !== null" }],
      mark: { type: "text", fontSize: 11, align: placed("align"), dx: placed("dx"), dy: placed("dy") },
      encoding: { x, y, text: { field: "label", type: "nominal" } },
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
    data: { name: "dots", values: rows },
    layer: dots.length === 0 ? emptyLayers() : layers,
  };
}
