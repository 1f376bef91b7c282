/** Markdown as markup: HTML in it stays text, and links lead where `link` says. */
import { Marked } from "marked";
import { escape, raw, type Markup } from "../reports/page/html.ts";

/** The name of a heading in an address, as on GitHub. */
const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

/** Addresses that a link may have: of the web, or relative. */
const allowed = (address: string) => /^(https?:|mailto:)/i.test(address) || !/^[^/?#]*:/.test(address);

/** The markup of a text. `link` rewrites relative addresses; others are left as they are, and what could run is left out. */
export function markdown(text: string, link: (address: string) => string): Markup {
  const to = (address: string) =>
    /^(https?:|mailto:|#)/i.test(address) ? address : allowed(address) ? link(address) : "";
  const marked = new Marked({
    gfm: true,
    renderer: {
      // Comments mark generated tables.
      html: ({ text }) => (text.trimStart().startsWith("<!--") ? "" : escape(text)),
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${escape(slug(text))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${escape(to(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image: ({ href, text }) => `<img src="${escape(to(href))}" alt="${escape(text)}" />`,
    },
  });
  const body = marked.parse(text, { async: false });
  return raw(
    body.replaceAll("<table>", '<div class="scroll"><table>').replaceAll("</table>", "</table></div>"),
  );
}

/** The first heading of a text. */
export const headingOf = (text: string) => /^# (.+)$/m.exec(text)?.[1] ?? "";
