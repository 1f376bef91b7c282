/// <reference lib="dom" />
/** What a reader sets for the whole page: tables and their filter, links, theme, axes. */
import { makeSwitch } from "./controls.ts";
import type { PageData } from "./packed.ts";
import type { PageState } from "./page-state.ts";
import { download, filterTables, makeCopyButton, makeSortable, markOverflow } from "./tables.ts";

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
