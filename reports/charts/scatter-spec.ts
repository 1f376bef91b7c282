/** The Vega-Lite specification of a scatter plot: a labelled dot per estimator, the Pareto front filled and joined. */
import type { Range } from "../aggregate/statistics.ts";
import { labelPlaces, pixelOn, scatterAxis, type ScatterAxis } from "./dot-labels.ts";
import type { Ink } from "./palette.ts";
import type { ChartView, ScatterDot, ScatterPanel } from "./panels.ts";
import { axisTicks, droppedNotes, framed, freeScale, nominalChannel, tooltipNumber } from "./vega-spec.ts";
import type { Specification } from "./vega-spec.ts";

/** The ends of an interval that an axis can show; nulls where there are none. */
const shownEnds = ({ low, high }: Range, log: boolean): readonly [number | null, number | null] =>
  low === null || high === null || (log && low <= 0) ? [null, null] : [low, high];

function axisOf(dots: readonly Range[], scale: ScatterAxis["scale"]): ScatterAxis {
  const values = dots.flatMap((range) => [range.mean, ...shownEnds(range, scale === "log")]);
  return scatterAxis(
    scale,
    values.filter((value) => value !== null),
  );
}

/** Rows of the drawing: means, ends of intervals, and the place of each label. Labels on the front are placed first. */
function scatterRows(
  dots: readonly ScatterDot[],
  x: ScatterAxis,
  y: ScatterAxis,
  width: number,
  height: number,
) {
  const sorted = [...dots].sort((a, b) => Number(b.front) - Number(a.front) || a.x.mean - b.x.mean);
  const spots = sorted.map((dot) => ({
    ...{ label: dot.label, x: pixelOn(x, width, dot.x.mean), y: height - pixelOn(y, height, dot.y.mean) },
  }));
  const places = labelPlaces(spots, width, height);
  return sorted.map(({ label, seeds, front, biasZ, ...dot }, index) => {
    const [xLow, xHigh] = shownEnds(dot.x, x.scale === "log");
    const [yLow, yHigh] = shownEnds(dot.y, y.scale === "log");
    const ends = { x: dot.x.mean, xLow, xHigh, y: dot.y.mean, yLow, yHigh };
    return { label, ...ends, seeds, front, biasZ, place: places[index] ?? null };
  });
}

function axisChannel({ scale, domain, symlog }: ScatterAxis, field: string, title: string): Specification {
  return {
    field,
    type: "quantitative",
    scale: {
      ...{ ...freeScale(scale), domain, nice: false },
      ...(symlog !== null && { constant: symlog.constant }),
    },
    axis: { ...axisTicks, format: ".3~g", ...(symlog !== null && { values: symlog.ticks }) },
    title,
  };
}

/** The specification of a panel under a view. Zeros cannot stand on a logarithmic axis; a note counts them. */
export function scatterSpec(panel: ScatterPanel, inks: readonly Ink[], view: ChartView): Specification {
  const visible = panel.dots.filter(({ label }) => !view.hidden.includes(label));
  const dots = visible.filter(({ x, y }) => y.mean > 0 && (view.yScale !== "log" || x.mean > 0));
  const across = axisOf(
    dots.map((dot) => dot.x),
    view.yScale,
  );
  const upward = axisOf(
    dots.map((dot) => dot.y),
    "log",
  );
  // The axis and its title take about 70 pixels of the width.
  const width = (view.width === "container" ? view.textWidth : view.width) - 70;
  const rows = scatterRows(dots, across, upward, width, view.height);
  const unlabelled = rows.filter(({ place }) => place === null).length;
  const notes = [
    ...panel.notes,
    ...droppedNotes(visible.length - dots.length),
    ...(unlabelled === 0 ? [] : [`Labels without room: ${unlabelled}; hover over a dot to read its name.`]),
  ];
  const x = axisChannel(across, "x", panel.x);
  const y = axisChannel(upward, "y", panel.y);
  const shown = inks.filter(({ label }) => dots.some((dot) => dot.label === label));
  const labels = shown.map(({ label }) => label);
  const colours = shown.map(({ colour }) => colour);
  const color = { ...nominalChannel("label", labels, colours), legend: null };
  const number = (field: string, title: string) => tooltipNumber(field, title, ".4~g");
  const tooltip = [
    { field: "label", title: "estimator", type: "nominal" },
    ...[number("x", panel.x), number("xLow", "95% from"), number("xHigh", "95% to")],
    ...[number("y", panel.y), number("yLow", "95% from (vertical)"), number("yHigh", "95% to (vertical)")],
    ...(rows.some(({ biasZ }) => biasZ !== null) ? [number("biasZ", "z of the bias")] : []),
    number("seeds", "seeds (n)"),
    { field: "front", title: "on the front", type: "nominal" },
  ];
  const front = {
    transform: [{ filter: "datum.front" }],
    mark: { type: "line", strokeWidth: 1, strokeDash: [3, 3], color: "#888888" },
    encoding: { x, y, order: { field: "x", type: "quantitative" } },
  };
  const interval = (axis: "x" | "y") => ({
    transform: [{ filter: `datum.${axis}Low !== null` }],
    mark: { type: "rule", strokeWidth: 1.5, opacity: 0.5 },
    encoding: {
      ...{ x, y, color, [axis]: { ...(axis === "x" ? x : y), field: `${axis}Low` } },
      [`${axis}2`]: { field: `${axis}High` },
    },
  });
  const fill = { ...color, condition: { test: "!datum.front", value: "transparent" } };
  const shape = { expr: "abs(datum.biasZ) > 3 ? 'square' : 'circle'" };
  const placed = (name: string) => ({ expr: `datum.place.${name}` });
  const layers: Specification[] = [
    // A variance of zero may be the whole front, and is not on the axis.
    ...(dots.some((dot) => dot.front) ? [front] : []),
    interval("x"),
    interval("y"),
    { mark: { type: "point", size: 90, strokeWidth: 2, shape }, encoding: { x, y, color, tooltip, fill } },
    {
      transform: [{ filter: "datum.place !== null" }],
      mark: { type: "text", fontSize: 11, align: placed("align"), dx: placed("dx"), dy: placed("dy") },
      encoding: { x, y, text: { field: "label", type: "nominal" } },
    },
  ];
  return framed(panel, notes, view, { name: "dots", values: rows }, layers);
}
