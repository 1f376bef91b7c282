/** The one Vega-Lite specification of all curves. Runs in Node and, as text, in the page. */
import type { Ink } from "./palette.ts";
import { drawnRows, symlogAxis, wrapText } from "./view.ts";
import type { Drawn, Panel, View } from "./view.ts";

export type Specification = Record<string, unknown>;

/** The axes: what is on them, on which scale, and which way is better. */
export function lineAxes(
  panel: Panel,
  view: View,
  { negated, means, domain }: Drawn,
): { x: Specification; y: Specification } {
  const log = view.yScale === "log";
  const column = { step: 0, evaluations: 1, seconds: 2 }[view.x] as 0 | 1 | 2;
  const symlog = view.yScale === "symlog" ? symlogAxis(means.map(({ mean }) => mean)) : null;
  const largest = Math.max(0, ...panel.curves.map(({ rows }) => rows.at(-1)?.[column] ?? 0));
  const titles = {
    step: "steps",
    evaluations: "evaluations per row, forward + backward",
    seconds: "seconds of training",
  };
  return {
    x: {
      field: view.x,
      type: "quantitative",
      scale: { type: view.xScale, nice: false, ...(view.xScale === "log" ? {} : { zero: false }) },
      axis: { format: largest < 20_000 ? ",~f" : "~s", tickCount: 6, labelOverlap: true },
      title: titles[view.x],
    },
    y: {
      type: "quantitative",
      scale: {
        ...{ type: view.yScale, nice: !log && domain === null, reverse: negated },
        ...(log ? {} : { zero: false }),
        ...(domain === null ? {} : { domain }),
        ...(symlog === null ? {} : { constant: symlog.constant }),
      },
      axis: {
        ...{ tickCount: 6, labelOverlap: true },
        ...(log ? { format: ".4~g" } : domain !== null || symlog !== null ? { format: ".6~g" } : {}),
        ...(symlog === null ? {} : { values: symlog.ticks }),
      },
      title: negated ? `−${panel.y}, axis reversed` : panel.y,
    },
  };
}

/** Colour and dash by estimator, sharing one legend. */
export function lineInks(
  inks: readonly Ink[],
  columns: number,
): { color: Specification; strokeDash: Specification } {
  const domain = inks.map((ink) => ink.label);
  const legend = {
    title: null,
    orient: "bottom",
    direction: "horizontal",
    columns,
    symbolType: "stroke",
    symbolSize: 500,
    symbolStrokeWidth: 2.5,
    symbolOpacity: 1,
    labelLimit: 260,
    symbolLimit: 200,
  };
  const channel = (range: unknown[]) => ({
    field: "estimator",
    type: "nominal",
    scale: { domain, range },
    legend: columns === 0 ? null : legend,
  });
  return { color: channel(inks.map((ink) => ink.colour)), strokeDash: channel(inks.map((ink) => ink.dash)) };
}

/** Exact values on hover. */
export function lineTooltip(negated: boolean): Specification[] {
  const number = (field: string, title: string, format: string) => ({
    field,
    title,
    format,
    type: "quantitative",
  });
  return [
    { field: "estimator", type: "nominal" },
    number("mean", negated ? "−mean" : "mean", ".7~g"),
    number("low", "95% from", ".7~g"),
    number("high", "95% to", ".7~g"),
    number("seeds", "seeds (n)", "d"),
    number("step", "step", ","),
    number("evaluations", "evaluations", ","),
    number("seconds", "seconds", ".4~g"),
  ];
}

