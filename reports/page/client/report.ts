/// <reference lib="dom" />
/** The report's script: unpacks the data, makes the controls work and draws the charts. */
import { redraw } from "./chart-views.ts";
import type { Drawing, Figure } from "./chart-views.ts";
import { makeChartControls, makeChips } from "./controls.ts";
import { runScript, unpack } from "./packed.ts";
import type { PageData } from "./packed.ts";
import { makeAxes, makeLinks, makeTables, makeTheme } from "./page.ts";
import { readState, writeState } from "./page-state.ts";
import { download, showValues } from "./tables.ts";
import { startWidgets } from "./gumbel-widget.ts";

/** What stands under a chart: its numbers, and its specification as a file. */
function makeChartFoot(figure: Figure): void {
  const whole = figure.place.closest<HTMLElement>("figure");
  const values = whole?.querySelector<HTMLDetailsElement>("details.values");
  values?.addEventListener("toggle", () => {
    if (values.open) showValues(values, figure.spec);
  });
  whole?.querySelector("button[data-spec]")?.addEventListener("click", () => {
    download(`${figure.chart.id}.vl.json`, `${JSON.stringify(figure.spec)}\n`, "application/json");
  });
}

/** Redraws when the width has changed by more than a scroll bar. */
function watchWidth(redrawAll: () => void): void {
  let width = document.documentElement.clientWidth;
  let timer: ReturnType<typeof setTimeout> | undefined;
  addEventListener("resize", () => {
    if (Math.abs(document.documentElement.clientWidth - width) < 20) return;
    width = document.documentElement.clientWidth;
    clearTimeout(timer);
    timer = setTimeout(redrawAll, 150);
  });
}

function makeFigures(data: PageData): Figure[] {
  return data.charts.flatMap((chart) => {
    const place = document.querySelector<HTMLElement>(`[data-chart="${chart.id}"] .place`);
    return place === null ? [] : [{ chart, place, busy: Promise.resolve(), embedded: null, spec: {} }];
  });
}

/** What a reader looks at is drawn before the rest. */
function nearestFirst(figures: readonly Figure[]): Figure[] {
  const away = ({ place }: Figure) => {
    const { top, bottom } = place.getBoundingClientRect();
    return bottom < 0 ? -bottom : Math.max(0, top - innerHeight);
  };
  const distances = new Map(figures.map((figure) => [figure, away(figure)]));
  return [...figures].sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0));
}

/** All that a reader can set, and what shows it anew when the address has changed; gives back what shows its place. */
function makeControls(
  data: PageData,
  figures: readonly Figure[],
  drawing: Drawing,
  again: (some: readonly Figure[]) => void,
): () => void {
  const { state, remember } = drawing;
  const changed = () => {
    remember();
    again(figures);
  };
  const shows = makeTables(data, state, { sorted: remember, filtered: changed });
  const showPlace = makeLinks(state, remember);
  shows.push(makeTheme(state, changed), ...makeAxes(state, changed));
  shows.push(makeChips([...document.querySelectorAll<HTMLElement>(".chips")], state, changed));
  for (const figure of figures) {
    const whole = figure.place.closest<HTMLElement>("figure");
    const own = () => {
      remember();
      again([figure]);
    };
    if (whole !== null) shows.push(makeChartControls(whole, figure.chart, state, own));
    makeChartFoot(figure);
  }
  addEventListener("hashchange", () => {
    if (!location.hash.includes("=")) return;
    Object.assign(state, readState(location.hash));
    for (const show of shows) show();
    showPlace();
    again(figures);
  });
  return showPlace;
}

/** Draws one chart after the other, those in sight first: between two the page may scroll, paint and answer. */
async function drawAll(figures: readonly Figure[], drawing: Drawing): Promise<void> {
  const left = new Set(figures);
  while (left.size > 0) {
    const [figure] = nearestFirst([...left]);
    if (figure === undefined) return;
    left.delete(figure);
    await redraw(figure, drawing);
    await new Promise((next) => setTimeout(next, 0));
  }
}

async function start(): Promise<void> {
  const data = JSON.parse(await unpack("data")) as PageData;
  const state = readState(location.hash);
  const figures = makeFigures(data);
  const remember = () =>
    history.replaceState(null, "", writeState(state) || location.pathname + location.search);
  const drawing = { inks: data.inks, state, remember };
  let ready = false;
  // What a reader sets before the libraries are there is in the first drawing.
  const again = (some: readonly Figure[]) => {
    if (ready) for (const figure of nearestFirst(some)) void redraw(figure, drawing);
  };
  startWidgets();
  const showPlace = makeControls(data, figures, drawing, again);
  if (state.at !== "" && scrollY === 0) showPlace();
  for (const id of ["library-vega", "library-vega-lite", "library-vega-embed"]) runScript(await unpack(id));
  ready = true;
  await drawAll(figures, drawing);
  watchWidth(() => again(figures));
  document.documentElement.dataset["ready"] = "yes";
}

start().catch((error: unknown) => {
  const note = document.createElement("p");
  note.className = "banner bad";
  note.textContent = `The charts could not be started (tables and numbers stand): ${String(error)}`;
  document.querySelector("main")?.prepend(note);
});
