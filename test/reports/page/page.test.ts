/// <reference lib="dom" />
import { readFile, stat } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import test from "ava";
import type { ExecutionContext } from "ava";
import type { Browser, Locator, Page } from "playwright-core";
import { pictures } from "../../../reports/page/sections.ts";
import { writeReport } from "../../../reports/export/write-report.ts";
import { needing } from "../../require.ts";
import { findChromium, launch, open } from "../chromium.ts";
import { madeUpRun, writeRun } from "../fixture.ts";
import type { Shape } from "../fixture.ts";

const executable = findChromium();
let browser: Browser | undefined;

test.before(async () => {
  if (executable !== undefined) browser = await launch(executable);
});

test.after.always(async () => {
  await browser?.close();
});

/** One task without pictures, for what is the same in each section of a report. */
const oneTask: Shape = { tasks: ["cat10"], pictures: false };

const made = new Map<string, ReturnType<typeof make>>();
const make = async (shape: Shape) => writeReport(await writeRun(madeUpRun(shape)));

/** The report of a made-up run, which tests only read; each is made once. */
function reportOf(shape: Shape) {
  const key = JSON.stringify(shape);
  const report = made.get(key) ?? make(shape);
  made.set(key, report);
  return report;
}

/** Runs `body` with a report of a made-up run, if Chromium is there. */
function inChromium(
  title: string,
  shape: Shape,
  body: (t: ExecutionContext, html: string, browser: Browser) => Promise<void>,
) {
  needing("Chromium on PATH", executable !== undefined)(title, async (t) => {
    const { html } = await reportOf(shape);
    await body(t, html, browser!);
  });
}

const chart = (page: Page, id: string): Locator => page.locator(`[data-chart="${id}"]`);

/** Presses in the middle of what is drawn: Vega listens to the pointer, not to elements. */
async function press(page: Page, target: Locator, modifiers: { shift?: boolean } = {}): Promise<void> {
  await target.scrollIntoViewIfNeeded();
  const box = await target.boundingBox();
  if (box === null) throw new Error("press: the target must be drawn, got none");
  if (modifiers.shift) await page.keyboard.down("Shift");
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  if (modifiers.shift) await page.keyboard.up("Shift");
}

const opacities = (figure: Locator): Promise<string[]> =>
  figure
    .locator("svg.marks g.mark-line.role-mark path")
    .evaluateAll((paths) => paths.map((path) => path.getAttribute("opacity") ?? "1"));

inChromium(
  "report opens from file:// without a complaint and asks for nothing but itself",
  {},
  async (t, html, at) => {
    const { page, complaints, requests } = await open(at, html);
    t.deepEqual(complaints, []);
    t.deepEqual(requests, [pathToFileURL(html).href]);
    t.is(await page.locator("svg.marks").count(), 12);
    t.is(await page.locator(".banner.bad:has-text('could not')").count(), 0);
    t.true((await page.locator(".verdicts li").first().innerText()).includes("beats"));
    t.true((await stat(html)).size < 3e6);
    await page.close();
  },
);

inChromium(
  "report legend fades the other estimators, and keeps its choice when the axes switch",
  oneTask,
  async (t, html, at) => {
    const { page } = await open(at, html);
    const figure = chart(page, "cat10-quality");
    t.deepEqual(new Set(await opacities(figure)), new Set(["1"]));
    await press(page, figure.locator("g.role-legend-entry text", { hasText: /^st-gs$/ }).first());
    await page.waitForFunction(
      (id) =>
        [...document.querySelectorAll(`[data-chart="${id}"] g.mark-line path`)].some(
          (p) => p.getAttribute("opacity") === "0.1",
        ),
      "cat10-quality",
    );
    const faded = (await opacities(figure)).filter((opacity) => opacity === "0.1").length;
    t.is(faded, 3);
    await page.locator("#cat10 [data-switch=x] button", { hasText: "evaluations" }).click();
    await page.waitForSelector(
      '[data-chart="cat10-quality"] text:has-text("evaluations per row, forward + backward")',
    );
    await page.waitForFunction(
      () => document.querySelectorAll('[data-chart="cat10-quality"] .drawing').length === 1,
    );
    t.is((await opacities(figure)).filter((opacity) => opacity === "0.1").length, 3);
    await page.close();
  },
);

