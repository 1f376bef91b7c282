/** "Which estimator should I use?" as a tree of questions. Every answer is chosen by what was measured, and shows it. */
import { formatNumber } from "../reports/aggregate/numbers.ts";
import { html, type Markup } from "../reports/page/html.ts";
import { textOf } from "./documents.ts";
import { rankedOn, type Measured } from "./measured.ts";
import { plainTable, type SitePage } from "./page.ts";

/** Estimators that an answer shows. */
const shown = 3;

const linked = (name: string, text = name) => html`<a href="estimators/${name}.html">${text}</a>`;

/** A question with its answers; an answer is another question or what to use. */
const question = (text: string, answers: readonly (readonly [string, Markup])[]): Markup =>
  html`<p class="question">${text}</p>
    <ul class="tree">${answers.map(([answer, then]) => html`<li><details><summary>${answer}</summary>${then}</details></li>`)}</ul>`; // prettier-ignore

const structures = [
  ["coupled-bits", "One layer of bits"],
  ["coupled-categorical", "One layer of variables with a few outcomes"],
  ["layered-bits", "Several layers"],
] as const;

const budgets = [
  ["One or two: the cost is expensive", 2],
  ["Up to eight", 8],
  ["As many as it takes: every outcome can be tried", Infinity],
] as const;

/** Unbiased estimators by variance at equal cost, or by variance alone where evaluations are free. */
function unbiasedAnswer(all: readonly Measured[], toy: string, most: number): Markup {
  const by = most === Infinity ? "variance" : "atEqualCost";
  const fitting = rankedOn(all, toy, by).filter(({ at }) => at.evaluations <= most);
  const rows = fitting
    .slice(0, shown)
    .map(({ entry, at }) => [linked(entry.name), at.text, String(at.evaluations), formatNumber(at.atEqualCost, 3)]); // prettier-ignore
  return html`<div class="answer">
    ${plainTable(["use", "variance of a draw", "evaluations", "variance × evaluations"], rows)}
    <p>The ${by === "variance" ? "lowest variance" : "lowest variance × evaluations"} of ${fitting.length} estimators on
      <a href="tasks/${toy}.html">${toy}</a>.</p>
  </div>`; // prettier-ignore
}

const byStructure = (all: readonly Measured[]): Markup =>
  question(
    "What is sampled?",
    structures.map(([toy, text]) => {
      const answers = budgets.map(([words, most]) => [words, unbiasedAnswer(all, toy, most)] as const);
      return [text, question("How many evaluations of the cost can a step make?", answers)] as const;
    }),
  );

/** Where training with biased estimators ends on a task whose optimum is known. */
function polynomialAnswer(all: readonly Measured[]): Markup {
  const rows = all
    .flatMap(({ entry, rows: { claims, polynomial } }) =>
      polynomial ? [{ name: entry.name, bias: claims[2]!, end: polynomial[1]! }] : [],
    ) // prettier-ignore
    .sort((a, b) => Number(a.end) - Number(b.end));
  return html`<div class="answer">
    ${plainTable(
      ["use", "cost of hard samples at the end", "bias found"],
      rows.slice(0, shown).map(({ name, end, bias }) => [linked(name), end, bias]),
    )}
    <p>The best ends of ${rows.length} biased estimators after 8,000 steps on
      <a href="tasks/polynomial.html">polynomial</a>, 128 variables; the optimum is .2025, and ${rows.at(-1)!.name} ends at
      ${rows.at(-1)!.end}. The bias is a share of the gradient's norm on another problem, where the check found it.</p>
  </div>`; // prettier-ignore
}

interface StoredCell {
  readonly experiment: string;
  readonly estimator: string;
  readonly steps: number;
  readonly rows: readonly { readonly split: string; readonly metric: string; readonly value: number }[];
}