/** The layers, from the bottom. The legend's parameter works only in the first. */
export function lineLayers(panel: Panel, inks: readonly Ink[], view: View, drawn: Drawn): Specification[] {
  const { x, y } = lineAxes(panel, view, drawn);
  const { color, strokeDash } = lineInks(inks, view.legendColumns);
  const lengths = inks.map(({ label }) => drawn.means.filter(({ estimator }) => estimator === label).length);
  const longest = Math.max(0, ...lengths);
  const faded = (on: number, off: number) => ({ condition: { param: "chosen", value: on }, value: off });
  const band = {
    mark: longest < 2 ? { type: "rule", strokeWidth: 2 } : { type: "area", clip: drawn.cut },
    encoding: {
      x,
      y: { field: "low", ...y },
      y2: { field: "high" },
      color,
      opacity: faded(longest < 2 ? 0.7 : 0.16, 0.02),
    },
  };
  const single = {
    data: { name: "single seeds", values: drawn.singles },
    mark: { type: "line", strokeWidth: 0.8, clip: drawn.cut },
    encoding: {
      x,
      y: { field: "value", ...y },
      detail: { field: "seed" },
      color,
      opacity: faded(0.55, 0.04),
    },
  };
  const line = {
    mark: { type: "line", strokeWidth: 2, clip: drawn.cut },
    encoding: { x, y: { field: "mean", ...y }, color, strokeDash, opacity: faded(1, 0.1) },
  };
  const points = {
    mark: { type: "point", filled: true, size: longest < 2 ? 70 : 26, clip: drawn.cut },
    encoding: {
      x,
      y: { field: "mean", ...y },
      color,
      opacity: longest > 60 ? { value: 0 } : faded(1, 0.06),
      tooltip: lineTooltip(drawn.negated),
    },
  };
  const banded = drawn.means.some(({ low, high }) => low !== null && high !== null);
  const layers: Specification[] = [
    ...(banded ? [band] : []),
    ...(drawn.singles.length > 0 ? [single] : []),
    line,
    points,
    ...referenceLayers(panel, view, drawn.negated, { y, color }),
  ];
  const shown = view.chosen.filter((label) => inks.some((ink) => ink.label === label));
  const params = [
    {
      name: "chosen",
      select: { type: "point", fields: ["estimator"] },
      ...(view.legendColumns === 0 ? {} : { bind: "legend" }),
      ...(shown.length === 0 ? {} : { value: shown.map((estimator) => ({ estimator })) }),
    },
  ];
  return layers.map((layer, index) => (index === 0 ? { params, ...layer } : layer));
}

/** Published values as dotted rules with their names, in the colours of their estimators. */
export function referenceLayers(
  { references = [] }: Pick<Panel, "references">,
  { hidden, yScale }: Pick<View, "hidden" | "yScale">,
  negated: boolean,
  { y, color }: { readonly y: Specification; readonly color: Specification },
): Specification[] {
  const values = references
    .filter(({ estimator }) => !hidden.includes(estimator))
    .map((reference) => ({ ...reference, value: negated ? -reference.value : reference.value }))
    .filter(({ value }) => yScale !== "log" || value > 0);
  if (values.length === 0) return [];
  const data = { name: "published", values };
  const at = { field: "value", ...y };
  const tooltip = ["title", "value", "source"].map((field) => ({ field }));
  return [
    {
      data,
      mark: { type: "rule", strokeDash: [2, 3], strokeWidth: 1.5 },
      encoding: { y: at, color, tooltip },
    },
    {
      data,
      mark: { type: "text", align: "left", baseline: "bottom", fontSize: 10, dy: -2 },
      encoding: { x: { value: 4 }, y: at, color, text: { field: "title" } },
    },
  ];
}

/** Where every point was dropped: a sentence in place of an empty frame. */
export function emptyLayers(): Specification[] {
  const text = { value: "nothing that these axes can show" };
  return [{ mark: { type: "text", fontSize: 13, opacity: 0.6 }, data: { values: [{}] }, encoding: { text } }];
}

/**
 * The specification of a panel under a view. Means and bands come aggregated. What a logarithmic axis cannot show is
 * dropped and said in the subtitle; values that are all below zero (an ELBO) are shown on it as their negatives.
 */
export function lineSpec(panel: Panel, inks: readonly Ink[], view: View): Specification {
  const drawn = drawnRows(panel, view);
  const notes = [...panel.notes];
  if (drawn.cut) notes.push("The vertical axis is cut to the last 80% of training.");
  if (drawn.dropped > 0)
    notes.push(
      `Not on a logarithmic axis: ${drawn.dropped} point${drawn.dropped === 1 ? " that is" : "s that are"} not above zero.`,
    );
  const used = inks.filter(({ label }) => panel.curves.some((curve) => curve.label === label));
  const visible = used.filter(({ label }) => !view.hidden.includes(label));
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
    data: { name: "means", values: drawn.means },
    layer: drawn.means.length === 0 ? emptyLayers() : lineLayers(panel, visible, view, drawn),
  };
}

/** How a chart looks on paper and before anybody has touched a switch. */
export function firstView(panel: { readonly scales: Panel["scales"] }, width: View["width"] = 640): View {
  return {
    x: "step",
    xScale: "linear",
    yScale: panel.scales[0] ?? "linear",
    range: "settled",
    seeds: false,
    hidden: [],
    chosen: [],
    legendColumns: 4,
    width,
    textWidth: 640,
    height: 320,
  };
}
