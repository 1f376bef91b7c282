import test from "ava";
import { papers } from "../../../estimators/core/bibliography.ts";
import { bibtex, wholeBibliography } from "../../../runners/cli/text/bibtex.ts";
import { citation } from "../../../runners/cli/text/describe.ts";

test("citation gives surnames, with their particles, whole", (t) => {
  t.is(citation("williams1992"), "Williams 1992");
  t.is(citation("mnih2014"), "Mnih & Gregor 2014");
  t.is(citation("kool2019"), "Kool, van Hoof & Welling 2019");
});

test("citation gives words as they are, and nothing for nothing", (t) => {
  t.is(citation("our own"), "our own");
  t.is(citation(undefined), "");
});

test("every paper has authors whose surname begins with a letter that stands in their name", (t) => {
  for (const [key, { authors, year }] of Object.entries(papers)) {
    const first = citation(key)
      .split(/,| &| et al/)[0]!
      .replace(` ${year}`, "");
    t.true(` ${authors[0]}`.endsWith(` ${first}`), key);
  }
});

test("a BibTeX entry has its key, its authors and its link, with braces in balance", (t) => {
  const entry = bibtex("jang2016", papers.jang2016);
  t.regex(entry, /^@article\{jang2016,\n/);
  t.true(entry.includes("author = {Eric Jang and Shixiang Gu and Ben Poole}"));
  t.true(entry.includes("eprint = {1611.01144}"));
  t.is(entry.split("{").length, entry.split("}").length);
  const keys = [...wholeBibliography().matchAll(/^@\w+\{([^,]+),$/gm)].map(([, key]) => key);
  t.deepEqual(keys, Object.keys(papers), "every paper once");
});
