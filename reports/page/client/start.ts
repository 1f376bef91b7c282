/// <reference lib="dom" />
/** What the page does once it is read. Runs in the page, as text. */
import type { Chart } from "../../charts/index.ts";
import type { Ink } from "../../charts/palette.ts";
import { redraw } from "./charts.ts";
import type { Drawing, Figure } from "./charts.ts";
import { makeChartControls, makeChips, makeSwitch } from "./controls.ts";
import { readState, writeState } from "./state.ts";
import type { PageState } from "./state.ts";
import { startWidgets } from "./widget.ts";
import { download, filterTables, makeCopyButton, makeSortable, markOverflow, showValues } from "./tables.ts";

export interface PageData {
  readonly inks: readonly Ink[];
  readonly charts: readonly Chart[];
  /** Texts to copy, by button. */
  readonly copies: Readonly<Record<string, string>>;
  readonly downloads: Readonly<Record<string, { name: string; type: string; text: string }>>;
}

export async function unpack(id: string): Promise<string> {
  const packed = document.getElementById(id)?.textContent ?? "";
  const bytes = Uint8Array.from(atob(packed.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** Runs a library as an inline script: the page's policy admits exactly the texts that were packed. */
export function runScript(text: string): void {
  const script = document.createElement("script");
  script.textContent = text;
  document.head.append(script);
}

/** `sorted` after a table was sorted, `filtered` after estimators were. */
export function makeTables(
  data: PageData,
  state: PageState,
  { sorted, filtered }: { readonly sorted: () => void; readonly filtered: () => void },
): (() => void)[] {
  const shows = [...document.querySelectorAll<HTMLTableElement>("table.sortable")].map((table) =>
    makeSortable(table, state, sorted),
  );
  for (const place of document.querySelectorAll<HTMLElement>(".scroll, nav")) markOverflow(place);
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]"))
    makeCopyButton(button, () => data.copies[button.dataset["copy"] ?? ""] ?? "");
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-download]")) {
    const file = data.downloads[button.dataset["download"] ?? ""];
    if (file !== undefined) button.addEventListener("click", () => download(file.name, file.text, file.type));
  }
  const filter = document.querySelector<HTMLInputElement>("#filter");
  let timer: ReturnType<typeof setTimeout> | undefined;
  filter?.addEventListener("input", () => {
    state.filter = filter.value;
    filterTables(state.filter);
    clearTimeout(timer);
    timer = setTimeout(filtered, 200);
  });
  const showFilter = () => {
    if (filter !== null) filter.value = state.filter;
    filterTables(state.filter);
  };
  if (state.filter !== "") showFilter();
  return [...shows, showFilter];
}

/** Links within the page keep the state in the address; where they lead is a part of it. */
export function makeLinks(state: PageState, remember: () => void): () => void {
  const show = () => document.getElementById(state.at)?.scrollIntoView();
  // As a link of the browser's own: the next Tab goes on from where it led.
  const enter = () => {
    const place = document.getElementById(state.at);
    place?.setAttribute("tabindex", "-1");
    place?.focus({ preventScroll: true });
  };
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]'))
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      state.at = decodeURIComponent(link.hash.slice(1));
      remember();
      show();
      enter();
    });
  return show;
}

/** What stands under a chart: its numbers, and its specification as a file. */
export function makeChartFoot(figure: Figure): void {
  const whole = figure.place.closest<HTMLElement>("figure");
  const values = whole?.querySelector<HTMLDetailsElement>("details.values");
  values?.addEventListener("toggle", () => {
    if (values.open) showValues(values, figure.spec);
  });
  whole?.querySelector("button[data-spec]")?.addEventListener("click", () => {
    download(`${figure.chart.id}.vl.json`, `${JSON.stringify(figure.spec)}\n`, "application/json");
  });
}

export function makeTheme(state: PageState, changed: () => void): () => void {
  const dark = () => matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    if (state.theme === "") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = state.theme;
  };
  apply();
  dark().addEventListener("change", changed);
  document.querySelector("#theme")?.addEventListener("click", () => {
    const now = state.theme === "" ? (dark().matches ? "dark" : "light") : state.theme;
    state.theme = now === "dark" ? "light" : "dark";
    apply();
    changed();
  });
  return apply;
}

export function makeAxes(state: PageState, changed: () => void): (() => void)[] {
  const set: Readonly<Record<string, (name: string) => void>> = {
    x: (name) => (state.x = name as PageState["x"]),
    "x-scale": (name) => (state.xScale = name as PageState["xScale"]),
    range: (name) => (state.range = name as PageState["range"]),
    seeds: (name) => (state.seeds = name === "seeds"),
  };
  const get: Readonly<Record<string, () => string>> = {
    x: () => state.x,
    "x-scale": () => state.xScale,
    range: () => state.range,
    seeds: () => (state.seeds ? "seeds" : "mean"),
  };
  const shows: (() => void)[] = [];
  const showAll = () => shows.forEach((show) => show());
  for (const place of document.querySelectorAll<HTMLElement>("[data-switch]")) {
    const name = place.dataset["switch"] ?? "";
    const change = (value: string) => {
      set[name]?.(value);
      showAll();
      changed();
    };
    shows.push(makeSwitch(place, get[name] ?? (() => ""), change));
  }
  return shows;
}

/** Redraws when the width has changed by more than a scroll bar. */
export function watchWidth(redrawAll: () => void): void {
  let width = document.documentElement.clientWidth;
  let timer: ReturnType<typeof setTimeout> | undefined;
  addEventListener("resize", () => {
    if (Math.abs(document.documentElement.clientWidth - width) < 20) return;
    width = document.documentElement.clientWidth;
    clearTimeout(timer);
    timer = setTimeout(redrawAll, 150);
  });
}

export function makeFigures(data: PageData): Figure[] {
  return data.charts.flatMap((chart) => {
    const place = document.querySelector<HTMLElement>(`[data-chart="${chart.id}"] .place`);
    return place === null ? [] : [{ chart, place, busy: Promise.resolve(), embedded: null, spec: {} }];
  });
}

/** What a reader looks at is drawn before the rest. */
export function nearestFirst(figures: readonly Figure[]): Figure[] {
  const away = ({ place }: Figure) => {
    const { top, bottom } = place.getBoundingClientRect();
    return bottom < 0 ? -bottom : Math.max(0, top - innerHeight);
  };
  const distances = new Map(figures.map((figure) => [figure, away(figure)]));
  return [...figures].sort((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0));
}

/** All that a reader can set, and what shows it anew when the address has changed; gives back what shows its place. */
export function makeControls(
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
export async function drawAll(figures: readonly Figure[], drawing: Drawing): Promise<void> {
  const left = new Set(figures);
  while (left.size > 0) {
    const [figure] = nearestFirst([...left]);
    if (figure === undefined) return;
    left.delete(figure);
    await redraw(figure, drawing);
    await new Promise((next) => setTimeout(next, 0));
  }
}

export async function start(): Promise<void> {
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

/** The page's first and last line: what goes wrong is said where a reader looks. */
export function begin(): void {
  start().catch((error: unknown) => {
    const note = document.createElement("p");
    note.className = "banner bad";
    note.textContent = `The charts could not be started (tables and numbers stand): ${String(error)}`;
    document.querySelector("main")?.prepend(note);
  });
}
