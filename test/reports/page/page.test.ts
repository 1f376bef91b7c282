/// <reference lib="dom" />
/** What a reader of the report sees and does, in Chromium. */
import { readFile, stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import test from "ava";
import type { Locator, Page } from "playwright-core";
import { pictures } from "../../../reports/page/pictures-section.ts";
import { madeUpRun } from "../fixture.ts";
import type { Shape } from "../fixture.ts";
import { inChromium, reportOf, sharedBrowser, withChromium } from "../in-chromium.ts";

/** One task without pictures, for what is the same in each section of a report. */
const oneTask: Shape = { tasks: ["cat10"], pictures: false };

const quality = '[data-chart="cat10-quality"]';

/** Presses in the middle of what is drawn: Vega listens to the pointer, not to elements. */
async function press(page: Page, target: Locator): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await target.boundingBox())!;
  await page.mouse.click(x + width / 2, y + height / 2);
}

/** The opacities of a chart's lines. */
const opacities = (page: Page): Promise<string[]> =>
  page
    .locator(`${quality} svg.marks g.mark-line.role-mark path`)
    .evaluateAll((paths) => paths.map((path) => path.getAttribute("opacity") ?? "1"));

/** Waits until the chart is drawn with a text in it. */
async function untilDrawn(page: Page, text: string): Promise<void> {
  await page.waitForSelector(`${quality} svg text:has-text("${text}")`);
  await page.waitForFunction((at) => document.querySelectorAll(`${at} .drawing`).length === 1, quality);
}

const pressSwitch = (page: Page, name: string, text: string) =>
  page.locator(`#cat10 [data-switch=${name}] button`, { hasText: text }).click();

/** Waits until as many estimators stand in the chart's legend. */
const untilLegend = (page: Page, count: number) =>
  page.waitForFunction(
    ([at, wanted]) => document.querySelectorAll(`${at} g.mark-text.role-legend-label text`).length === wanted,
    [quality, count] as const,
  );

inChromium(
  "report opens from file:// with all charts, and requests nothing but itself",
  {},
  async (t, page, html) => {
    t.is(await page.locator("svg.marks").count(), 13);
    t.is(await page.locator(".banner.bad:has-text('could not')").count(), 0);
    t.true((await page.locator(".verdicts li").first().innerText()).includes("beats"));
    t.true((await stat(html)).size < 3e6);
  },
);

inChromium("report legend fades the other estimators", oneTask, async (t, page) => {
  t.deepEqual(new Set(await opacities(page)), new Set(["1"]));
  const entry = page.locator(`${quality} g.role-legend-entry text`, { hasText: /^st-gs$/ });
  await press(page, entry.first());
  await page.waitForSelector(`${quality} g.mark-line path[opacity="0.1"]`);
  const faded = (await opacities(page)).filter((opacity) => opacity === "0.1");
  t.is(faded.length, 3);
  await pressSwitch(page, "x", "evaluations");
  await untilDrawn(page, "evaluations per row, forward + backward");
});

inChromium(
  "report switches axis, scale, panel and seeds, and its address says so",
  oneTask,
  async (t, page) => {
    await pressSwitch(page, "x", "seconds");
    await page.locator(`${quality} .scales button`, { hasText: "log" }).click();
    await pressSwitch(page, "seeds", "seeds");
    await page.locator(`${quality} select`).selectOption({ label: "training ELBO" });
    await untilDrawn(page, "training ELBO");
    await untilDrawn(page, "axis reversed");
    t.true((await opacities(page)).length > 4 * 3);
    t.regex(page.url(), /x=seconds/);
    t.regex(page.url(), /chart\.cat10-quality=1%3Alog/);
    await page.reload();
    await page.waitForSelector("html[data-ready=yes]");
    t.is(await page.locator(`${quality} svg text`, { hasText: "axis reversed" }).count(), 1);
    t.is(await page.locator("#cat10 [data-switch=x] button[aria-pressed=true]").innerText(), "seconds");
  },
);

inChromium(
  "report drops step 0 from a logarithmic axis of steps, and says how many values",
  oneTask,
  async (t, page) => {
    const text = await page.locator(`${quality} svg .role-title`).textContent();
    t.regex(text ?? "", /Not shown on the logarithmic axis: 4 values/);
  },
  { hash: "#x-scale=log" },
);

inChromium(
  "report hides an estimator by a click and isolates it by Shift and a click",
  oneTask,
  async (t, page) => {
    await page.locator("#cat10 .chips button[data-estimator=st]").click();
    await untilLegend(page, 3);
    const entries = page.locator(`${quality} g.role-legend-entry text`);
    t.false((await entries.allInnerTexts()).includes("st"));
    await page.locator("#cat10 .chips button[data-estimator=gs]").click({ modifiers: ["Shift"] });
    await untilLegend(page, 1);
    await page.locator("#cat10 .chips button[data-estimator=gs]").click({ modifiers: ["Shift"] });
    await untilLegend(page, 4);
  },
);

