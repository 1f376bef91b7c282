/// <reference lib="dom" />
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { PublishedRow, PublishedRun } from "../../../reports/format/published-run.ts";
import { indexRows, matchingRows } from "../../../reports/page/client/index-data.ts";
import { indexPage } from "../../../reports/page/index-page.ts";
import { open } from "../chromium.ts";
import { madeUpRun, writeRun } from "../fixture.ts";
import { sharedBrowser, withChromium } from "../in-chromium.ts";

const row = (
  task: string,
  estimator: string,
  mean: number | null,
  more: Partial<PublishedRow> = {},
): PublishedRow => ({
  ...{ task, estimator, options: "", bound: null, boundAt: null, steps: 2000 },
  measure: { title: "test ELBO", unit: "nats", higherIsBetter: true },
  value: mean === null ? null : { mean, low: mean - 1, high: mean + 1 },
  ...{ seeds: { done: 3, all: 3 }, evaluations: { forward: 1, backward: 1 }, ...more },
});
const { manifest } = madeUpRun({ seeds: 1, points: 2 });
const published = (index: number, rows: readonly PublishedRow[], name = `run-${index}`): PublishedRun => ({
  ...{ id: index.toString(16).padStart(16, "0"), rows },
  manifest: { ...manifest, name, quick: index % 2 === 1 },
});
const data = (rows: readonly PublishedRow[], quick = false) => [
  { ...{ id: "0", name: "A", command: "", created: "", engine: "wasm", cpu: "" }, quick, rows },
];
const nothing = { search: "", task: "", estimator: "", engine: "", full: "" };

test("indexRows: the best come first, then those with broken seeds, then those without a value", (t) => {
  const broken = row("cat10", "broken", -1, { broken: "1 of 3 diverged" });
  const rows = indexRows(
    data([row("cat10", "none", null), broken, row("cat10", "worse", -3), row("cat10", "better", -2)]),
  );
  t.deepEqual(
    rows.map(({ estimator, place }) => [place, estimator]),
    [
      [1, "better"],
      [2, "worse"],
      [3, "broken"],
      [4, "none"],
    ],
  );
  const cost = { title: "cost", unit: "", higherIsBetter: false };
  const costs = indexRows(data([2, 1].map((mean) => row("bits", String(mean), mean, { measure: cost }))));
  t.deepEqual(
    costs.map(({ estimator }) => estimator),
    ["1", "2"],
  );
});

test("matchingRows: every word must stand somewhere; filters compare names without options", (t) => {
  const given = [row("cat10:variant=blog", "gs:temperature=1", -1), row("cat100", "st-gs", -2)];
  const rows = indexRows([...data(given), ...data(given, true)]);
  const count = (filter: Partial<typeof nothing>) => matchingRows(rows, { ...nothing, ...filter }).length;
  t.deepEqual([count({}), count({ full: "yes" })], [4, 2]);
  t.deepEqual([count({ task: "cat10" }), count({ estimator: "gs" }), count({ engine: "onnx" })], [2, 2, 0]);
  t.deepEqual(
    [count({ search: "GS" }), count({ search: "gs blog" }), count({ search: "st-gs blog" })],
    [4, 2, 0],
  );
});

async function written(runs: readonly PublishedRun[]): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "bench-index-")), "index.html");
  await writeFile(path, indexPage(runs));
  return path;
}

withChromium(
  "the index of 10,000 rows shows the first of each task, filters them and keeps the filter",
  async (t) => {
    const runs = Array.from({ length: 500 }, (_, run) =>
      published(
        run,
        Array.from({ length: 20 }, (_, k) =>
          row(["cat10", "bern2"][run % 2]!, `e${k}`, -100 - ((run * 37) % 500)),
        ),
      ),
    );
    const { page, complaints, requests } = await open(await sharedBrowser(), await written(runs));
    t.is(await page.locator("tbody tr").count(), 40);
    await page.getByText("more rows").first().click();
    t.is(await page.locator("tbody tr").count(), 240);
    await page.locator("#search").fill("run-42 e7");
    await page.locator("#task").selectOption("cat10");
    t.is(await page.locator("#count").textContent(), "6 of 10000 rows on 1 task");
    t.deepEqual(await page.locator("section h2").allTextContents(), ["cat10"]);
    await page.reload();
    await page.waitForSelector("html[data-ready=yes]");
    t.is(await page.locator("tbody tr").count(), 6);
    await page.locator("#full").check();
    t.is(
      await page.locator("#count").textContent(),
      "6 of 10000 rows on 1 task",
      "runs with even numbers are not quick",
    );
    t.deepEqual([complaints, requests.length], [[], 2]);
  },
);

withChromium(
  "hostile names in published runs are text, and links lead only to files of the folder",
  async (t) => {
    const texts = [
      "</script><script>window.hit=1</script>",
      '"><img src=x onerror=window.hit=1>',
      "javascript:window.hit=1",
      "../../x",
      "__proto__",
    ];
    const runs = texts.map((text, index) =>
      published(index, [row(text, text, -1, { options: text, boundAt: text })], text),
    );
    const { page, complaints } = await open(await sharedBrowser(), await written(runs), {
      dark: true,
      width: 400,
    });
    t.is(await page.evaluate("window.hit"), undefined);
    t.deepEqual(await page.locator("section h2").allTextContents(), texts.toSorted());
    const links = await page.locator("a").evaluateAll((all) => all.map((link) => link.getAttribute("href")!));
    t.true(links.length > 0 && links.every((link) => /^runs\/[0-9a-f]{16}\/[\w.]+(#command)?$/.test(link)));
    t.deepEqual(complaints, []);
  },
);

withChromium("a published report draws its charts with the libraries that all share", async (t) => {
  const { prepareRuns, publishRuns } = await import("../../../reports/export/publish-runs.ts");
  const to = await mkdtemp(join(tmpdir(), "bench-index-"));
  const run = await writeRun(madeUpRun({ tasks: ["cat10"], pictures: false, states: {}, points: 3 }));
  const { runs } = publishRuns(prepareRuns([run], to), to);
  const { page, complaints, requests } = await open(
    await sharedBrowser(),
    join(runs[0]!.folder, "report.html"),
  );
  t.true((await page.locator("svg.marks").count()) > 0);
  t.deepEqual(
    [complaints, requests.map((url) => /[^/]*$/.exec(url)![0].replace(/-.*\./, "."))],
    [[], ["report.html", "vega.js"]],
  );
});
