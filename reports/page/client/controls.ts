/// <reference lib="dom" />
/** The page's controls: they change the state and call `changed`. */
import { panelAt } from "../../charts/panel-spec.ts";
import type { Chart } from "../../charts/panels.ts";
import type { PageSettings, PageState } from "./address-state.ts";
import { all } from "./elements.ts";
import { filterTables } from "./tables.ts";

/** Makes a row of buttons of which one is pressed; gives back what shows the current one. */
function makeSwitch(place: HTMLElement, current: () => string, choose: (value: string) => void): () => void {
  const buttons = all<HTMLButtonElement>("button[data-value]", place);
  const show = () => {
    for (const button of buttons)
      button.setAttribute("aria-pressed", String(button.dataset["value"] === current()));
  };
  for (const button of buttons)
    button.addEventListener("click", () => {
      choose(button.dataset["value"] ?? "");
      show();
    });
  show();
  return show;
}

/** The switches of the axes above each task's charts; a change shows in all of them. */
export function makeAxisSwitches(state: PageState, changed: () => void): void {
  const shows = all("[data-switch]").map((place) => {
    const name = place.dataset["switch"] as keyof PageSettings;
    const choose = (value: string) => {
      Object.assign(state, { [name]: value });
      for (const show of shows) show();
      changed();
    };
    return makeSwitch(place, () => state[name], choose);
  });
}

/** The controls of one chart: which panel is shown, and on which scale. */
export function makeChartControls(
  figure: HTMLElement,
  chart: Chart,
  state: PageState,
  changed: () => void,
): void {
  const select = figure.querySelector("select");
  const place = figure.querySelector<HTMLElement>(".scales")!;
  const own = () => (state.charts[chart.id] ??= { panel: 0, scale: "" });
  const showScales = () => {
    const { scales } = panelAt(chart, own().panel);
    const ordered = (["linear", "symlog", "log"] as const).filter((scale) => scales.includes(scale));
    place.hidden = ordered.length < 2;
    place.replaceChildren(
      ...ordered.map((scale) => {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset["value"] = scale;
        button.textContent = scale;
        return button;
      }),
    );
    makeSwitch(
      place,
      () => own().scale || scales[0]!,
      (value) => {
        own().scale = ordered.find((scale) => scale === value) ?? "";
        changed();
      },
    );
  };
  if (select !== null) select.value = String(chart.panels[own().panel] === undefined ? 0 : own().panel);
  select?.addEventListener("change", () => {
    const { scale } = own();
    const panel = Number(select.value);
    const offered = scale !== "" && panelAt(chart, panel).scales.includes(scale);
    state.charts[chart.id] = { panel, scale: offered ? scale : "" };
    showScales();
    changed();
  });
  showScales();
}

/**
 * One button per estimator: a click hides or shows it in every chart; with Shift it hides all others, and on the only
 * one that is shown brings all back.
 */
export function makeEstimatorButtons(state: PageState, changed: () => void): void {
  const buttons = all<HTMLButtonElement>(".chips button[data-estimator]");
  const labelOf = (button: HTMLButtonElement) => button.dataset["estimator"]!;
  const labels = [...new Set(buttons.map(labelOf))];
  const show = () => {
    for (const button of buttons)
      button.setAttribute("aria-pressed", String(!state.hidden.includes(labelOf(button))));
  };
  for (const button of buttons) {
    const label = labelOf(button);
    const others = labels.filter((other) => other !== label);
    button.addEventListener("click", ({ shiftKey }) => {
      const { hidden } = state;
      const isHidden = hidden.includes(label);
      const alone = !isHidden && others.every((other) => hidden.includes(other));
      if (shiftKey) state.hidden = alone ? [] : others;
      else state.hidden = isHidden ? hidden.filter((other) => other !== label) : [...hidden, label];
      show();
      changed();
    });
  }
  show();
}

/** The field that filters estimators: tables at once, charts after a pause. */
export function makeFilter(state: PageState, changed: () => void): void {
  const field = document.querySelector<HTMLInputElement>("#filter");
  if (field === null) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  field.addEventListener("input", () => {
    state.filter = field.value;
    filterTables(state.filter);
    clearTimeout(timer);
    timer = setTimeout(changed, 200);
  });
  field.value = state.filter;
  filterTables(state.filter);
}

/** Links within the page keep the state in the address, and add where they lead. */
export function makeLinks(state: PageState, remember: () => void): void {
  for (const link of all<HTMLAnchorElement>('a[href^="#"]'))
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      state.at = decodeURIComponent(link.hash.slice(1));
      remember();
      const target = document.getElementById(state.at);
      target?.scrollIntoView();
      // As after a link of the browser's own, the next Tab goes on from here.
      target?.setAttribute("tabindex", "-1");
      target?.focus({ preventScroll: true });
    });
}

/** The button for light and dark; by default the theme is the system's. */
export function makeTheme(state: Pick<PageState, "theme">, changed: () => void): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const show = () => {
    if (state.theme !== "") document.documentElement.dataset["theme"] = state.theme;
  };
  system.addEventListener("change", () => changed());
  document.querySelector("#theme")?.addEventListener("click", () => {
    const now = state.theme === "" ? (system.matches ? "dark" : "light") : state.theme;
    state.theme = now === "dark" ? "light" : "dark";
    show();
    changed();
  });
  show();
}