inChromium("report sorts its ranking, numbers as numbers, and filters it", oneTask, async (t, page) => {
  await page.locator("#cat10-ranking thead button", { hasText: "ms/step" }).click();
  const values = await page
    .locator("#cat10-ranking tbody tr")
    .evaluateAll((rows) => rows.map((row) => Number(row.children[13]?.getAttribute("data-sort"))));
  t.deepEqual(
    values,
    [...values].sort((a, b) => a - b),
  );
  t.true(values.every((value) => value > 0));
  await page.locator("#filter").fill("rloo");
  t.is(await page.locator("#cat10-ranking tbody tr:visible").count(), 1);
  t.is(await page.locator("#cat10-ranking tbody tr").count(), 4);
});

test("a picture whose caption is not that of its kind has its own beside its name", (t) => {
  const { cells } = madeUpRun({ tasks: ["cat10"], estimators: ["gs", "rloo"], seeds: 1, states: {} });
  const captioned = cells.map((cell) => {
    const steps = cell.record.label === "gs" ? 400 : 100;
    const [first] = cell.record.pictures!;
    return {
      ...cell,
      record: { ...cell.record, pictures: [{ ...first!, caption: `After ${steps} steps.` }] },
    };
  });
  const text = pictures(captioned)!.markup.replaceAll(/\s+/g, " ");
  t.is(text.split("After 400 steps.").length, 2);
  t.regex(text, /<b>rloo<\/b> <span>seed 0\. After 100 steps\.<\/span>/);
  t.regex(text, /<b>gs<\/b> <span>seed 0<\/span>/);
});

inChromium(
  "report shows its tables and pictures when scripts are off",
  {},
  async (t, page) => {
    t.is(await page.locator("#cat10-ranking tbody tr").count(), 4);
    t.true(await page.locator("#cat10-ranking").isVisible());
    t.true(await page.locator(".pictures img").first().isVisible());
    t.true(await page.locator("text=Scripts are off").isVisible());
  },
  { scripts: false },
);

inChromium(
  "report fits 400 pixels, and changes from light to dark by its button",
  {},
  async (t, page) => {
    t.is(await page.evaluate(() => document.documentElement.scrollWidth), 400);
    // The buttons above name the estimators; a legend of their lines would take the screen.
    t.is(await page.locator("section:not(#across-tasks) .place g.role-legend:visible").count(), 0);
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background();
    await page.locator("#theme").click();
    t.not(await background(), light);
    t.regex(page.url(), /theme=dark/);
  },
  { width: 400 },
);

inChromium(
  "report keeps its reader's state in the address: links, filter, order; and answers to the keyboard",
  oneTask,
  async (t, page) => {
    await page.locator("nav a[href='#manifest']").click();
    await page.locator("#cat10-ranking thead button", { hasText: "ms/step" }).press("Enter");
    const st = page.locator("#cat10 .chips button[data-estimator=st]");
    await st.press("Shift+Enter");
    const given = new URLSearchParams(new URL(page.url()).hash.slice(1));
    t.deepEqual(
      [given.get("x"), given.get("at"), given.get("sort.cat10-ranking")],
      ["seconds", "manifest", "13:up"],
    );
    t.deepEqual(given.getAll("hide"), ["gs", "st-gs", "rloo:samples=4"]);
    await st.press("Shift+Enter");
    await page.locator("#filter").fill("gs");
    await untilLegend(page, 2);
    t.is(await page.locator("#cat10-pairs tbody tr:visible").count(), 2);
    t.regex(page.url(), /filter=gs/);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("button[data-download=manifest]").click(),
    ]);
    t.is(file.suggestedFilename(), "manifest.json");
    await page.reload();
    await page.waitForSelector("html[data-ready=yes]");
    t.is(await page.locator("#filter").inputValue(), "gs");
    t.is(await page.locator("#cat10-ranking th[aria-sort=ascending]").innerText(), "ms/step");
    t.is(await page.locator("#cat10-ranking tbody tr:visible").count(), 2);
  },
  { hash: "#x=seconds" },
);

inChromium(
  "report shows all that a link says when its address changes, and goes on by Tab from where a link led",
  oneTask,
  async (t, page) => {
    await page.evaluate(() => (location.hash = "#theme=dark&at=manifest&x=seconds&chart.cat10-quality=99"));
    await page.waitForSelector("html[data-theme=dark]");
    await untilDrawn(page, "seconds of training");
    t.true(
      await page.locator("#manifest").evaluate((place) => place.getBoundingClientRect().top < innerHeight),
    );
    t.is(await page.locator(`${quality} select`).inputValue(), "0");
    await page.locator("nav a[href='#manifest']").press("Enter");
    await page.keyboard.press("Tab");
    t.is(
      await page.evaluate(() => document.activeElement?.textContent),
      "configuration and matrix, as stored",
    );
  },
);

