/// <reference lib="dom" />
/** Drawing and re-drawing of the charts. */
import type { Chart } from "../../charts/index.ts";
import { chartSpec, panelAt, panelLabels } from "../../charts/draw.ts";
import { firstView } from "../../charts/line.ts";
import type { Specification } from "../../charts/line.ts";
import type { Ink } from "../../charts/palette.ts";
import type { ScaleName, View } from "../../charts/view.ts";
import type { PageState } from "./page-state.ts";
import { fitsFilter, showValues } from "./tables.ts";

interface VegaView {
  addDataListener: (name: string, heard: (name: string, values: unknown[]) => void) => unknown;
}

interface Embedded {
  readonly view: VegaView;
  readonly finalize: () => void;
}

declare const vegaEmbed: (place: HTMLElement, spec: unknown, options: unknown) => Promise<Embedded>;

export interface Figure {
  readonly chart: Chart;
  readonly place: HTMLElement;
  /** Redraws wait for one another, so that the last asked for is the last drawn. */
  busy: Promise<void>;
  embedded: Embedded | null;
  /** The specification that is drawn. */
  spec: Specification;
}

/** The page's own colours, as Vega-Lite's configuration. */
export function themeConfig(): Record<string, unknown> {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = "system-ui, sans-serif";
  const axis = {
    labelColor: colour("--soft"),
    titleColor: colour("--soft"),
    gridColor: colour("--line"),
    domainColor: colour("--line"),
    tickColor: colour("--line"),
    titleFontWeight: 400,
    labelFontSize: 11,
    titleFontSize: 12,
  };
  return {
    // A picture that is saved in the dark has pale letters, and must bring what they stand on.
    background: colour("--card"),
    font,
    axis,
    view: { stroke: "transparent" },
    legend: { labelColor: colour("--text"), labelFontSize: 12, columnPadding: 18 },
    text: { fill: colour("--text") },
    title: {
      color: colour("--text"),
      subtitleColor: colour("--soft"),
      fontSize: 14,
      subtitleFontSize: 11.5,
      subtitlePadding: 5,
      fontWeight: 600,
      offset: 12,
    },
  };
}

export function viewOf(chart: Chart, state: PageState, width: number): View {
  const { panel, scale } = state.charts[chart.id] ?? { panel: 0, scale: "" };
  const chosen = panelAt(chart, panel);
  const scales: readonly ScaleName[] = chosen?.scales ?? ["linear"];
  const labels = panelLabels(chosen);
  const longest = Math.max(4, ...labels.map((label) => label.length));
  // The row of buttons above has the same names: a narrow screen has no room for them twice, nor have many names.
  const doubled = chart.shape === "line" && (labels.length > 24 || (labels.length > 1 && width < 500));
  return {
    ...firstView({ scales }, "container"),
    x: state.x,
    xScale: state.xScale,
    yScale: scale !== "" && scales.includes(scale) ? scale : (scales[0] ?? "linear"),
    range: state.range,
    seeds: state.seeds,
    hidden: [...state.hidden, ...labels.filter((label) => !fitsFilter(label, state.filter))],
    chosen: state.chosen[chart.id] ?? [],
    legendColumns: doubled ? 0 : Math.max(1, Math.floor((width - 40) / (Math.min(longest, 34) * 7.5 + 60))),
    textWidth: width,
    height: width < 500 ? 240 : 320,
  };
}

/** Keeps what is chosen in the legend, so that it outlives a switch of the axes. */
export function watchLegend(view: VegaView, chart: Chart, state: PageState, remember: () => void): void {
  const heard = (_: string, values: unknown[]) => {
    const labels = values.flatMap((item) => (item as { values?: unknown[] }).values ?? []).map(String);
    if (labels.join("\n") === (state.chosen[chart.id] ?? []).join("\n")) return;
    if (labels.length === 0) delete state.chosen[chart.id];
    else state.chosen[chart.id] = labels;
    remember();
  };
  view.addDataListener("chosen_store", heard);
}

export interface Drawing {
  readonly inks: readonly Ink[];
  readonly state: PageState;
  /** Writes the state into the address. */
  readonly remember: () => void;
}

export async function draw(figure: Figure, { inks, state, remember }: Drawing): Promise<void> {
  const { chart, place } = figure;
  const width = place.clientWidth;
  const index = state.charts[chart.id]?.panel ?? 0;
  const spec = chartSpec(chart, index, inks, viewOf(chart, state, width));
  const next = document.createElement("div");
  next.className = "drawing";
  place.append(next);
  const embedded = await vegaEmbed(next, spec, {
    mode: "vega-lite",
    renderer: "svg",
    ast: true,
    tooltip: { theme: "custom" },
    config: themeConfig(),
    downloadFileName: chart.id,
    actions: { export: true, source: false, compiled: false, editor: false },
  });
  // Not by its name: an estimator may have the same.
  const [first] = (spec["layer"] ?? []) as readonly Specification[];
  if (first?.["params"] !== undefined) watchLegend(embedded.view, chart, state, remember);
  figure.embedded?.finalize();
  for (const old of [...place.children]) if (old !== next) old.remove();
  figure.embedded = embedded;
  figure.spec = spec;
  const values = place.closest("figure")?.querySelector<HTMLDetailsElement>("details.values");
  if (values?.open) showValues(values, spec);
}

export function redraw(figure: Figure, drawing: Drawing): Promise<void> {
  figure.busy = figure.busy
    .then(() => draw(figure, drawing))
    .catch((error: unknown) => {
      const note = document.createElement("p");
      note.className = "banner bad";
      note.textContent = `This chart could not be drawn: ${String(error)}`;
      figure.embedded = null;
      figure.place.replaceChildren(note);
    });
  return figure.busy;
}
