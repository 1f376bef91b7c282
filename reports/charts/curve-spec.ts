/** The Vega-Lite specification of a panel of curves. */
import type { SeedPoint } from "../aggregate/curves.ts";
import type { ChartView, CurvePanel } from "./panels.ts";
import type { Ink } from "./palette.ts";
import {
  axisTicks,
  bottomLegend,
  droppedNotes,
  framed,
  freeScale,
  nominalChannel,
  symlogAxis,
  tooltipInterval,
  tooltipNumber,
  type Specification,
} from "./vega-spec.ts";

type MeanRow = { readonly estimator: string } & CurvePanel["curves"][number]["rows"][number];
type SeedRow = { readonly estimator: string; readonly seed: number } & SeedPoint;

/** The part of a panel that a view shows. */
export interface VisibleCurves {
  readonly means: readonly MeanRow[];
  readonly singles: readonly SeedRow[];
  /** Number of values that a logarithmic axis cannot show. */
  readonly dropped: number;
  /** Whether negatives of the values are shown: an ELBO on a logarithmic axis. */
  readonly negated: boolean;
  /** The ends of the vertical axis, where the data alone would set them badly. */
  readonly domain: readonly [number, number] | null;
  /** Whether the vertical axis leaves out the beginning of training. */
  readonly zoomed: boolean;
}

/** Selects the rows that a view shows, and the vertical axis that fits them. */
export function visibleCurves(panel: CurvePanel, view: ChartView): VisibleCurves {
  const every = panel.curves.flatMap(({ rows }) => rows);
  const lastStep = every.reduce((last, { step }) => Math.max(last, step), 0);
  const logY = view.yScale === "log";
  const negated = logY && every.length > 0 && every.every((row) => row.mean < 0);
  const sign = negated ? -1 : 1;
  const end = (value: number | null) => (value === null || (logY && sign * value <= 0) ? null : sign * value);
  const curves = panel.curves.filter(({ label }) => !view.hidden.includes(label));
  const inRange = ({ step }: { step: number }) => view.range !== "late" || step >= lastStep / 2;
  const means = curves.flatMap(({ label: estimator, rows }) =>
    rows.filter(inRange).map((row) => {
      const [low, high] = negated ? [end(row.high), end(row.low)] : [end(row.low), end(row.high)];
      return { estimator, ...row, mean: sign * row.mean, low, high };
    }),
  );
  const singles = curves.flatMap(({ label: estimator, seeds }) =>
    seeds.flatMap(({ seed, rows }) =>
      rows.filter(inRange).map((row) => ({ estimator, seed, ...row, value: sign * row.value })),
    ),
  );
  const onAxes = (row: MeanRow | SeedRow) =>
    (view.xScale !== "log" || row[view.x] > 0) && (!logY || ("mean" in row ? row.mean : row.value) > 0);
  const shown = { means: means.filter(onAxes), singles: view.seeds ? singles.filter(onAxes) : [] };
  const all = means.length + (view.seeds ? singles.length : 0);
  const dropped = all - shown.means.length - shown.singles.length;
  const zooms = panel.zoomed === true && view.range === "settled" && view.yScale === "linear";
  return { ...shown, dropped, negated, ...verticalAxis(panel, view, shown, zooms ? lastStep / 5 : 0) };
}

/** The ends of the vertical axis: of the rows from a step on where that halves it, null where it may follow the data. */
function verticalAxis(
  { references = [] }: CurvePanel,
  { hidden, yScale }: ChartView,
  { means, singles }: Pick<VisibleCurves, "means" | "singles">,
  fromStep: number,
): Pick<VisibleCurves, "domain" | "zoomed"> {
  const published = references.filter(({ estimator }) => yScale !== "log" && !hidden.includes(estimator));
  const endsFrom = (first: number) => {
    const values = [
      ...means
        .filter(({ step }) => step >= first)
        .flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]),
      ...[...singles.filter(({ step }) => step >= first), ...published].map(({ value }) => value),
    ];
    const reduced = (pick: (a: number, b: number) => number) =>
      values.reduce((a, b) => pick(a, b), values[0] ?? 0);
    return [reduced(Math.min), reduced(Math.max)] as const;
  };
  const [low, high] = endsFrom(0);
  if (means.length > 0 && low === high) {
    // A single value: an axis over its rounding errors would say nothing.
    const margin = Math.abs(low) / 20 || 1;
    return { domain: yScale === "log" ? [low / 2, low * 2] : [low - margin, low + margin], zoomed: false };
  }
  const enough = means.filter(({ step }) => step >= fromStep).length >= 2;
  const [settledLow, settledHigh] = endsFrom(enough ? fromStep : 0);
  const size = settledHigh - settledLow;
  const zoomed = size > 0 && size < (high - low) / 2;
  return { domain: zoomed ? [settledLow - size / 20, settledHigh + size / 20] : null, zoomed };
}

const xTitles = {
  step: "steps",
  evaluations: "evaluations per row, forward + backward",
  seconds: "seconds of training",
};

