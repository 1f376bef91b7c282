/// <reference lib="dom" />
/** The Gumbel-Softmax widget: samples and their mean, as a reader moves the probabilities and the temperature. */
import { all } from "./elements.ts";
import { gumbelNoise, hardSample, meanPoint, normalise, relaxedSample } from "./gumbel.ts";

const draws = 2000;

/** Draws a point of the simplex as bars, or a mean as bars with lines at the probabilities that it should have. */
function drawBars(place: HTMLElement, point: readonly number[], probabilities?: readonly number[]): void {
  const winner = point.indexOf(Math.max(...point));
  const top = probabilities === undefined ? 1 : Math.max(...point, ...probabilities);
  const height = (value: number) => `${((100 * value) / top).toFixed(2)}%`;
  place.replaceChildren(
    ...point.map((value, k) => {
      const column = document.createElement("span");
      const bar = document.createElement("i");
      bar.style.height = height(value);
      column.append(bar);
      column.title = value.toFixed(3);
      if (probabilities === undefined) {
        if (k === winner) bar.className = "winner";
      } else {
        const line = document.createElement("b");
        line.style.bottom = height(probabilities[k]!);
        column.append(line);
        column.title += `, π = ${probabilities[k]!.toFixed(3)}`;
      }
      return column;
    }),
  );
}

/** A sample at a temperature; 0 is the argmax. */
const sampleAt = (probabilities: readonly number[], noise: readonly number[], temperature: number) =>
  temperature === 0 ? hardSample(probabilities, noise) : relaxedSample(probabilities, noise, temperature);

function drawWidget(
  root: HTMLElement,
  probabilities: readonly number[],
  { temperature, hard, noise }: { temperature: number; hard: boolean; noise: number[][] },
): void {
  const samples = noise.map((one) => sampleAt(probabilities, one, hard ? 0 : temperature));
  const mean = meanPoint(samples);
  for (const [index, place] of all(".sample", root).entries()) drawBars(place, samples[index]!);
  for (const place of all(".bars.mean", root)) drawBars(place, mean, probabilities);
  for (const [k, label] of all(".probability", root).entries())
    label.textContent = probabilities[k]!.toFixed(2);
  const error = Math.max(...mean.map((value, k) => Math.abs(value - probabilities[k]!)));
  const texts = {
    ".said": `Mean of ${draws} ${hard ? "hard" : "soft"} samples: largest error ${error.toFixed(3)}.`,
    ".formula": hard ? "argmax(log π + g)" : "softmax((log π + g) / τ)",
    ".temperature": hard ? "any" : temperature.toPrecision(2),
  };
  for (const [selector, text] of Object.entries(texts))
    for (const place of all(selector, root)) place.textContent = text;
  // The same noise at fixed temperatures: the mean of all samples, and the first of them.
  for (const place of all("[data-at]", root)) {
    const at = (one: readonly number[]) => sampleAt(probabilities, one, Number(place.dataset["at"]));
    if (place.dataset["part"] === "mean") drawBars(place, meanPoint(noise.map(at)), probabilities);
    else drawBars(place, at(noise[0]!));
  }
}

function startWidget(root: HTMLElement): void {
  const sliders = all<HTMLInputElement>("input[data-weight]", root);
  const temperature = root.querySelector<HTMLInputElement>("input[data-temperature]")!;
  const hardButtons = all<HTMLButtonElement>("button[data-hard]", root);
  const newNoise = () => gumbelNoise(draws, sliders.length, Math.random);
  let noise = newNoise();
  let hard = false;
  const redraw = () =>
    drawWidget(root, normalise(sliders.map((slider) => Number(slider.value))), {
      ...{ temperature: 10 ** Number(temperature.value), hard, noise },
    });
  for (const slider of [...sliders, temperature]) slider.addEventListener("input", redraw);
  root.querySelector("button[data-again]")?.addEventListener("click", () => {
    noise = newNoise();
    redraw();
  });
  for (const button of hardButtons)
    button.addEventListener("click", () => {
      hard = button.dataset["hard"] === "yes";
      for (const other of hardButtons) other.setAttribute("aria-pressed", String(other === button));
      redraw();
    });
  redraw();
}

/** Finds the page's widgets and starts them. */
export function startWidgets(): void {
  for (const root of all(".widget")) startWidget(root);
}
