/// <reference lib="dom" />
/** The Gumbel-Softmax picture that a reader can play with. */
import { gumbelNoise, hardSample, meanPoint, normalise, relaxedSample } from "./gumbel.ts";

export interface WidgetState {
  weights: number[];
  temperature: number;
  hard: boolean;
  noise: number[][];
}

/** Bars of a point of the simplex; `marks` are drawn as lines across, for comparison. */
export function drawBars(
  place: HTMLElement,
  point: readonly number[],
  marks: readonly number[] | null,
): void {
  const winner = point.indexOf(Math.max(...point));
  const top = marks === null ? 1 : Math.max(...point, ...marks);
  place.replaceChildren(
    ...point.map((value, k) => {
      const column = document.createElement("span");
      column.title =
        marks === null ? value.toFixed(3) : `${value.toFixed(3)}, π = ${(marks[k] ?? 0).toFixed(3)}`;
      const bar = document.createElement("i");
      bar.style.height = `${((100 * value) / top).toFixed(2)}%`;
      if (marks === null && k === winner) bar.className = "winner";
      column.append(bar);
      if (marks !== null) {
        const mark = document.createElement("b");
        mark.style.bottom = `${((100 * (marks[k] ?? 0)) / top).toFixed(2)}%`;
        column.append(mark);
      }
      return column;
    }),
  );
}

/** Draws all parts from the state: the samples that fit, the mean of all of them, and the numbers. */
export function drawWidget(root: HTMLElement, state: WidgetState): void {
  const probabilities = normalise(state.weights);
  const sample = (noise: readonly number[]) =>
    state.hard ? hardSample(probabilities, noise) : relaxedSample(probabilities, noise, state.temperature);
  const samples = state.noise.map(sample);
  for (const [index, place] of [...root.querySelectorAll<HTMLElement>(".sample")].entries())
    drawBars(place, samples[index] ?? [], null);
  const centre = root.querySelector<HTMLElement>(".mean");
  const average = meanPoint(samples);
  if (centre !== null) drawBars(centre, average, probabilities);
  for (const [k, label] of [...root.querySelectorAll<HTMLElement>(".probability")].entries())
    label.textContent = (probabilities[k] ?? 0).toFixed(2);
  const far = Math.max(...average.map((value, k) => Math.abs(value - (probabilities[k] ?? 0))));
  const said = root.querySelector<HTMLElement>(".said");
  if (said !== null)
    said.textContent = `Mean of ${samples.length} ${state.hard ? "hard" : "soft"} samples: farthest from π by ${far.toFixed(3)}.`;
  const formula = root.querySelector<HTMLElement>(".formula");
  if (formula !== null) formula.textContent = state.hard ? "argmax(log π + g)" : "softmax((log π + g) / τ)";
  const temperature = root.querySelector<HTMLElement>(".temperature");
  if (temperature !== null) temperature.textContent = state.hard ? "any" : state.temperature.toPrecision(2);
}

/** The same noise at fixed temperatures, 0 being the argmax: the mean of all samples, and the first of them. */
export function drawCompared(root: HTMLElement, { weights, noise }: WidgetState): void {
  const probabilities = normalise(weights);
  const at = (temperature: number) => (noise: readonly number[]) =>
    temperature === 0 ? hardSample(probabilities, noise) : relaxedSample(probabilities, noise, temperature);
  for (const place of root.querySelectorAll<HTMLElement>("[data-at]")) {
    const sample = at(Number(place.dataset["at"]));
    if (place.dataset["part"] === "mean") drawBars(place, meanPoint(noise.map(sample)), probabilities);
    else drawBars(place, sample(noise[0] ?? []), null);
  }
}

/** Makes the widget in `root` live. */
export function startWidget(root: HTMLElement): void {
  const sliders = [...root.querySelectorAll<HTMLInputElement>("input[data-weight]")];
  const draws = 2000;
  const again = () => gumbelNoise(draws, sliders.length, Math.random);
  const state: WidgetState = {
    weights: sliders.map((slider) => Number(slider.value)),
    temperature: 1,
    hard: false,
    noise: again(),
  };
  const redraw = () => {
    drawWidget(root, state);
    drawCompared(root, state);
  };
  for (const [k, slider] of sliders.entries())
    slider.addEventListener("input", () => {
      state.weights[k] = Number(slider.value);
      redraw();
    });
  const temperature = root.querySelector<HTMLInputElement>("input[data-temperature]");
  const readTemperature = () => {
    state.temperature = 10 ** Number(temperature?.value ?? 0);
    redraw();
  };
  temperature?.addEventListener("input", readTemperature);
  root.querySelector("button[data-again]")?.addEventListener("click", () => {
    state.noise = again();
    redraw();
  });
  for (const button of root.querySelectorAll<HTMLButtonElement>("button[data-hard]"))
    button.addEventListener("click", () => {
      state.hard = button.dataset["hard"] === "yes";
      for (const other of root.querySelectorAll<HTMLButtonElement>("button[data-hard]"))
        other.setAttribute("aria-pressed", String((other.dataset["hard"] === "yes") === state.hard));
      redraw();
    });
  readTemperature();
}

/** Finds the page's widgets and starts them. */
export function startWidgets(): void {
  for (const root of document.querySelectorAll<HTMLElement>(".widget")) startWidget(root);
}
