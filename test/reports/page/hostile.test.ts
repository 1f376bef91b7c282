/// <reference lib="dom" />
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import test from "ava";
import { aggregate } from "../../../reports/aggregate/aggregate.ts";
import { reportPage } from "../../../reports/page/document.ts";
import { resultsTable } from "../../../reports/format/results-csv.ts";
import type { RunRecords } from "../../../reports/format/records.ts";
import { open } from "../chromium.ts";
import { madeUpRun } from "../fixture.ts";
import { sharedBrowser, withChromium } from "../in-chromium.ts";

const attacks = [
  "</script><script>window.hit=1</script>",
  '"><img src=x onerror=window.hit=1>',
  "' onmouseover='window.hit=1",
  "<svg/onload=window.hit=1>",
  "javascript:window.hit=1",
  "<!--<script>",
  "]]>",
  "${window.hit=1}",
  "</style><script>window.hit=1</script>",
  "\u2028window.hit=1",
  "</title><script>window.hit=1</script>",
  "__proto__",
  "$&$`",
];

/** Every text that a plug-in, a file of data or an error may put into records. */
function hostile(run: RunRecords, text: string): RunRecords {
  const { manifest } = run;
  const definition = { title: text, doc: text, paper: text };
  return {
    ...run,
    manifest: {
      ...manifest,
      ...{ name: text, command: text, created: text, cpu: text, data: { [text]: text } },
      configuration: { [text]: text },
      definitions: {
        tasks: { cat10: definition, [text]: definition },
        estimators: {
          gs: { title: text, formula: text, paper: text, unbiased: false, plugin: text },
          [text]: { title: text, unbiased: true },
        },
      },
    },
    cells: run.cells.map((cell, index) => ({
      ...cell,
      record: { ...cell.record, resolved: { [text]: text }, error: text, stack: text, engine: text },
      curve: cell.curve.map((row) => (index > 0 ? row : { ...row, metric: `${row.metric}${text}` })),
      gradients: cell.gradients.map((row) => ({ ...row, reference: text })),
    })),
  };
}

const smallRun = (text: string) =>
  hostile(
    madeUpRun({
      ...{ estimators: ["gs", text], tasks: ["cat10", text], seeds: 1, points: 2 },
      states: { "cat10/gs/0": "failed" },
    }),
    text,
  );

const pageOf = (run: RunRecords) => reportPage(run, aggregate(run), resultsTable(run.cells));

/** The page's elements and their attributes, as a parser without mercy reads them; scripts and styles are opaque. */
function skeleton(page: string): string[] {
  const bare = page.replaceAll(/(<(script|style)\b[^>]*>)[^]*?(<\/\2)/g, "$1$3");
  return [...bare.matchAll(/<(\/?[a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi)].map(([, name, rest]) =>
    [name, ...((rest ?? "").replaceAll(/"[^"]*"|'[^']*'/g, "").match(/[^\s=/]+/g) ?? [])].join(" "),
  );
}

const allowed = new Set(skeleton(pageOf(smallRun("plain"))));

test("reportPage: no text of records makes an element or an attribute of its own", (t) => {
  const bits = fc.constantFrom(...attacks, ..."<>\"'&/= \0`", "script", "onerror");
  const texts = fc.oneof(
    fc.array(bits, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary", minLength: 1, maxLength: 30 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const page = pageOf(smallRun(text));
      const strange = skeleton(page).filter((element) => !allowed.has(element));
      if (strange.length > 0) throw new Error(`${JSON.stringify(text)} made ${JSON.stringify(strange)}`);
    }),
    { numRuns: 25, seed: 7, examples: attacks.map((text) => [text]) },
  );
  t.pass();
});

withChromium(
  "a report of hostile texts runs none of them in Chromium, asks for nothing and draws its charts",
  async (t) => {
    const all = attacks.join(" ");
    const path = join(await mkdtemp(join(tmpdir(), "bench-page-")), "report.html");
    await writeFile(path, pageOf(smallRun(all)));
    const { page, complaints, requests } = await open(await sharedBrowser(), path);
    await page.locator("#filter").fill("<");
    for (const button of await page.locator("th button.sort:visible").all()) await button.click();
    for (const symbol of await page
      .locator("svg.marks path[aria-label]")
      .all()
      .then((found) => found.slice(0, 8)))
      await symbol.hover({ force: true, timeout: 2000 }).catch(() => undefined);
    t.is(await page.evaluate("window.hit"), undefined);
    t.deepEqual(complaints, []);
    t.is(requests.length, 1);
    t.true((await page.locator("svg.marks").count()) > 0);
  },
);
