/**
 * The documents of the checkout as pages: README.md, docs/*.md and every file that they link. Markdown becomes a page, a
 * picture is copied, and another file becomes a page with its text. Paths stay, so that links keep their meaning.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { html } from "../reports/page/html.ts";
import { headingOf, markdown } from "./markdown.ts";
import { linkFrom, sitePage } from "./page.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** A file of the checkout as text. */
export const textOf = (path: string) => readFileSync(root + path, "utf8");

const isFolder = (path: string) => statSync(root + path).isDirectory();
const copied = /\.(png|svg|html|json)$/;

/** A file that is copied; of pages in a folder of their own, such as published runs, all files of the folder. */
function withNeighbours(path: string): string[] {
  const folder = posix.dirname(path);
  if (!path.endsWith(".html") || folder === "docs") return [path];
  const names = readdirSync(root + folder, { recursive: true, encoding: "utf8" });
  return names.map((name) => posix.join(folder, name)).filter((name) => !isFolder(name));
}

/** Where a file of the checkout is in the site. */
function placeOf(path: string): string {
  if (path === "README.md") return "index.html";
  if (path.endsWith(".md")) return path.replace(/md$/, "html");
  if (isFolder(path)) return posix.join("files", path, "index.html");
  return copied.test(path) ? path : `files/${path}.html`;
}

const listing = (path: string, names: readonly string[]) => {
  const items = names.map((name) => html`<li><a href="${name}">${name.replace(/\.html$/, "")}</a></li>`);
  return html`<h1>${path}</h1><ul>${items}</ul>`; // prettier-ignore
};

/** All documents by their place in the site; `lead` stands above the text of a page. Throws an Error where a document links a file that does not exist. */
export function documents(lead: (path: string) => Parameters<typeof html>[1]): Map<string, string | Buffer> {
  const pages = new Map<string, string | Buffer>();
  const queue = ["README.md", ...readdirSync(`${root}docs`).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : []))]; // prettier-ignore
  const found = new Set(queue);
  const need = (path: string) => {
    if (!found.has(path)) queue.push(path);
    found.add(path);
    return placeOf(path);
  };
  for (const path of queue) {
    const place = placeOf(path);
    if (path.endsWith(".md")) {
      const text = textOf(path);
      const body = markdown(text, (address) => {
        const [to, anchor] = address.split("#") as [string, string?];
        const target = need(posix.join(posix.dirname(path), to).replace(/\/$/, ""));
        return linkFrom(place, target) + (anchor === undefined ? "" : `#${anchor}`);
      });
      pages.set(place, sitePage({ path: place, title: headingOf(text), body: html`${lead(place)}${body}` }));
    } else if (isFolder(path)) {
      const kept = readdirSync(root + path).filter((name) => /^[a-z0-9]/i.test(name));
      const names = kept.map((name) => need(posix.join(path, name)));
      const body = listing(path, names.map((name) => posix.relative(posix.dirname(place), name))); // prettier-ignore
      pages.set(place, sitePage({ path: place, title: path, body }));
    } else if (copied.test(path))
      for (const file of withNeighbours(path)) pages.set(file, readFileSync(root + file));
    else
      pages.set(
        place,
        sitePage({
          path: place,
          title: path,
          body: html`<h1>${path}</h1>
            <pre>${textOf(path)}</pre>`,
        }),
      );
  }
  const listed = [...pages.keys()].filter((place) => /^docs\/[^/]+\.html$/.test(place));
  const items = listed.map((place) => {
    const source = place.replace(/html$/, "md");
    const name = found.has(source) ? headingOf(textOf(source)) : posix.basename(place);
    return html`<li><a href="${posix.basename(place)}">${name}</a></li>`;
  });
  pages.set(
    "docs/index.html",
    sitePage({ path: "docs/index.html", title: "Documents", body: html`<h1>Documents</h1><ul>${items}</ul>` }), // prettier-ignore
  );
  return pages;
}