/** Models on MNIST trained with the whole protocol of a paper, from the cells stored in docs/. */
function modelAnswer(experiment: string, metric: "bound" | "elbo", words: string): Markup {
  const { cells } = JSON.parse(textOf("docs/reproduction/jang2016.json")) as { cells: StoredCell[] };
  const full = cells.filter((cell) => cell.experiment === experiment && cell.steps === 300_000);
  const of = ({ rows }: StoredCell, name: string) =>
    rows.find((row) => row.split === "test" && row.metric === name)!.value;
  const rows = full
    .sort((a, b) => of(b, metric) - of(a, metric))
    .map((cell) => [
      linked(cell.estimator.replace(/:.*/, ""), cell.estimator),
      ...[of(cell, "elbo").toFixed(1), of(cell, "bound").toFixed(1)],
    ]);
  return html`<div class="answer">
    ${plainTable(["best first", "test ELBO", "test bound"], rows)}
    <p>${words}, 300,000 steps of SGD, one seed, all that have been trained so, by ${metric === "elbo" ? "ELBO" : metric}: see
      <a href="docs/reproduction.html">reproduction</a>. Differences of less than a nat are not certain.</p>
  </div>`; // prettier-ignore
}

function multiSampleAnswer(all: readonly Measured[]): Markup {
  const rows = all
    .filter(({ entry }) => entry.estimator.claims.objective === "multi-sample")
    .map(({ entry, rows: { claims } }) => [linked(entry.name), claims[0]!, claims[2]!, claims[4]!]);
  return html`<div class="answer">
    ${plainTable(["use", "claim, tested", "bias found", "evaluations"], rows)}
    <p>Their variance on toys was not measured, for a toy has no such bound.</p>
  </div>`; // prettier-ignore
}

/** Variances can be compared only of estimates of the same gradient: neither scaled freely nor biased. */
export function choosePage(measured: readonly Measured[]): SitePage {
  const plain = measured.filter(({ entry }) => entry.combinator === undefined);
  const of = (unbiased: boolean, ...needs: string[]) =>
    plain.filter(
      ({ entry: { estimator: { claims } } }) => claims.unbiased === unbiased && claims.objective !== "multi-sample" && needs.includes(claims.needs), // prettier-ignore
    );
  const both = ["values", "derivatives"];
  const biased = question("What is it like?", [
    ["Many categorical variables, each of small effect", polynomialAnswer(of(false, "derivatives"))],
    ["A belief net with two layers of bits", modelAnswer("sbn-bernoulli", "bound", "Structured prediction")],
    ["An autoencoder with bits", modelAnswer("vae-bernoulli", "elbo", "The autoencoder of images")],
  ]);
  const body = html`<h1>Which estimator should I use?</h1>
    <p>Every answer is picked by a program from what was measured (<a href="docs/estimators.html">bias and variance on
      toys</a>, <a href="docs/reproduction.html">models trained to the end</a>), and shows the numbers that it rests on.
      Variances are at the parameters at which a toy starts, with default options and before any control variate or baseline
      is fitted, so <a href="estimators/rebar.html">rebar</a>, <a href="estimators/relax.html">relax</a> and
      <a href="estimators/muprop.html">muprop</a> may do better later. Your task may differ: try it with
      <code>bench run</code>, or <a href="try.html">here in the browser</a>.</p>
    ${question("What do you optimise, and what can you compute?", [
      ["The mean of a cost of which only values are known: a reward, a comparison, a lookup", byStructure(of(true, "values"))], // prettier-ignore
      ["The mean of a cost that can be differentiated, and the gradient must be unbiased", byStructure(of(true, ...both))], // prettier-ignore
      ["The mean of a cost that can be differentiated, and some bias is allowed for one cheap evaluation", biased], // prettier-ignore
      ["A multi-sample bound of log p(x), as of importance-weighted autoencoders", multiSampleAnswer(plain)],
    ])}`; // prettier-ignore
  return { path: "choose.html", title: "Which estimator?", body };
}
