/// <reference lib="dom" />
/** What a reader of the report gets by pointing and copying; what it warns of; and that a hundred estimators open. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import type { Shape } from "../fixture.ts";
import { inChromium } from "../in-chromium.ts";

/** Points at the middle of the n-th mark and gives what then hangs over the page. */
async function pointAt(page: Page, marks: string, index: number): Promise<string> {
  const mark = page.locator(marks).nth(index);
  await mark.scrollIntoViewIfNeeded();
  const box = (await mark.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2 + 3, box.y + box.height / 2 + 3);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.locator("#vg-tooltip-element.visible").waitFor();
  return page.locator("#vg-tooltip-element").innerText();
}

const one: Shape = { tasks: ["cat10"], pictures: false, states: {} };

inChromium("pointing at a curve or a dot gives its exact value, interval and n", one, async (t, page) => {
  // The last point: the beginning of training lies below the axis.
  const curve = await pointAt(page, '[data-chart="cat10-quality"] g.mark-symbol.role-mark path', 20);
  for (const says of [
    /estimator:?\s+\S/,
    /mean:?\s+−\d+\.\d+/,
    /95% from:?\s+−\d/,
    /seeds \(n\):?\s+3/,
    /step:?\s+\d/,
  ])
    t.regex(curve, says);
  await page.mouse.move(0, 0);
  const dot = await pointAt(page, '[data-chart="cat10-pareto"] g.mark-symbol.role-mark path', 0);
  for (const says of [
    /bias relative to ‖g‖:?\s+0\.\d/,
    /95% to:?\s+\d/,
    /seeds \(n\):?\s+3/,
    /on the front:?\s+(true|false)/,
  ])
    t.regex(dot, says);
});

inChromium("copying gives the command, and the ranking as Markdown", one, async (t, page) => {
  // A page of file:// may not read the clipboard, so the test takes what the page hands over.
  await page.evaluate(() => {
    const taken: string[] = [];
    Object.assign(window, { taken });
    Object.defineProperty(navigator, "clipboard", {
      value: { writeText: (text: string) => Promise.resolve(void taken.push(text)) },
    });
  });
  await page.locator("button[data-copy=command]").click();
  await page.locator("button[data-copy=command]", { hasText: /^copied$/ }).waitFor();
  await page.locator("button[data-copy='cat10-ranking Markdown']").click();
  await page.locator("button[data-copy='cat10-ranking Markdown']", { hasText: "copied" }).waitFor();
  const [command = "", table = ""] = await page.evaluate<string[]>("window.taken");
  t.is(command, (await page.locator("#command").textContent()) ?? "");
  t.regex(table, /^\| estimator \| rank \|.*\n\| --- \|/);
  t.is(table.match(/^\| (gs|st-gs|st|rloo:samples=4) \|/gm)?.length, 4);
});

inChromium(
  "a chart saved in the dark has its dark ground, as SVG and as PNG",
  one,
  async (t, page) => {
    const figure = page.locator('[data-chart="cat10-quality"]');
    await figure.locator(".vega-embed summary").click();
    const save = async (form: string) => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        figure.locator(".vega-actions a", { hasText: form }).click(),
      ]);
      t.is(file.suggestedFilename(), `cat10-quality.${form.toLowerCase()}`);
      return readFile(await file.path());
    };
    t.regex((await save("SVG")).toString(), /^<svg [^>]*><rect [^>]*fill="rgb\(28, 32, 38\)"/);
    t.is((await save("PNG")).toString("latin1", 1, 4), "PNG");
  },
  { dark: true },
);

inChromium(
  "a short, partial run with a failed cell says all three before any number",
  { ...one, quick: true, states: { "cat10/gs/1": "interrupted", "cat10/st/0": "failed" } },
  async (t, page) => {
    const banners = page.locator(".banner:visible");
    t.deepEqual(
      (await banners.locator("b").allInnerTexts()).filter((word) => word === word.toUpperCase()),
      ["QUICK", "PARTIAL", "FAILURES"],
    );
    t.regex(await banners.last().innerText(), /1 cell of 12 did not finish[^]*cat10, st, seed 0: failed\./);
    const [lowest, table] = await Promise.all([
      banners.last().boundingBox(),
      page.locator("#cat10-ranking").boundingBox(),
    ]);
    t.true(lowest!.y + lowest!.height < table!.y);
  },
);

inChromium(
  "a hundred estimators on ten seeds open, thinned where they say so",
  { ...one, estimators: Array.from({ length: 100 }, (_, k) => `mine-${k}`), seeds: 10, points: 16 },
  async (t, page) => {
    t.is(await page.locator("#cat10-ranking tbody tr").count(), 100);
    t.is(await page.locator('[data-chart="cat10-quality"] g.mark-line.role-mark path').count(), 100);
    t.regex(
      (await page.locator('[data-chart="cat10-quality"] .role-title').textContent()) ?? "",
      /Single seeds are thinned to 12 points/,
    );
    t.true(await page.locator("text=results.csv is too large for this page").isVisible());
    t.is(await page.locator("button[data-download=results]").count(), 0);
    t.true(await page.locator("text=Pairs of more than 30 estimators are only in summary.json").isVisible());
  },
);
