/** The Gumbel-Softmax explained: the interactive picture, and what `hard=True` does, computed here on a cost of three outcomes. */
import { gumbelNoise, hardSample, meanPoint, relaxedSample } from "../reports/page/client/gumbel.ts";
import { clientBundle } from "../reports/page/client-bundle.ts";
import { html, type Markup } from "../reports/page/html.ts";
import { widgetSection } from "../reports/page/widget-page.ts";
import { key, uniformAt } from "../tasks/noise.ts";
import { storedRows } from "../benchmarks/estimator-rows.ts";
import { plainTable, type SitePage } from "./page.ts";

const probabilities = [0.5, 0.3, 0.2];
const values = [0, 1, 3];
const target = 0.8;
const draws = 100_000;
const temperatures = [0.1, 0.5, 1, 2];

const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
const distance = (point: readonly number[]) => sum(point.map((z, k) => z * values[k]!)) - target;
const cost = (point: readonly number[]) => distance(point) ** 2;
const square = (xs: readonly number[]) => sum(xs.map((x) => x * x));

/** dE[f]/dφ of hard samples, by enumeration. */
function exactGradient(): number[] {
  const costs = probabilities.map((_, k) => cost(probabilities.map((_p, j) => (j === k ? 1 : 0))));
  const mean = sum(costs.map((f, k) => f * probabilities[k]!));
  return costs.map((f, k) => probabilities[k]! * (f - mean));
}

/** f′(at)ᵀ dy/dφ with y the relaxed sample: `at` is y, or the hard sample with hard=True. */
function pathGradient(at: readonly number[], y: readonly number[], temperature: number): number[] {
  const slopes = values.map((value) => 2 * distance(at) * value);
  const mean = sum(slopes.map((slope, k) => slope * y[k]!));
  return y.map((share, k) => (share * (slopes[k]! - mean)) / temperature);
}

const short = (x: number) => String(Number(x.toPrecision(3)));

function comparison(noise: readonly number[][]): Markup {
  const exact = exactGradient();
  const rows = temperatures.flatMap((temperature) =>
    [false, true].map((hard) => {
      const made = noise.map((g) => {
        const y = relaxedSample(probabilities, g, temperature);
        const forward = hard ? hardSample(probabilities, g) : y;
        return { cost: cost(forward), gradient: pathGradient(forward, y, temperature) };
      });
      const mean = meanPoint(made.map(({ gradient }) => gradient));
      const bias = Math.sqrt(square(mean.map((x, k) => x - exact[k]!)) / square(exact));
      const variance = sum(made.map(({ gradient }) => square(gradient))) / draws - square(mean);
      const forward = sum(made.map((one) => one.cost)) / draws;
      return [short(temperature), hard ? "True" : "False", short(forward), `${Math.round(100 * bias)} %`, short(variance)]; // prettier-ignore
    }),
  );
  return plainTable(
    ["τ", "hard", "mean cost forward", "bias of the gradient", "variance of the gradient"],
    rows,
  );
}

const bars = (title: string, point: readonly number[]) =>
  html`<figure><figcaption>${title}</figcaption>
    <div class="bars">${point.map((x) => html`<span title="${x.toFixed(3)}"><i style="height:${(100 * x).toFixed(1)}%"></i></span>`)}</div>
    <p>(${point.map((x) => x.toFixed(2)).join(", ")})</p></figure>`; // prettier-ignore

export function gumbelPage(): SitePage {
  let drawn = 0;
  const noise = gumbelNoise(draws, probabilities.length, () => uniformAt(key("site", "gumbel"), drawn++));
  const one = noise.find((g) => Math.max(...relaxedSample(probabilities, g, 1)) < 0.6)!;
  const [y, hard] = [relaxedSample(probabilities, one, 1), hardSample(probabilities, one)];
  const exactCost = sum(values.map((value, k) => probabilities[k]! * (value - target) ** 2));
  const { gs, "st-gs": stGs } = storedRows() as Record<string, { polynomial?: readonly string[] }>;
  const body = html`<h1>Gumbel-Softmax</h1>
    ${widgetSection()}
    <section>
      <h2>What does hard=True do?</h2>
      <p>In PyTorch <code>gumbel_softmax(logits, tau, hard=True)</code> returns <code>y_hard − y.detach() + y</code>. Its
        value is the one-hot sample, its derivative that of the relaxed one. So the cost sees a true discrete sample, but the
        gradient is that of another function. With <code>hard=False</code> value and derivative belong together, but the cost
        sees points that are no samples. In <code>bench</code> they are <a href="estimators/gs.html">gs</a> (False) and
        <a href="estimators/st-gs.html">st-gs</a> (True).</p>
      <div class="forward">
        ${bars("Forward with hard=False: y at τ = 1", y)} ${bars("Forward with hard=True, the same noise", hard)}
        ${bars("Backward in both: the derivative is taken at y", y)}
      </div>
      <p>What it costs: f(z) = (vᵀz − ${target})² with v = (${values.join(", ")}) and π = (${probabilities.join(", ")}), ${draws.toLocaleString("en")} draws.
        The expected cost of discrete samples is ${short(exactCost)}, and the exact gradient with respect to the logits is
        (${exactGradient().map(short).join(", ")}). Bias is a share of its norm, and uncertain by
        a few percent at τ = 0.1.</p>
      ${comparison(noise)}
      <p>With <code>hard=True</code> the mean cost is right at every temperature, up to noise, and the gradient is biased. With
        <code>hard=False</code> both are wrong unless τ is small, where the variance grows. After 8,000 steps on <a href="tasks/polynomial.html">polynomial</a>
        (optimum .2025) gs has a training cost of ${gs!.polynomial![0]}, far below what is possible, but its hard samples cost ${gs!.polynomial![1]};
        those of st-gs cost ${stGs!.polynomial![1]}. Report the cost of hard samples in either case.</p>
      <img src="docs/temperature.svg" alt="Bias and variance of gs and st-gs against temperature" />
      <p>The same two on <a href="tasks/coupled-bits.html">coupled-bits</a>, measured by <code>bench variance</code>.</p>
    </section>`; // prettier-ignore
  return {
    path: "gumbel-softmax.html",
    title: "Gumbel-Softmax",
    body,
    script: clientBundle("start-widget.ts"),
  };
}
