/** The top of the report: navigation, verdicts, warnings, the command and downloads. */
import { failureReasons } from "../aggregate/failure-reasons.ts";
import { plural } from "../aggregate/numbers.ts";
import type { Summary } from "../format/summary.ts";
import type { PageData } from "./client/page-data.ts";
import { html, type Markup } from "./html.ts";

export function header({ name, across }: Summary, ids: ReadonlyMap<string, string>, lead: boolean): Markup {
  const links = [
    ...(lead ? [["published", "published"]] : []),
    ...(across ? [["across-tasks", "across tasks"]] : []),
    ...[...ids].map(([task, id]) => [id, task]),
    ["widget", "Gumbel-Softmax"],
    ["cells-section", "cells"],
    ["manifest", "manifest"],
    ["definitions", "definitions"],
  ];
  return html`<header class="top">
    <div>
      <strong>${name}</strong>
      <nav aria-label="sections">${links.map(([id, text]) => html`<a href="#${id}">${text}</a>`)}</nav>
      <button type="button" id="theme" title="light or dark" aria-label="light or dark">◐</button>
    </div>
  </header>`;
}

/** The verdicts, what a reader must know before any other number, the command, and the downloads. */
export function opening(summary: Summary, downloads: PageData["downloads"], published: boolean): Markup {
  const { name, tasks, command } = summary;
  return html`<h1>${name}</h1>
    <ul class="verdicts ${tasks.length > 2 ? "many" : ""}">
      ${tasks.map(({ sentence }) => html`<li>${sentence}</li>`)}
    </ul>
    ${banners(summary)}
    <div class="command">
      <pre id="command">${command}</pre>
      <span class="tools"><button type="button" data-copy="command">copy</button></span>
    </div>
    <div class="tools">
      <input id="filter" type="search" placeholder="filter estimators" aria-label="filter estimators" />
      ${Object.entries(downloads).map(
        ([id, file]) => html`<button type="button" data-download="${id}">${file.name}</button>`,
      )}
      ${
        published &&
        ["results.csv", "summary.json", "manifest.json", "SHA256SUMS"].map(
          (name) => html`<a href="${name}">${name}</a>`,
        )
      }
      ${
        !published &&
        !Object.hasOwn(downloads, "results") &&
        html`<span>results.csv is too large for this page; it is in the run's folder.</span>`
      }
    </div>`;
}

const mostReasons = 12;

/** Warnings: a short run, cells that are missing, few seeds, failures. */
function banners({ quick, partial, states, failures, seeds }: Summary): Markup {
  const all = Object.values(states).reduce((sum, count) => sum + count, 0);
  const done = states.done ?? 0;
  const reasons = failureReasons(failures);
  const estimators = new Set(failures.map(({ task, estimator }) => JSON.stringify([task, estimator])));
  const warnings: [word: string, text: string][] = [];
  if (quick) warnings.push(["QUICK", "This run has too few steps and seeds to compare estimators."]);
  if (partial || all > done + failures.length)
    warnings.push(["PARTIAL", `${done} of ${plural(all, "cell")} done; numbers will change.`]);
  if (!quick && seeds < 3)
    warnings.push([
      "FEW SEEDS",
      `${plural(seeds, "seed")}: intervals and verdicts need at least three. The default is five.`,
    ]);
  return html`${warnings.map(([word, text]) => html`<p class="banner"><b>${word}</b> ${text}</p>`)}
  ${
    failures.length > 0 &&
    html`<div class="banner bad">
      <b>FAILURES</b> ${plural(failures.length, "cell")} of ${all} did not finish.
      ${estimators.size === 1 ? "Its estimator is" : "Their estimators are"} ranked last.
      <ul>
        ${reasons.slice(0, mostReasons).map((reason) => html`<li>${reason}</li>`)}
        ${
          reasons.length > mostReasons &&
          html`<li>${reasons.length - mostReasons} more reasons are listed under Cells.</li>`
        }
      </ul>
    </div>`
  }`;
}
