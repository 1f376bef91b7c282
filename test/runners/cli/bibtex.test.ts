import test from "ava";
import { papers } from "../../../estimators/core/bibliography.ts";
import { bibtex, wholeBibliography } from "../../../runners/cli/text/bibtex.ts";

test("bibtex: an entry has its key, its authors and where it is read, with braces in balance", (t) => {
  const entry = bibtex("jang2016", papers.jang2016);
  t.regex(entry, /^@article\{jang2016,\n/);
  t.true(entry.includes("author = {Eric Jang and Shixiang Gu and Ben Poole}"));
  t.true(entry.includes("eprint = {1611.01144}"));
  t.is(entry.split("{").length, entry.split("}").length);
});

test("bibtex: the bibliography has every paper once", (t) => {
  const keys = [...wholeBibliography().matchAll(/^@\w+\{([^,]+),$/gm)].map(([, key]) => key);
  t.deepEqual(keys, Object.keys(papers));
});
