/** The index of published runs: a search, filters and a leaderboard for each task, in one file that makes no request. */
import type { PublishedRun } from "../format/published-run.ts";
import type { IndexData } from "./client/index-data.ts";
import { clientBundle } from "./client-bundle.ts";
import { element, html } from "./html.ts";
import { framedPage } from "./page-frame.ts";

/** Stands in every index, and in no other page. */
export const indexMark = 'id="published-runs"';

/** JSON that no parser of HTML takes for a tag. */
const inert = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");

/** A run a line, so that the index of a repository changes by lines. */
function dataText(runs: readonly PublishedRun[]): string {
  const lines = runs.map(({ id, rows, manifest: { name, command, created, quick, engine, cpu } }) => {
    const run: IndexData[number] = { id, name, command, created, quick, engine: engine.name, cpu, rows };
    return inert(run);
  });
  return `[\n${lines.join(",\n")}\n]`;
}

const filters = ["task", "estimator", "engine"] as const;

export function indexPage(runs: readonly PublishedRun[]): string {
  const body = html`<header class="top">
      <div>
        <strong>Leaderboard</strong>
        <nav></nav>
        <button type="button" id="theme" title="light or dark" aria-label="light or dark">◐</button>
      </div>
    </header>
    <main>
      <h1>Gradient estimators of discrete latent variables, compared by bench</h1>
      <p class="doc">
        Means over seeds with 95% intervals. Places follow the means alone. The report of a run says which of
        its differences are detectable. Rows of different runs may differ in steps and in how the bound was
        measured.
      </p>
      <p class="banner unscripted">Scripts are off: the reports are in the folder runs/.</p>
      <div class="tools filters">
        <input id="search" type="search" placeholder="search" aria-label="search" />
        ${filters.map((name) => html`<select id="${name}" aria-label="${name}"></select>`)}
        <label><input id="full" type="checkbox" /> without quick runs</label>
        <span id="count" role="status"></span>
      </div>
      <div id="boards"></div>
      <p class="tools"><button type="button" id="more" hidden>more tasks</button></p>
    </main>
    ${element("script", ` type="application/json" ${indexMark}`, dataText(runs))}`;
  return framedPage({
    title: "Published runs",
    body,
    script: clientBundle("start-index.ts"),
  });
}