inChromium(
  "report switches axis, scale, panel and seeds, and says so in its address",
  oneTask,
  async (t, html, at) => {
    const { page, complaints } = await open(at, html);
    const figure = chart(page, "cat10-quality");
    await page.locator("#cat10 [data-switch=x] button", { hasText: "seconds" }).click();
    await figure.locator(".scales button", { hasText: "log" }).click();
    await page.locator("#cat10 [data-switch=seeds] button", { hasText: "seeds" }).click();
    await figure.locator("select").selectOption({ label: "training ELBO" });
    await page.waitForSelector('[data-chart="cat10-quality"] svg text:has-text("training ELBO")');
    await page.waitForSelector('[data-chart="cat10-quality"] svg text:has-text("axis reversed")');
    await page.waitForFunction(
      () => document.querySelectorAll('[data-chart="cat10-quality"] .drawing').length === 1,
    );
    t.true((await opacities(figure)).length > 4 * 3);
    const address = page.url();
    t.regex(address, /x=seconds/);
    t.regex(address, /chart\.cat10-quality=1%3Alog/);
    await page.close();
    const again = await open(at, html, { hash: address.slice(address.indexOf("#")) });
    t.is(
      await chart(again.page, "cat10-quality").locator("svg text", { hasText: "axis reversed" }).count(),
      1,
    );
    t.is(await again.page.locator("#cat10 [data-switch=x] button[aria-pressed=true]").innerText(), "seconds");
    t.deepEqual([...complaints, ...again.complaints], []);
    await again.page.close();
  },
);

inChromium(
  "report drops step 0 from a logarithmic axis of steps, and says how many points",
  oneTask,
  async (t, html, at) => {
    const { page, complaints } = await open(at, html, { hash: "#x-scale=log" });
    const text = await chart(page, "cat10-quality").locator("svg .role-title").textContent();
    t.regex(text ?? "", /Not on a logarithmic axis: 4 points/);
    t.deepEqual(complaints, []);
    await page.close();
  },
);

inChromium(
  "report hides an estimator by a click and isolates it by a double click",
  oneTask,
  async (t, html, at) => {
    const { page } = await open(at, html);
    const entries = chart(page, "cat10-quality").locator("g.role-legend-entry text");
    const settled = (count: number) =>
      page.waitForFunction(
        (wanted) =>
          document.querySelectorAll(
            '[data-chart="cat10-quality"] g.role-legend-label text, [data-chart="cat10-quality"] g.mark-text.role-legend-label text',
          ).length === wanted,
        count,
      );
    await page.locator("#cat10 .chips button[data-estimator=st]").click();
    await settled(3);
    t.false((await entries.allInnerTexts()).includes("st"));
    await page.locator("#cat10 .chips button[data-estimator=gs]").dblclick();
    await settled(1);
    await page.locator("#cat10 .chips button[data-estimator=gs]").dblclick();
    await settled(4);
    t.pass();
    await page.close();
  },
);

inChromium("report sorts its ranking, numbers as numbers, and filters it", oneTask, async (t, html, at) => {
  const { page } = await open(at, html);
  const names = () => page.locator("#cat10-ranking tbody th").allInnerTexts();
  await page.locator("#cat10-ranking thead button", { hasText: "ms/step" }).click();
  const sorted = await page
    .locator("#cat10-ranking tbody tr")
    .evaluateAll((rows) => rows.map((row) => Number(row.children[10]?.getAttribute("data-sort"))));
  t.deepEqual(
    sorted,
    [...sorted].sort((a, b) => a - b),
  );
  t.true(sorted.every((value) => value > 0));
  await page.locator("#filter").fill("rloo");
  t.is(await page.locator("#cat10-ranking tbody tr:visible").count(), 1);
  t.is((await names()).length, 4);
  await page.close();
});

