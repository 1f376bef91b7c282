/// <reference lib="dom" />
/** Drawing and re-drawing of the charts. Runs in the page, as text. */
import type { Chart } from "../../charts/index.ts";
import { chartSpec, panelAt, panelLabels } from "../../charts/draw.ts";
import { firstView } from "../../charts/line.ts";
import type { Ink } from "../../charts/palette.ts";
import type { ScaleName, View } from "../../charts/view.ts";
import type { PageState } from "./state.ts";

interface VegaView {
  data: (name: string, values?: unknown[]) => unknown[];
  runAsync: () => Promise<unknown>;
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
  /** The selection made in the legend, as Vega stores it. */
  chosen: unknown[];
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
    background: "transparent",
    font,
    axis,
    view: { stroke: "transparent" },
    legend: { labelColor: colour("--text"), labelFontSize: 12, columnPadding: 18 },
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
  const longest = Math.max(4, ...panelLabels(chosen).map((label) => label.length));
  return {
    ...firstView({ scales }, "container"),
    x: state.x,
    xScale: state.xScale,
    yScale: scale !== "" && scales.includes(scale) ? scale : (scales[0] ?? "linear"),
    late: state.late,
    seeds: state.seeds,
    hidden: state.hidden,
    legendColumns: Math.max(1, Math.floor((width - 40) / (Math.min(longest, 34) * 7.5 + 60))),
    textWidth: width,
    height: width < 500 ? 240 : 320,
  };
}

/** What is selected in the legend; null where there is none, in a chart that can show nothing. */
export function chosenIn(embedded: Embedded | null): unknown[] | null {
  try {
    return embedded?.view.data("chosen_store") ?? null;
  } catch {
    return null;
  }
}

export async function draw(figure: Figure, inks: readonly Ink[], state: PageState): Promise<void> {
  const { chart, place } = figure;
  const width = place.clientWidth;
  const index = state.charts[chart.id]?.panel ?? 0;
  // The selection made in the legend outlives a switch of the axes.
  figure.chosen = chosenIn(figure.embedded) ?? figure.chosen;
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
  if (figure.chosen.length > 0 && chosenIn(embedded) !== null) {
    embedded.view.data("chosen_store", figure.chosen);
    await embedded.view.runAsync();
  }
  figure.embedded?.finalize();
  for (const old of [...place.children]) if (old !== next) old.remove();
  figure.embedded = embedded;
}

export function redraw(figure: Figure, inks: readonly Ink[], state: PageState): Promise<void> {
  figure.busy = figure.busy
    .then(() => draw(figure, inks, state))
    .catch((error: unknown) => {
      const note = document.createElement("p");
      note.className = "banner bad";
      note.textContent = `This chart could not be drawn: ${String(error)}`;
      figure.embedded = null;
      figure.place.replaceChildren(note);
    });
  return figure.busy;
}
