/// <reference lib="dom" />
/** The report's script: reads the data and the address, makes the controls work and draws the charts. */
import { readState, writeState } from "./address-state.ts";
import {
  makeAxisSwitches,
  makeChartControls,
  makeEstimatorButtons,
  makeFilter,
  makeLinks,
  makeTheme,
} from "./controls.ts";
import { all, download, makeCopyButton } from "./elements.ts";
import { drawAll, errorBanner, makeFigures, nearestFirst, redraw, watchWidth } from "./figures.ts";
import type { ChartFigure } from "./figures.ts";
import { startWidgets } from "./gumbel-widget.ts";
import { runScript, unpack, type PageData } from "./page-data.ts";
import { makeSortable } from "./tables.ts";

async function start(): Promise<void> {
  const data = JSON.parse(await unpack("data")) as PageData;
  const state = readState(location.hash);
  const remember = () =>
    history.replaceState(null, "", writeState(state) || location.pathname + location.search);
  const drawing = { inks: data.inks, state };
  const figures = makeFigures(data);
  let ready = false;
  const changed = (some: readonly ChartFigure[] = figures) => {
    remember();
    // Changes before the libraries are there show in the first drawing.
    if (ready) for (const figure of nearestFirst(some)) void redraw(figure, drawing);
  };
  startWidgets();
  for (const table of all<HTMLTableElement>("table.sortable")) makeSortable(table, state, remember);
  for (const button of all<HTMLButtonElement>("button[data-copy]"))
    makeCopyButton(button, data.copies[button.dataset["copy"]!] ?? "");
  for (const button of all<HTMLButtonElement>("button[data-download]")) {
    const { name, text, type } = data.downloads[button.dataset["download"]!]!;
    button.addEventListener("click", () => download(name, text, type));
  }
  makeFilter(state, changed);
  makeLinks(state, remember);
  makeTheme(state, changed);
  makeAxisSwitches(state, changed);
  makeEstimatorButtons(state, changed);
  for (const figure of figures)
    makeChartControls(figure.element, figure.chart, state, () => changed([figure]));
  // Another address that holds a state is shown from the start.
  addEventListener("hashchange", () => {
    if (!location.hash.includes("=")) return;
    history.scrollRestoration = "manual";
    location.reload();
  });
  if (state.at !== "" && scrollY === 0) document.getElementById(state.at)?.scrollIntoView();
  for (const id of ["library-vega", "library-vega-lite", "library-vega-embed"]) runScript(await unpack(id));
  ready = true;
  await drawAll(figures, drawing);
  watchWidth(changed);
  history.scrollRestoration = "auto";
  document.documentElement.dataset["ready"] = "yes";
}

start().catch((error: unknown) => {
  const text = `The charts could not be started; tables and numbers are complete: ${String(error)}`;
  document.querySelector("main")?.prepend(errorBanner(text));
});