inChromium(
  "report runs nothing of what records hold",
  {
    estimators: ["gs", '<img src=x onerror="window.hit=1">', "</script><script>window.hit=1</script>"],
    tasks: ["<b onclick='x'>task</b>"],
  },
  async (t, html, at) => {
    const { page, complaints, requests } = await open(at, html);
    t.is(await page.evaluate("window.hit"), undefined);
    t.deepEqual(complaints, []);
    t.is(requests.length, 1);
    t.is(await page.locator("main b[onclick]").count(), 0);
    await page.close();
  },
);

test("a picture whose caption is not that of its kind has its own beside its name", (t) => {
  const { cells } = madeUpRun({ tasks: ["cat10"], estimators: ["gs", "rloo"], seeds: 1, states: {} });
  const captioned = cells.map((cell) => {
    const steps = cell.record.label === "gs" ? 400 : 100;
    const found = cell.record
      .pictures!.slice(0, 1)
      .map((one) => ({ ...one, caption: `After ${steps} steps.` }));
    return { ...cell, record: { ...cell.record, pictures: found } };
  });
  const text = pictures(captioned)!.markup.replaceAll(/\s+/g, " ");
  t.is(text.split("After 400 steps.").length, 2);
  t.regex(text, /<b>rloo<\/b> <span>seed 0\. After 100 steps\.<\/span>/);
  t.regex(text, /<b>gs<\/b> <span>seed 0<\/span>/);
});

inChromium("report shows its tables and pictures when scripts are off", {}, async (t, html, at) => {
  const { page } = await open(at, html, { scripts: false });
  t.is(await page.locator("#cat10-ranking tbody tr").count(), 4);
  t.true(await page.locator("#cat10-ranking").isVisible());
  t.true(await page.locator(".pictures img").first().isVisible());
  t.true(await page.locator("text=Scripts are off").isVisible());
  await page.close();
});

inChromium(
  "report fits 400 pixels, and changes from light to dark by its button",
  {},
  async (t, html, at) => {
    const { page, complaints } = await open(at, html, { width: 400 });
    t.is(await page.evaluate(() => document.documentElement.scrollWidth), 400);
    // The buttons above name the estimators; a legend of their lines would take the screen.
    t.is(await page.locator(".place g.role-legend:visible").count(), 0);
    const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await back();
    await page.locator("#theme").click();
    t.not(await back(), light);
    t.regex(page.url(), /theme=dark/);
    t.deepEqual(complaints, []);
    await page.close();
  },
);

inChromium(
  "report keeps its reader's state in the address: links, filter, order, legend; and answers to the keyboard",
  oneTask,
  async (t, html, at) => {
    const { page, complaints } = await open(at, html, { hash: "#choose.cat10-quality=gs&x=seconds" });
    const figure = chart(page, "cat10-quality");
    t.is((await opacities(figure)).filter((opacity) => opacity === "0.1").length, 3);
    await page.locator("nav a[href='#manifest']").click();
    await page.locator("#cat10-ranking thead button", { hasText: "ms/step" }).press("Enter");
    await page.locator("#cat10 .chips button[data-estimator=st]").press("Shift+Enter");
    const given = new URLSearchParams(new URL(page.url()).hash.slice(1));
    t.deepEqual(
      [given.get("x"), given.get("at"), given.get("sort.cat10-ranking")],
      ["seconds", "manifest", "10:up"],
    );
    t.deepEqual(given.getAll("hide"), ["gs", "st-gs", "rloo:samples=4"]);
    await page.locator("#cat10 .chips button[data-estimator=st]").press("Shift+Enter");
    await page.locator("#filter").fill("gs");
    await page.waitForFunction(
      () => document.querySelectorAll('[data-chart="cat10-quality"] g.mark-line.role-mark path').length === 2,
    );
    t.is(await page.locator("#cat10-pairs tbody tr:visible").count(), 2);
    t.regex(page.url(), /filter=gs/);
    await figure.locator("details.values summary").click();
    t.regex(await figure.locator("details.values table").innerText(), /estimator\s+step[^]*gs\s+0/);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      figure.getByText("specification with its data").click(),
    ]);
    t.is(file.suggestedFilename(), "cat10-quality.vl.json");
    const [manifest] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("button[data-download=manifest]").click(),
    ]);
    t.is(manifest.suggestedFilename(), "manifest.json");
    t.deepEqual(complaints, []);
    await page.reload();
    await page.waitForSelector("html[data-ready=yes]");
    t.is(await page.locator("#filter").inputValue(), "gs");
    t.is(await page.locator("#cat10-ranking th[aria-sort=ascending]").innerText(), "ms/step");
    t.is(await page.locator("#cat10-ranking tbody tr:visible").count(), 2);
    await page.close();
  },
);

