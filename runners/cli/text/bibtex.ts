/** The bibliography as BibTeX. */
import { papers, type Paper } from "../../../estimators/core/bibliography.ts";

const special = (text: string) => text.replace(/([&%$#_{}])/g, "\\$1");

/** One entry; titles keep their capitals. */
export function bibtex(key: string, { authors, year, title, link }: Paper): string {
  const arxiv = /^https:\/\/arxiv\.org\/abs\/(.+)$/.exec(link)?.[1];
  const fields = [
    ["author", special(authors.join(" and "))],
    ["title", `{${special(title)}}`],
    ["year", String(year)],
    ...(arxiv === undefined ? [] : [["eprint", arxiv] as const, ["archivePrefix", "arXiv"] as const]),
    ["url", link],
  ];
  const kind = arxiv === undefined ? "misc" : "article";
  return `@${kind}{${key},\n${fields.map(([name, value]) => `  ${name} = {${value}},\n`).join("")}}\n`;
}

export const wholeBibliography = (): string =>
  Object.entries(papers)
    .map(([key, paper]) => bibtex(key, paper))
    .join("\n");
