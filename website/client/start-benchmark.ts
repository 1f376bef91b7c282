/// <reference lib="dom" />
/** The page of the benchmark: what is chosen, the curves while it computes, and the numbers. */
import { inkFor } from "../../reports/charts/palette.ts";
import { all } from "../../reports/page/client/elements.ts";
import { html, type Markup } from "../../reports/page/html.ts";
import { curveChart } from "./curves.ts";
import { liveRun, type LivePoint, type Resolved } from "./live-run.ts";

/** A task with the estimators that run on it, all with their options. */
export interface OfferedTask extends Resolved {
  readonly title: string;
  /** As `bench run -t` reads it. */
  readonly text: string;
  readonly steps: number;
  /** The axis of costs. */
  readonly cost: string;
  readonly estimators: readonly Resolved[];
  /** Those that are chosen at first. */
  readonly chosen: readonly string[];
}

// Node's function, which the training loop uses to let the page handle events. A time of zero would be four milliseconds.
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();
Object.assign(globalThis, {
  setImmediate(then: () => void) {
    waiting.push(then);
    channel.port2.postMessage(0);
  },
});

const most = 4;
const offered = JSON.parse(document.querySelector("#benchmark-data")!.textContent) as OfferedTask[];
const get = <Kind extends HTMLElement>(id: string) => document.querySelector<Kind>(`#benchmark-${id}`)!;
const show = (id: string, markup: Markup) => (get(id).innerHTML = markup.markup);
const say = (text: string) => (get("message").textContent = text);
const [taskSelect, seedInput, stepsInput] = [
  get<HTMLSelectElement>("task"),
  get<HTMLInputElement>("seed"),
  get<HTMLInputElement>("steps"),
];
const [startButton, stopButton] = [get<HTMLButtonElement>("start"), get<HTMLButtonElement>("stop")];
let running = false;

const taskNow = () => offered[taskSelect.selectedIndex]!;
const chips = () => all<HTMLButtonElement>("button[data-name]", get("estimators"));
const isChosen = (chip: HTMLButtonElement) => chip.getAttribute("aria-pressed") === "true";

function offerEstimators(): void {
  const { estimators, chosen, steps } = taskNow();
  stepsInput.value = String(steps);
  const chip = ({ name }: Resolved) =>
    html`<button type="button" data-name="${name}" aria-pressed="${String(chosen.includes(name))}">
      ${name}
    </button>`;
  show("estimators", html`${estimators.map(chip)}`);
  for (const one of chips())
    one.addEventListener("click", () => {
      const full = !isChosen(one) && chips().filter(isChosen).length === most;
      if (full) say(`Up to ${most} estimators at once.`);
      else one.setAttribute("aria-pressed", String(!isChosen(one)));
    });
}

const number = (x: number) => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : "–");

function draw(names: readonly string[], curves: ReadonlyMap<string, LivePoint[]>, end: number): void {
  const inks = inkFor(names);
  const of = (key: "cost" | "variance") =>
    inks.map((ink) => ({
      ink,
      points: curves.get(ink.label)!.map((point) => [point.step, point[key]] as const),
    }));
  const rows = inks.map(({ label, colour }) => {
    const last = curves.get(label)!.at(-1);
    if (last === undefined)
      return html`<tr>
        <th>${label}</th>
        <td colspan="4">compiling</td>
      </tr>`;
    const { step, cost, variance, stepsPerSecond } = last;
    return html`<tr data-estimator="${label}" data-step="${step}" data-cost="${cost}">
      <th><span class="key" style="background:${colour}"></span>${label}</th>
      <td class="number">${step}</td>
      <td class="number">${number(cost)}</td>
      <td class="number">${number(variance)}</td>
      <td class="number">${number(Math.round(stepsPerSecond))}</td>
    </tr>`;
  });
  show("curves", html`<figure>${curveChart(taskNow().cost, of("cost"), { end })}</figure>
    <figure>${curveChart("Variance of the gradient, logarithmic", of("variance"), { end, logarithmic: true })}</figure>`); // prettier-ignore
  show("rows", html`${rows}`);
}

async function start(): Promise<void> {
  const task = taskNow();
  const chosen = chips()
    .filter(isChosen)
    .map((chip) => chip.dataset["name"]!);
  if (chosen.length === 0) return void say("Choose an estimator.");
  if (![stepsInput, seedInput].every((input) => input.reportValidity())) return;
  const [steps, seed] = [Number(stepsInput.value), Number(seedInput.value)];
  const curves = new Map(chosen.map((name): [string, LivePoint[]] => [name, []]));
  const done = () => Math.min(...[...curves.values()].map((points) => points.at(-1)?.step ?? 0));
  running = true;
  startButton.disabled = taskSelect.disabled = true;
  stopButton.disabled = false;
  say("Computing on this machine.");
  get("command").textContent =
    `bench run -e ${chosen.join(",")} -t ${task.text} --steps ${steps} --seeds ${seed}-${seed} --engine cpu`;
  draw(chosen, curves, steps);
  try {
    await liveRun(
      { task, estimators: task.estimators.filter(({ name }) => chosen.includes(name)), steps, seed },
      (name, point) => {
        curves.get(name)!.push(point);
        draw(chosen, curves, steps);
        say(`Computing on this machine: ${done()} of ${steps} steps.`);
      },
      () => !running,
    );
    say(running ? `Done: ${steps} steps.` : `Stopped after ${done()} steps.`);
  } catch (error) {
    say(`This browser could not compute it: ${String(error)}`);
  }
  running = startButton.disabled = taskSelect.disabled = false;
  stopButton.disabled = true;
}

taskSelect.addEventListener("change", offerEstimators);
startButton.addEventListener("click", () => void start());
stopButton.addEventListener("click", () => (running = false));
offerEstimators();
document.documentElement.dataset["ready"] = "yes";