inChromium(
  "report shows all that a link says when its address changes, and goes on by Tab from where a link led",
  oneTask,
  async (t, html, at) => {
    const { page, complaints } = await open(at, html);
    await page.evaluate(() => (location.hash = "#theme=dark&at=manifest&x=seconds&chart.cat10-quality=99"));
    await page.waitForSelector("html[data-theme=dark]");
    await page.waitForSelector('[data-chart="cat10-quality"] text:has-text("seconds of training")');
    t.true(
      await page.locator("#manifest").evaluate((place) => place.getBoundingClientRect().top < innerHeight),
    );
    t.is(await chart(page, "cat10-quality").locator("select").inputValue(), "0");
    await page.locator("nav a[href='#manifest']").press("Enter");
    await page.keyboard.press("Tab");
    t.is(
      await page.evaluate(() => document.activeElement?.textContent),
      "configuration and matrix, as stored",
    );
    t.deepEqual(complaints, []);
    await page.close();
  },
);

inChromium(
  "report draws what was switched before its charts could be drawn, and complains of nothing",
  oneTask,
  async (t, html, at) => {
    const page = await at.newPage();
    await page.addInitScript(() => {
      const seen = { pressed: false, complained: false };
      Object.assign(window, { seen });
      const look = () => {
        const log = document.querySelector<HTMLElement>('[data-chart="cat10-quality"] [data-value=log]');
        seen.complained ||= document.querySelector(".place .banner") !== null;
        if (seen.pressed || log === null) return;
        seen.pressed = true;
        log.click();
      };
      new MutationObserver(look).observe(document, { childList: true, subtree: true });
    });
    await page.goto(pathToFileURL(html).href);
    await page.waitForSelector("html[data-ready=yes]");
    t.deepEqual(await page.evaluate("window.seen"), { pressed: true, complained: false });
    t.is(await chart(page, "cat10-quality").locator("svg text", { hasText: "axis reversed" }).count(), 1);
    await page.close();
  },
);

inChromium(
  "report filters its chart of a grid with the rest, and draws each of its panels without a complaint",
  { ...oneTask, estimators: ["gs:samples=1", "gs:samples=4", "st:samples=1", "st:samples=4"], states: {} },
  async (t, html, at) => {
    const { page, complaints } = await open(at, html);
    const figure = chart(page, "cat10-sensitivity");
    const legend = () => figure.locator("g.mark-text.role-legend-label text").allTextContents();
    t.deepEqual(await legend(), ["gs", "st"]);
    await figure.locator("select").selectOption({ label: "best of n trials" });
    await page.waitForSelector('[data-chart="cat10-sensitivity"] text:has-text("of the best of n trials")');
    await page.locator("#filter").fill("gs");
    await page.waitForFunction(
      () =>
        document.querySelectorAll('[data-chart="cat10-sensitivity"] g.mark-text.role-legend-label text')
          .length === 1,
    );
    t.deepEqual(await legend(), ["gs"]);
    t.deepEqual(complaints, []);
    await page.close();
  },
);

