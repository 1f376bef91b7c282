/** The frame of the site's pages: navigation, one style sheet for all, and links that work from files. */
import { html, raw, type Markup } from "../reports/page/html.ts";
import { framedPage, type PageParts } from "../reports/page/page-frame.ts";

/** The pages that every page links. */
const navigation = [
  ["index.html", "Start"],
  ["choose.html", "Which estimator?"],
  ["try.html", "Try it here"],
  ["gumbel-softmax.html", "Gumbel-Softmax"],
  ["estimators/index.html", "Estimators"],
  ["tasks/index.html", "Tasks"],
  ["docs/index.html", "Documents"],
] as const;

/** From a page to another file of the site. */
export const linkFrom = (page: string, to: string) => "../".repeat(page.split("/").length - 1) + to;

export interface SitePage extends Partial<Pick<PageParts, "script" | "hashes">> {
  /** Where it lies in the site. */
  readonly path: string;
  readonly title: string;
  readonly body: Markup;
}

export function sitePage({ path, title, body, script = "", hashes = [] }: SitePage): string {
  const links = navigation.map(([to, name]) => {
    const current = to === path && raw(' aria-current="page"');
    return html`<a href="${linkFrom(path, to)}" ${current}>${name}</a>`;
  });
  return framedPage({
    title: `${title} – bench`,
    style: html`<link rel="stylesheet" href="${linkFrom(path, "style.css")}" />`,
    body: html`<header class="top"><div><strong>bench</strong><nav>${links}</nav></div></header>
      <main class="site">${body}</main>`, // prettier-ignore
    script,
    hashes,
  });
}

/** A table that scrolls where it is too wide. Cells are text or markup. */
export const plainTable = (
  head: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
): Markup =>
  html`<div class="scroll"><table>
    <thead><tr>${head.map((name) => html`<th>${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>`)}</tbody>
  </table></div>`; // prettier-ignore