withChromium(
  "report draws what was switched before its charts could be drawn, and complains of nothing",
  async (t) => {
    const page = await (await sharedBrowser()).newPage();
    await page.addInitScript((at) => {
      const seen = { pressed: false, complained: false };
      Object.assign(window, { seen });
      const look = () => {
        const log = document.querySelector<HTMLElement>(`${at} [data-value=log]`);
        seen.complained ||= document.querySelector(".place .banner") !== null;
        if (seen.pressed || log === null) return;
        seen.pressed = true;
        log.click();
      };
      new MutationObserver(look).observe(document, { childList: true, subtree: true });
    }, quality);
    await page.goto(pathToFileURL(await reportOf(oneTask)).href);
    await page.waitForSelector("html[data-ready=yes]");
    t.deepEqual(await page.evaluate("window.seen"), { pressed: true, complained: false });
    t.is(await page.locator(`${quality} svg text`, { hasText: "axis reversed" }).count(), 1);
    await page.close();
  },
);

inChromium(
  "report filters its chart of a grid with the rest, and draws each of its panels",
  { ...oneTask, estimators: ["gs:samples=1", "gs:samples=4", "st:samples=1", "st:samples=4"], states: {} },
  async (t, page) => {
    const sensitivity = '[data-chart="cat10-sensitivity"]';
    const legend = page.locator(`${sensitivity} g.mark-text.role-legend-label text`);
    t.deepEqual(await legend.allTextContents(), ["gs", "st"]);
    await page.locator(`${sensitivity} select`).selectOption({ label: "best of n trials" });
    await page.waitForSelector(`${sensitivity} text:has-text("of the best of n trials")`);
    await page.locator("#filter").fill("gs");
    await legend.nth(1).waitFor({ state: "detached" });
    t.deepEqual(await legend.allTextContents(), ["gs"]);
  },
);

test("a ranking says on how many rows its bound was taken, and n beside its intervals", async (t) => {
  const text = await readFile(await reportOf(oneTask), "utf8");
  t.regex(text, />bound \(nats, m = 1000, all 10000 rows\)</);
  t.regex(text, /<span class="n">n 3<\/span>/);
  t.regex(text, /1 cell of 12 did not finish\.\s+Its estimator is\s+ranked last/);
});

test("a report of 10 estimators on 3 tasks with 5 seeds is under 3 MB", async (t) => {
  const estimators = Array.from({ length: 10 }, (_, k) => `mine-${k}`);
  const tasks = ["cat10", "bern2", "sbn2"];
  t.true((await stat(await reportOf({ estimators, tasks, seeds: 5, points: 41, states: {} }))).size < 3e6);
});

/** All cells of the default estimators in a state, on one seed. */
const allIn = (state: "interrupted" | "pending"): Shape => ({
  ...oneTask,
  seeds: 1,
  states: Object.fromEntries(
    ["gs", "st-gs", "st", "rloo:samples=4"].map((name) => [`cat10/${name}/0`, state]),
  ),
});

const shapes: Readonly<Record<string, Shape>> = {
  "one estimator, one seed and one point": {
    ...{ ...oneTask, estimators: ["gs"], seeds: 1, points: 1, quick: true, states: {} },
  },
  "no finished cell": allIn("interrupted"),
  "no cell at all": allIn("pending"),
  "a variance of zero": { ...oneTask, estimators: ["gs", "exact"] },
  "nothing but zeros on a logarithmic axis": { ...oneTask, estimators: ["exact"], seeds: 2 },
  "an estimator with the name of the legend's parameter": { ...oneTask, estimators: ["gs", "chosen"] },
  "curves of 2000 points": { ...oneTask, points: 2000, estimators: ["gs", "st"], seeds: 1 },
};
for (const [what, shape] of Object.entries(shapes))
  inChromium(`report of ${what} opens without a complaint`, shape, async (t, page) => {
    t.is(await page.locator(".banner.bad:has-text('could not')").count(), 0);
  });

inChromium(
  "report prints dark on white with its headings, whatever the screen's theme",
  oneTask,
  async (t, page) => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    t.is(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    t.true(await page.locator("#cat10-ranking thead").getByText("ms/step").isVisible());
    t.false(await page.locator("#theme").isVisible());
    const colours = (selector: string, property: "fill" | "backgroundColor") =>
      page
        .locator(`${quality} ${selector}`)
        .evaluateAll((all, name) => [...new Set(all.map((one) => getComputedStyle(one)[name]))], property);
    t.deepEqual(await colours("svg text", "fill"), ["rgb(27, 31, 36)"]);
    t.deepEqual(await colours("svg", "backgroundColor"), ["rgba(0, 0, 0, 0)"]);
  },
  { dark: true, hash: "#theme=dark" },
);
