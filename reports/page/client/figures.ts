/// <reference lib="dom" />
/** Draws the charts, and draws them again when a reader changes something. */
import type { Ink } from "../../charts/palette.ts";
import { panelAt, panelLabels, panelSpec } from "../../charts/panel-spec.ts";
import { firstView, type Chart, type ChartView } from "../../charts/panels.ts";
import type { Specification } from "../../charts/vega-spec.ts";
import type { PageState } from "./address-state.ts";
import type { PageData } from "./page-data.ts";
import { matchesFilter } from "./tables.ts";

interface EmbeddedChart {
  readonly finalize: () => void;
}

declare const vegaEmbed: (
  place: HTMLElement,
  spec: Specification,
  options: unknown,
) => Promise<EmbeddedChart>;

/** A chart and its place in the page. */
export interface ChartFigure {
  readonly chart: Chart;
  readonly element: HTMLElement;
  readonly place: HTMLElement;
  /** Drawings wait for one another, so that the last one asked for is the last one drawn. */
  busy: Promise<void>;
  embedded: EmbeddedChart | null;
}

export interface Drawing {
  readonly inks: readonly Ink[];
  readonly state: PageState;
}

/** The figures of the page. */
export function makeFigures({ charts }: PageData): ChartFigure[] {
  return charts.flatMap((chart) => {
    const element = document.querySelector<HTMLElement>(`[data-chart="${chart.id}"]`);
    const place = element?.querySelector<HTMLElement>(".place");
    return element && place ? [{ chart, element, place, busy: Promise.resolve(), embedded: null }] : [];
  });
}

/** The page's colours as Vega-Lite's configuration. */
function themeConfig(): Specification {
  // The style's variables hold a light and a dark colour; an element that uses one has the colour of the theme.
  const probe = document.body.appendChild(document.createElement("i"));
  const [text, soft, line, card] = ["text", "soft", "line", "card"].map((name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return {
    // A picture saved from a dark page has pale letters, and needs its dark background.
    background: card,
    font: "system-ui, sans-serif",
    axis: {
      labelColor: soft,
      titleColor: soft,
      gridColor: line,
      domainColor: line,
      tickColor: line,
      titleFontWeight: 400,
      labelFontSize: 11,
      titleFontSize: 12,
    },
    view: { stroke: "transparent" },
    legend: { labelColor: text, labelFontSize: 12, columnPadding: 18 },
    text: { fill: text },
    title: {
      color: text,
      subtitleColor: soft,
      fontSize: 14,
      subtitleFontSize: 11.5,
      subtitlePadding: 5,
      fontWeight: 600,
      offset: 12,
    },
  };
}

/** The view of a chart's panel, `width` pixels wide. */
function viewOf(chart: Chart, state: PageState, width: number): ChartView {
  const { panel: index, scale } = state.charts[chart.id] ?? { panel: 0, scale: "" };
  const panel = panelAt(chart, index);
  const labels = panelLabels(panel);
  // The buttons above have the same names: a narrow screen has no room for them twice, nor do many names.
  const unlegended = panel.shape === "curves" && (labels.length > 24 || (labels.length > 1 && width < 500));
  const view = firstView(panel, "container");
  return {
    ...view,
    x: state.x,
    xScale: state["x-scale"],
    yScale: scale !== "" && panel.scales.includes(scale) ? scale : view.yScale,
    range: state.range,
    seeds: state.seeds === "all",
    hidden: [...state.hidden, ...labels.filter((label) => !matchesFilter(label, state.filter))],
    legend: !unlegended,
    textWidth: width,
    height: width < 500 ? 240 : 320,
  };
}

async function draw(figure: ChartFigure, { inks, state }: Drawing): Promise<void> {
  const { chart, place } = figure;
  const panel = panelAt(chart, state.charts[chart.id]?.panel ?? 0);
  const spec = panelSpec(panel, inks, viewOf(chart, state, place.clientWidth));
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
    actions: { export: true, source: true, compiled: false, editor: false },
  });
  figure.embedded?.finalize();
  for (const old of [...place.children]) if (old !== next) old.remove();
  figure.embedded = embedded;
}

/** Draws a figure after the drawings of it that are under way; an error is shown in its place. */
export function redraw(figure: ChartFigure, drawing: Drawing): Promise<void> {
  figure.busy = figure.busy
    .then(() => draw(figure, drawing))
    .catch((error: unknown) => {
      figure.embedded = null;
      figure.place.replaceChildren(errorBanner(`This chart could not be drawn: ${String(error)}`));
    });
  return figure.busy;
}

export function errorBanner(text: string): HTMLElement {
  const banner = document.createElement("p");
  banner.className = "banner bad";
  banner.textContent = text;
  return banner;
}

/** Figures in the order of their distance from what is on the screen. */
export function nearestFirst(figures: readonly ChartFigure[]): ChartFigure[] {
  const distance = ({ place }: ChartFigure) => {
    const { top, bottom } = place.getBoundingClientRect();
    return bottom < 0 ? -bottom : Math.max(0, top - innerHeight);
  };
  return [...figures].sort((a, b) => distance(a) - distance(b));
}

/** Draws the charts one by one, the nearest first; between two the page may scroll, paint and answer. */
export async function drawAll(figures: readonly ChartFigure[], drawing: Drawing): Promise<void> {
  for (const figure of nearestFirst(figures)) {
    await redraw(figure, drawing);
    await new Promise((next) => setTimeout(next, 0));
  }
}

/** Calls `changed` when the width has changed by more than a scroll bar. */
export function watchWidth(changed: () => void): void {
  const root = document.documentElement;
  let width = root.clientWidth;
  let timer: ReturnType<typeof setTimeout> | undefined;
  addEventListener("resize", () => {
    if (Math.abs(root.clientWidth - width) < 20) return;
    width = root.clientWidth;
    clearTimeout(timer);
    timer = setTimeout(changed, 150);
  });
}
