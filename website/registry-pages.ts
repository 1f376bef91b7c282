/** A page for each estimator and for each task, and a table of each kind, from what `bench info` shows and what was measured. */
import type { Estimator } from "../estimators/estimator.ts";
import { formatNumber } from "../reports/aggregate/numbers.ts";
import { html, type Markup } from "../reports/page/html.ts";
import { estimatorFacts, optionRows, taskFacts } from "../runners/cli/commands/info.ts";
import { bibtex } from "../runners/cli/text/bibtex.ts";
import { citation, describeEstimator, describeTask, identityText, paperOf } from "../runners/cli/text/describe.ts"; // prettier-ignore
import { openRegistry, type EstimatorEntry } from "../runners/plan/registry.ts";
import type { TaskDefinition } from "../tasks/task.ts";
import { textOf } from "./documents.ts";
import { rankedOn, type Measured } from "./measured.ts";
import { plainTable, sitePage, type SitePage } from "./page.ts";

const facts = (pairs: readonly (readonly [string, string])[]) =>
  html`<dl>${pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`; // prettier-ignore

/** Words that stand between backticks as code. */
const withCode = (text: string) =>
  html`${text.split(/`([^`]+)`/).map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;

const options = (described: Parameters<typeof optionRows>[0]) =>
  Object.keys(described).length === 0
    ? html`<p>It has no options.</p>`
    : plainTable(
        ["option", "default", "values", "meaning"],
        optionRows(described).map((row) => row.map(withCode)),
      );

function paperSection(key: string | null): Markup | undefined {
  const paper = paperOf(key ?? undefined);
  if (key === null) return undefined;
  if (paper === undefined) return html`<h2>Paper</h2><p>${key}</p>`; // prettier-ignore
  return html`<h2>Paper</h2>
    <p>${paper.authors.join(", ")} (${paper.year}). <a href="${paper.link}">${paper.title}</a>.</p>
    <pre>${bibtex(key, paper).trim()}</pre>`;
}

/** The sentences of the docstring above the definition, a paragraph each. */
function docstringOf(source: string): string[] {
  const found = [...source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export default/g)].at(-1)?.[1] ?? "";
  const lines = found.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trim());
  return lines
    .join("\n")
    .trim()
    .split(/\n\n|(?<=[.:])\n(?=[A-Z])/)
    .map((paragraph) => paragraph.replaceAll("\n", " "));
}

/**
 * When to use an estimator, in sentences: what it needs, and its place among comparable ones. Variances can be compared only of
 * estimates of the same gradient, neither biased nor scaled freely.
 */
function whenToUse(own: Measured | undefined, all: readonly Measured[], { claims }: Estimator): string[] {
  const needs =
    claims.needs === "values"
      ? "It needs only values of the cost, which may be a black box."
      : "It needs the derivative of the cost with respect to the sample.";
  const layers = claims.sites === "one" ? " It supports one stochastic layer." : "";
  const comparable = all.filter(({ entry }) => entry.estimator.claims.unbiased === true);
  const ranks = ["coupled-bits", "coupled-categorical", "layered-bits"].flatMap((toy) => {
    const ranked = rankedOn(comparable, toy, "atEqualCost");
    const place = ranked.findIndex(({ entry }) => entry === own?.entry) + 1;
    if (place === 0) return [];
    const { variance, evaluations } = ranked[place - 1]!.at;
    return [`${place} of ${ranked.length} on ${toy} (variance ${variance.toPrecision(3)}, ${evaluations} evaluations a draw)`]; // prettier-ignore
  });
  const bias = own?.rows.claims[2] ?? "–";
  return [
    needs + layers,
    ...(ranks.length === 0
      ? []
      : [`By variance at equal cost (variance × evaluations of a draw), with default options and before any control variate is trained, its rank among unbiased estimators is ${ranks.join(", ")}.`]), // prettier-ignore
    ...(claims.unbiased === "direction"
      ? ["It is unbiased up to a positive factor, so its variance cannot be compared with that of others."]
      : []),
    ...(bias === "–" ? [] : [`It is biased: on a problem that shows it, by ${bias} of the gradient's norm. A low variance below does not make up for that by itself.`]), // prettier-ignore
  ];
}

