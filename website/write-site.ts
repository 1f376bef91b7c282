/** Puts the site together and writes it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { clientBundle } from "../reports/page/client-bundle.ts";
import { html } from "../reports/page/html.ts";
import { benchmarkPage } from "./benchmark-page.ts";
import { choosePage } from "./choose-page.ts";
import { documents } from "./documents.ts";
import { gumbelPage } from "./gumbel-page.ts";
import { measuredEstimators } from "./measured.ts";
import { sitePage } from "./page.ts";
import { registryPages } from "./registry-pages.ts";

/** What the first page offers above README.md. */
const offers = [
  [
    "choose.html",
    "Which estimator should I use?",
    "A tree of questions whose answers show measured numbers.",
  ],
  ["try.html", "Try it here", "A benchmark that runs in this browser, on toys and a small autoencoder."],
  ["gumbel-softmax.html", "Gumbel-Softmax by hand", "An interactive picture, and what hard=True does."],
  [
    "estimators/index.html",
    "Estimators",
    "Formula, claims, options, measured bias and variance, BibTeX, code.",
  ],
] as const;

const offersMarkup = html`<div class="offers">${offers.map(
  ([to, title, text]) => html`<a href="${to}"><strong>${title}</strong><span>${text}</span></a>`,
)}</div>`; // prettier-ignore

/** Writes all pages into a folder and returns their paths in it. */
export async function writeSite(folder: string): Promise<string[]> {
  const measured = await measuredEstimators();
  const pages = [await benchmarkPage(), choosePage(measured), gumbelPage()];
  const style = clientBundle("style.css") + readFileSync(new URL("site.css", import.meta.url), "utf8");
  const files = new Map<string, string | Buffer>([
    ["style.css", style],
    // GitHub Pages leaves the files as they are.
    [".nojekyll", ""],
    ...documents((place) => place === "index.html" && offersMarkup),
    ...(await registryPages(measured)),
    ...pages.map((page): [string, string] => [page.path, sitePage(page)]),
  ]);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return [...files.keys()];
}