test("a ranking says on how many rows its bound was taken, and n beside its intervals", async (t) => {
  const { html } = await reportOf(oneTask);
  const text = await readFile(html, "utf8");
  t.regex(text, />bound \(nats, m = 1000, all 10000 rows\)</);
  t.regex(text, /<span class="n">n 3<\/span>/);
  t.regex(text, /1 cell of 12 did not finish\.\s+Its estimator is\s+ranked last/);
});

test("a report of 10 estimators on 3 tasks with 5 seeds is under 3 MB", async (t) => {
  const estimators = Array.from({ length: 10 }, (_, k) => `mine-${k}`);
  const run = madeUpRun({ estimators, seeds: 5, points: 41, tasks: ["cat10", "bern2", "sbn2"], states: {} });
  const { html } = await writeReport(await writeRun(run));
  t.true((await stat(html)).size < 3e6);
});

const shapes: readonly (readonly [string, Shape])[] = [
  [
    "one estimator, one seed and one point",
    { estimators: ["gs"], seeds: 1, points: 1, tasks: ["cat10"], quick: true, states: {} },
  ],
  [
    "no finished cell",
    {
      seeds: 1,
      tasks: ["cat10"],
      states: Object.fromEntries(
        ["gs", "st-gs", "st", "rloo:samples=4"].map((name) => [`cat10/${name}/0`, "interrupted"]),
      ),
    },
  ],
  [
    "no cell at all",
    {
      seeds: 1,
      tasks: ["cat10"],
      states: Object.fromEntries(
        ["gs", "st-gs", "st", "rloo:samples=4"].map((name) => [`cat10/${name}/0`, "pending"]),
      ),
    },
  ],
  ["a variance of zero", { estimators: ["gs", "exact"], tasks: ["cat10"] }],
  ["nothing but zeros on a logarithmic axis", { estimators: ["exact"], tasks: ["cat10"], seeds: 2 }],
  [
    "40 estimators",
    { estimators: Array.from({ length: 40 }, (_, k) => `mine-${k}`), tasks: ["cat10"], pictures: false },
  ],
  [
    "an estimator with the name of the legend's parameter",
    { estimators: ["gs", "chosen"], tasks: ["cat10"] },
  ],
  ["curves of 2000 points", { points: 2000, estimators: ["gs", "st"], tasks: ["cat10"] }],
];
for (const [what, shape] of shapes)
  inChromium(`report of ${what} opens without a complaint`, shape, async (t, html, at) => {
    const { page, complaints, requests } = await open(at, html);
    t.deepEqual(complaints, []);
    t.is(requests.length, 1);
    t.is(await page.locator(".banner.bad:has-text('could not')").count(), 0);
    await page.close();
  });

inChromium(
  "report prints dark on white with its headings, whatever the screen's theme",
  oneTask,
  async (t, html, at) => {
    const { page } = await open(at, html, { dark: true, hash: "#theme=dark" });
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    t.is(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
    t.true(await page.locator("#cat10-ranking thead").getByText("ms/step").isVisible());
    t.false(await page.locator("#theme").isVisible());
    const inks = await page
      .locator('[data-chart="cat10-quality"] svg text')
      .evaluateAll((texts) => texts.map((text) => getComputedStyle(text).fill));
    t.deepEqual([...new Set(inks)], ["rgb(27, 31, 36)"]);
    const ground = await page
      .locator('[data-chart="cat10-quality"] svg')
      .evaluateAll((drawn) => drawn.map((one) => getComputedStyle(one).backgroundColor));
    t.deepEqual([...new Set(ground)], ["rgba(0, 0, 0, 0)"]);
    await page.close();
  },
);