function measurements({ rows, on }: Measured): Markup {
  const [claim, z, bias, detectable, evaluations, checks] = rows.claims;
  const polynomial = rows.polynomial && [
    html`<p>After 8,000 steps on <a href="../tasks/polynomial.html">polynomial</a> (the optimum is .2025) the mean of the
      last 200 training costs is ${rows.polynomial[0]}, and the cost of hard samples ${rows.polynomial[1]}.</p>`, // prettier-ignore
  ];
  return html`<h2>What was measured</h2>
    ${plainTable(
      ["claim", "z", "bias found", "detectable bias", "evaluations", "checks"],
      [[claim!, z!, bias!, detectable!, evaluations!, checks!]],
    )}
    ${
      on.size > 0 &&
      plainTable(
        ["toy", "variance of a draw", "evaluations of a draw", "variance × evaluations"],
        [...on].map(([toy, { text, evaluations, atEqualCost }]) => [
          html`<a href="../tasks/${toy}.html">${toy}</a>`,
          ...[text, String(evaluations), formatNumber(atEqualCost, 3)],
        ]),
      )
    }
    ${polynomial}
    <p><a href="../docs/estimators.html">How these were measured, and all estimators side by side</a></p>`;
}

function estimatorPage(entry: EstimatorEntry, all: readonly Measured[]): SitePage {
  const described = describeEstimator(entry);
  const { name, title, formula, identities } = described;
  const file = described.source.replace(/js$/, "ts");
  const source = textOf(file);
  const own = all.find((one) => one.entry.name === name);
  const body = html`<h1>${name}: ${title}</h1>
    ${formula !== null && html`<pre class="formula">${formula}</pre>`}
    ${docstringOf(source).map((paragraph) => html`<p>${withCode(paragraph)}</p>`)}
    <h2>When to use it</h2>
    ${whenToUse(own, all, entry.estimator).map((sentence) => html`<p>${sentence}</p>`)}
    <p><a href="../choose.html">Which estimator should I use?</a></p>
    <h2>Claims</h2>
    ${facts(estimatorFacts({ ...described, source: file }, identities.map(identityText)))}
    <h2>Options</h2>
    ${options(described.options)} ${own && measurements(own)} ${paperSection(described.paper)}
    <h2>Code</h2>
    <p>${file}</p>
    <pre>${source}</pre>`;
  return { path: `estimators/${name}.html`, title: `${name}: ${title}`, body };
}

function taskPage(task: TaskDefinition, all: readonly Measured[]): SitePage {
  const described = describeTask(task);
  const { name, title, doc } = described;
  const file = `tasks/${name}.ts`;
  const ranked = rankedOn(all, name, "variance");
  const body = html`<h1>${name}: ${title}</h1>
    <p>${doc}</p>
    ${facts(taskFacts({ ...described, source: file }))}
    <h2>Options</h2>
    ${options(described.options)}
    ${
      ranked.length > 0 &&
      html`<h2>Variance of the estimators</h2>
        ${plainTable(
          ["estimator", "claim", "variance of a draw", "evaluations of a draw"],
          ranked.map(({ entry, rows, at }) => [
            html`<a href="../estimators/${entry.name}.html">${entry.name}</a>`,
            ...[rows.claims[0]!, at.text, String(at.evaluations)],
          ]),
        )}`
    }
    ${paperSection(described.paper)}
    <h2>Code</h2>
    <p>${file}</p>
    <pre>${textOf(file)}</pre>`;
  return { path: `tasks/${name}.html`, title: `${name}: ${title}`, body };
}

function estimatorIndex(entries: readonly EstimatorEntry[]): SitePage {
  const rows = entries.map((entry) => {
    const { name, title, claims, paper } = describeEstimator(entry);
    const { forward, backward } = claims.evaluations;
    return [
      html`<a href="${name}.html">${name}</a>`,
      ...[title, { true: "yes", false: "no", direction: "up to a factor" }[String(claims.unbiased)]!],
      ...[claims.needs, claims.families.join(", "), `${forward} + ${backward}`, citation(paper ?? undefined)],
    ];
  });
  const head = ["name", "estimator", "unbiased", "needs", "variables", "evaluations", "paper"];
  const body = html`<h1>Estimators</h1>
    <p>
      Evaluations of the cost per row and step at the default options, forward + backward, for one variable.
    </p>
    ${plainTable(head, rows)}`;
  return { path: "estimators/index.html", title: "Estimators", body };
}

/** The pages of all estimators and tasks by their place in the site. */
export async function registryPages(all: readonly Measured[]): Promise<Map<string, string>> {
  const { estimators, tasks } = await openRegistry();
  const rows = tasks.map(({ name, title, doc }) => [html`<a href="${name}.html">${name}</a>`, title, doc]);
  const taskIndex = html`<h1>Tasks</h1>
    ${plainTable(["name", "task", "what it is"], rows)}`;
  const pages: SitePage[] = [
    estimatorIndex(estimators),
    ...estimators.map((entry) => estimatorPage(entry, all)),
    { path: "tasks/index.html", title: "Tasks", body: taskIndex },
    ...tasks.map((task) => taskPage(task, all)),
  ];
  return new Map(pages.map((page) => [page.path, sitePage(page)]));
}
