/// <reference lib="dom" />
/** The switches above the charts. */
import { panelAt } from "../../charts/draw.ts";
import type { Chart } from "../../charts/index.ts";
import type { ScaleName } from "../../charts/view.ts";
import type { PageState } from "./page-state.ts";

/** A row of buttons of which one is pressed; `set` is called with the name of the one that a reader presses. */
export function makeSwitch(
  place: HTMLElement,
  current: () => string,
  set: (name: string) => void,
): () => void {
  const buttons = [...place.querySelectorAll<HTMLButtonElement>("button[data-value]")];
  const show = () => {
    for (const button of buttons)
      button.setAttribute("aria-pressed", String(button.dataset["value"] === current()));
  };
  for (const button of buttons)
    button.addEventListener("click", () => {
      set(button.dataset["value"] ?? "");
      show();
    });
  show();
  return show;
}

/** A button per choice. */
export function switchButtons(
  place: HTMLElement,
  choices: readonly { value: string; title: string }[],
): void {
  place.replaceChildren(
    ...choices.map(({ value, title }) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset["value"] = value;
      button.textContent = title;
      return button;
    }),
  );
}

/** The switches of one chart: what is shown, and on which scale. */
export function makeChartControls(
  figure: HTMLElement,
  chart: Chart,
  state: PageState,
  changed: () => void,
): () => void {
  const select = figure.querySelector("select");
  const scales = figure.querySelector<HTMLElement>(".scales");
  const own = () => (state.charts[chart.id] ??= { panel: 0, scale: "" });
  const panel = () => panelAt(chart, own().panel);
  const showScales = () => {
    if (scales === null) return;
    const offered = panel()?.scales ?? [];
    scales.hidden = offered.length < 2;
    const ordered = (["linear", "symlog", "log"] as const).filter((scale) => offered.includes(scale));
    switchButtons(
      scales,
      ordered.map((value) => ({ value, title: value })),
    );
    makeSwitch(
      scales,
      () => own().scale || (offered[0] ?? ""),
      (name) => {
        own().scale = name as ScaleName;
        changed();
      },
    );
  };
  const show = () => {
    const known = chart.panels[own().panel] !== undefined;
    if (select !== null) select.value = String(known ? own().panel : 0);
    showScales();
  };
  select?.addEventListener("change", () => {
    const kept = own().scale;
    own().panel = Number(select.value);
    const offered = panel()?.scales ?? [];
    own().scale = kept !== "" && offered.includes(kept) ? kept : "";
    showScales();
    changed();
  });
  show();
  return show;
}

/**
 * One button per estimator: a click hides or shows it in every chart, a double click (or Shift and Enter) leaves it
 * alone, and again on the one that is alone brings all back.
 */
export function makeChips(places: readonly HTMLElement[], state: PageState, changed: () => void): () => void {
  const chips = places.flatMap((place) => [
    ...place.querySelectorAll<HTMLButtonElement>("button[data-estimator]"),
  ]);
  const labels = [...new Set(chips.map((chip) => chip.dataset["estimator"] ?? ""))];
  const show = () => {
    for (const chip of chips)
      chip.setAttribute("aria-pressed", String(!state.hidden.includes(chip.dataset["estimator"] ?? "")));
  };
  for (const chip of chips) {
    const label = chip.dataset["estimator"] ?? "";
    const update = () => {
      show();
      changed();
    };
    const isolate = (alone: boolean) => {
      state.hidden = alone ? [] : labels.filter((other) => other !== label);
      update();
    };
    const others = () =>
      labels.filter((other) => other !== label).every((other) => state.hidden.includes(other));
    chip.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.shiftKey) return;
      event.preventDefault();
      isolate(others() && !state.hidden.includes(label));
    });
    chip.addEventListener("click", (event) => {
      // The second click of a double click is undone by the isolation that follows it.
      if (event.detail > 1) return;
      state.hidden = state.hidden.includes(label)
        ? state.hidden.filter((other) => other !== label)
        : [...state.hidden, label];
      update();
    });
    // The first click of the two has already hidden this one, or brought it back.
    chip.addEventListener("dblclick", () => isolate(others()));
  }
  show();
  return show;
}
