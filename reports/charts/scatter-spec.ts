/** The Vega-Lite specification of a scatter plot: a labelled dot per estimator, the Pareto front filled and joined. */
import type { Range } from "../aggregate/statistics.ts";
import type { Ink } from "./palette.ts";
import type { AxisScale, ChartView, ScatterPanel } from "./panels.ts";
import {
  axisTicks,
  droppedNotes,
  framed,
  freeScale,
  nominalChannel,
  symlogAxis,
  tooltipNumber,
  type Specification,
} from "./vega-spec.ts";

/** The ends of an interval that an axis can show; nulls where there are none. */
const shownEnds = ({ low, high }: Range, log: boolean): readonly [number | null, number | null] =>
  low === null || high === null || (log && low <= 0) ? [null, null] : [low, high];

/** An axis with room for labels at both ends. */
function axisChannel(dots: readonly Range[], scale: AxisScale, field: string, title: string): Specification {
  const values = dots
    .flatMap((dot) => [dot.mean, ...shownEnds(dot, scale === "log")])
    .filter((end) => end !== null);
  const symlog = scale === "symlog" ? symlogAxis(dots.map(({ mean }) => mean)) : null;
  return {
    field,
    type: "quantitative",
    scale: {
      ...{
        ...freeScale(scale),
        nice: false,
        padding: field === "x" ? 70 : 30,
        domain: [Math.min(...values), Math.max(...values)],
      },
      ...(symlog !== null && { constant: symlog.constant }),
    },
    axis: { ...axisTicks, format: ".3~g", ...(symlog !== null && { values: symlog.ticks }) },
    title,
  };
}

const frontLabel = { align: "right", dx: -8, dy: 9 };
const otherLabel = { align: "left", dx: 8, dy: -7 };

/** The specification of a panel under a view. Zeros cannot stand on a logarithmic axis; a note counts them. */
export function scatterSpec(panel: ScatterPanel, inks: readonly Ink[], view: ChartView): Specification {
  const visible = panel.dots.filter(({ label }) => !view.hidden.includes(label));
  const dots = visible.filter(({ x, y }) => y.mean > 0 && (view.yScale !== "log" || x.mean > 0));
  const rows = dots.map(({ label, seeds, front, biasZ, ...dot }) => {
    const [xLow, xHigh] = shownEnds(dot.x, view.yScale === "log");
    const [yLow, yHigh] = shownEnds(dot.y, true);
    return { label, x: dot.x.mean, xLow, xHigh, y: dot.y.mean, yLow, yHigh, seeds, front, biasZ };
  });
  const notes = [...panel.notes, ...droppedNotes(visible.length - dots.length)];
  const [across, upward] = [dots.map((dot) => dot.x), dots.map((dot) => dot.y)];
  const x = axisChannel(across, view.yScale, "x", panel.x);
  const y = axisChannel(upward, "log", "y", panel.y);
  const shown = inks.filter(({ label }) => dots.some((dot) => dot.label === label));
  const names = shown.map(({ label }) => label);
  const colours = shown.map(({ colour }) => colour);
  const color = { ...nominalChannel("label", names, colours), legend: null };
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
  // Nothing lies below and to the left of a dot on the front, so that its label is clear of all dots there.
  const labels = (front: boolean) => ({
    transform: [{ filter: front ? "datum.front" : "!datum.front" }],
    mark: { type: "text", fontSize: 11, ...(front ? frontLabel : otherLabel) },
    encoding: { x, y, text: { field: "label", type: "nominal" } },
  });
  const layers: Specification[] = [
    // A variance of zero may be the whole front, and is not on the axis.
    ...(dots.some((dot) => dot.front) ? [front] : []),
    interval("x"),
    interval("y"),
    { mark: { type: "point", size: 90, strokeWidth: 2, shape }, encoding: { x, y, color, tooltip, fill } },
    labels(true),
    labels(false),
  ];
  return framed(panel, notes, view, { name: "dots", values: rows }, layers);
}