function axes(panel: CurvePanel, view: ChartView, { negated, means, domain }: VisibleCurves) {
  const log = view.yScale === "log";
  const symlog = view.yScale === "symlog" ? symlogAxis(means.map(({ mean }) => mean)) : null;
  const largest = Math.max(0, ...panel.curves.map(({ rows }) => rows.at(-1)?.[view.x] ?? 0));
  const x: Specification = {
    field: view.x,
    type: "quantitative",
    scale: { ...freeScale(view.xScale), nice: false },
    axis: { format: largest < 20_000 ? ",~f" : "~s", ...axisTicks },
    title: xTitles[view.x],
  };
  const y: Specification = {
    type: "quantitative",
    scale: {
      ...{ ...freeScale(view.yScale), nice: !log && domain === null, reverse: negated },
      ...(domain !== null && { domain }),
      ...(symlog !== null && { constant: symlog.constant }),
    },
    axis: {
      ...axisTicks,
      ...(log ? { format: ".4~g" } : domain !== null || symlog !== null ? { format: ".6~g" } : {}),
      ...(symlog !== null && { values: symlog.ticks }),
    },
    title: negated ? `−${panel.y}, axis reversed` : panel.y,
  };
  return { x, y };
}

/** Colour and dash by estimator, sharing one legend. */
function inkChannels(inks: readonly Ink[], { legend: drawn, textWidth }: ChartView) {
  const symbols = { symbolType: "stroke", symbolSize: 500, symbolStrokeWidth: 2.5, symbolOpacity: 1 };
  const labels = inks.map(({ label }) => label);
  const legend = drawn ? { ...bottomLegend(labels, textWidth), ...symbols, symbolLimit: 200 } : null;
  const channel = (range: unknown[]): Specification => ({
    ...nominalChannel("estimator", labels, range),
    legend,
  });
  return {
    color: channel(inks.map(({ colour }) => colour)),
    strokeDash: channel(inks.map(({ dash }) => dash)),
  };
}

/** The layers, from the bottom. The legend's parameter works only in the first. */
function curveLayers(panel: CurvePanel, inks: readonly Ink[], view: ChartView, shown: VisibleCurves) {
  const { x, y } = axes(panel, view, shown);
  const { color, strokeDash } = inkChannels(inks, view);
  const counts = inks.map(({ label }) => shown.means.filter(({ estimator }) => estimator === label).length);
  const longest = Math.max(0, ...counts);
  const clip = shown.zoomed;
  const faded = (on: number, off: number) => ({ condition: { param: "chosen", value: on }, value: off });
  const mean = { x, y: { field: "mean", ...y }, color };
  const band = {
    mark: longest < 2 ? { type: "rule", strokeWidth: 2 } : { type: "area", clip },
    encoding: {
      ...{ x, y: { field: "low", ...y }, y2: { field: "high" }, color },
      opacity: faded(longest < 2 ? 0.7 : 0.16, 0.02),
    },
  };
  const single = {
    data: { name: "single seeds", values: shown.singles },
    mark: { type: "line", strokeWidth: 0.8, clip },
    encoding: {
      x,
      y: { field: "value", ...y },
      detail: { field: "seed" },
      color,
      opacity: faded(0.55, 0.04),
    },
  };
  const line = {
    mark: { type: "line", strokeWidth: 2, clip },
    encoding: { ...mean, strokeDash, opacity: faded(1, 0.1) },
  };
  const points = {
    mark: { type: "point", filled: true, size: longest < 2 ? 70 : 26, clip },
    encoding: {
      ...mean,
      opacity: longest > 60 ? { value: 0 } : faded(1, 0.06),
      tooltip: [
        { field: "estimator", type: "nominal" },
        ...tooltipInterval(".7~g").map((field) =>
          shown.negated && field["field"] === "mean" ? { ...field, title: "−mean" } : field,
        ),
        tooltipNumber("seeds", "seeds (n)", "d"),
        tooltipNumber("step", "step", ","),
        tooltipNumber("evaluations", "evaluations", ","),
        tooltipNumber("seconds", "seconds", ".4~g"),
      ],
    },
  };
  const layers: Specification[] = [
    ...(shown.means.some(({ low, high }) => low !== null && high !== null) ? [band] : []),
    ...(shown.singles.length > 0 ? [single] : []),
    line,
    points,
    ...referenceLayers(panel, view, shown.negated, { y, color }),
  ];
  const parameter = {
    name: "chosen",
    select: { type: "point", fields: ["estimator"] },
    ...(view.legend && { bind: "legend" }),
  };
  return layers.map((layer, index) => (index === 0 ? { params: [parameter], ...layer } : layer));
}

/** Published values as dotted lines with their names, in the colours of their estimators. */
function referenceLayers(
  { references = [] }: CurvePanel,
  { hidden, yScale }: ChartView,
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

/**
 * The specification of a panel under a view. Values that are all below zero (an ELBO) are shown on a logarithmic axis
 * as their negatives; values that it cannot show are left out, and a note counts them.
 */
export function curveSpec(panel: CurvePanel, inks: readonly Ink[], view: ChartView): Specification {
  const shown = visibleCurves(panel, view);
  const zoomNote = "The vertical axis is zoomed to the last 80% of training.";
  const notes = [...panel.notes, ...(shown.zoomed ? [zoomNote] : []), ...droppedNotes(shown.dropped)];
  const visible = inks.filter(
    ({ label }) => panel.curves.some((curve) => curve.label === label) && !view.hidden.includes(label),
  );
  const data = { name: "means", values: shown.means };
  return framed(panel, notes, view, data, curveLayers(panel, visible, view, shown));
}
