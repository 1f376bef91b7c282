/// <reference lib="dom" />
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import test from "ava";
import { storedRows } from "../../benchmarks/estimator-rows.ts";
import { combinators, estimators } from "../../estimators/index.ts";
import { html } from "../../reports/page/html.ts";
import { resolveOptions } from "../../runners/options/resolve.ts";
import { tasks } from "../../tasks/index.ts";
import { liveRun, liveTasks, type LivePoint } from "../../website/client/live-run.ts";
import { markdown } from "../../website/markdown.ts";
import { sitePage } from "../../website/page.ts";
import { writeSite } from "../../website/write-site.ts";
import { sharedBrowser, withChromium } from "../reports/in-chromium.ts";

let written: Promise<{ folder: string; paths: string[] }> | undefined;

/** The site, built once. */
const site = () =>
  (written ??= mkdtemp(join(tmpdir(), "bench-site-")).then(async (folder) => ({
    folder,
    paths: await writeSite(folder),
  })));

/** All pages by path, without copied reports. */
async function pages(): Promise<Map<string, string>> {
  const { folder, paths } = await site();
  const named = paths.filter((path) => path.endsWith(".html"));
  const texts = await Promise.all(named.map((path) => readFile(join(folder, path), "utf8")));
  const all = named.map((path, i) => [path, texts[i]!] as const);
  return new Map(all.filter(([, text]) => text.includes('<main class="site">')));
}

const plain = (text: string) => text.replace(/<script[\s\S]*?<\/script>/g, "");

test("every link within the site leads to a file, and to a heading where it names one", async (t) => {
  const { paths } = await site();
  const all = await pages();
  let links = 0;
  for (const [path, text] of all)
    for (const [, address] of plain(text).matchAll(/(?:href|src)="([^"]*)"/g)) {
      if (/^(https?:|data:|mailto:)/.test(address!)) continue;
      links += 1;
      const [to, anchor] = address!.split("#") as [string, string?];
      const target = to === "" ? path : posix.join(posix.dirname(path), to);
      t.true(paths.includes(target), `${path} links ${address}`);
      if (anchor !== undefined)
        t.true(all.get(target)!.includes(`id="${anchor}"`), `${path} links ${address}`);
    }
  t.true(links > 1000);
});

test("every estimator and task has a page with its options, its code and its paper", async (t) => {
  const all = await pages();
  for (const { name, title, options } of [...estimators, ...combinators]) {
    const page = all.get(`estimators/${name}.html`)!;
    t.true(page.includes(html`${title}`.markup), name);
    for (const option of Object.keys(options as object)) t.true(page.includes(`<td>${option}</td>`), option);
    t.regex(page, /export default/, name);
    t.is(page.includes("What was measured"), Object.hasOwn(storedRows(), name), name);
  }
  for (const { name, doc } of tasks)
    t.true(all.get(`tasks/${name}.html`)!.includes(html`${doc}`.markup), name);
  t.regex(all.get("estimators/gs.html")!, /@article\{jang2016,/);
});

test("every answer of the tree names an estimator and a number", async (t) => {
  const answers = (await pages()).get("choose.html")!.split('<div class="answer">').slice(1);
  t.true(answers.length > 20);
  for (const answer of answers)
    t.regex(answer, /<td><a href="estimators\/[a-z0-9-]+\.html">[\s\S]*?<td>[−-]?[\d.]+/);
});

test("markdown: HTML stays text, and an address that could run is left out", (t) => {
  const { markup } = markdown('# A <b>x</b>\n<img src=x onerror=alert(1)>\n\n[a](javascript:alert(1)) ![b](data:x)', (to) => to); // prettier-ignore
  t.notRegex(markup, /<b>|<img src=x|javascript:|data:/);
  t.true(markup.includes("&lt;img src=x onerror=alert(1)&gt;"));
});

test("a page in a folder links the one style sheet and the pages above it", (t) => {
  const text = sitePage({ path: "tasks/x.html", title: "x", body: html`` });
  t.true(text.includes('href="../style.css"') && text.includes('href="../tasks/index.html"'));
});

withChromium("the benchmark trains in the page from a file, with the numbers of the program", async (t) => {
  const { folder } = await site();
  const page = await (await sharedBrowser()).newPage({ viewport: { width: 400, height: 900 } });
  const seen: string[] = [];
  page.on("console", (message) => seen.push(message.text()));
  page.on("pageerror", (error) => seen.push(error.message));
  const url = `file://${join(folder, "try.html")}`;
  await page.goto(url);
  await page.waitForSelector("html[data-ready=yes]");
  await page.locator("#benchmark-steps").fill("80");
  await page.locator("button[data-name=st-gs]").click();
  await page.locator("#benchmark-start").click();
  const done = (text: string) => page.waitForFunction((words) => document.querySelector("#benchmark-message")!.textContent.startsWith(words), text, { timeout: 120_000 }); // prettier-ignore
  await done("Done: 80 steps.");
  const strokes = await page.locator(".curves polyline").evaluateAll((lines) => lines.map((line) => [getComputedStyle(line).stroke !== "none", line.getAttribute("points")!.split(" ").length > 20])); // prettier-ignore
  t.deepEqual(
    strokes,
    Array.from({ length: 4 }, () => [true, true]),
  );
  const ends = await page.locator("tr[data-estimator]").evaluateAll(
    (rows) =>
    rows.map((row) => ({ ...(row as HTMLElement).dataset })), // prettier-ignore
  );
  t.deepEqual(ends.map(({ estimator, step }) => [estimator, step]), [["reinforce", "80"], ["rloo", "80"]]); // prettier-ignore
  const resolved = ({ name, options }: { name: string; options: object }) => ({
    name,
    settings: resolveOptions(
      {},
      { who: name, specs: options as Parameters<typeof resolveOptions>[1]["specs"] },
    ),
  });
  const chosen = estimators.filter(({ name }) => ["reinforce", "rloo"].includes(name)).map(resolved);
  const first = new Map<string, LivePoint>();
  const last = new Map<string, LivePoint>();
  const plan = { task: resolved(liveTasks[0]!), estimators: chosen, steps: 80, seed: 0 };
  await liveRun(plan, (name, point) => {
    if (!first.has(name)) first.set(name, point);
    last.set(name, point);
  });
  for (const { estimator, cost } of ends) {
    const [begun, ended] = [first.get(estimator!)!.cost, last.get(estimator!)!.cost];
    t.true(Math.abs(Number(cost) - ended) < 1e-4 * ended, `${estimator}: ${cost} in the page, ${ended} here`);
    t.true(ended < 0.7 * begun, `${estimator}: from ${begun} to ${ended}`);
  }
  // The autoencoder, stopped after a few steps.
  await page.locator("#benchmark-task").selectOption({ index: 4 });
  await page.locator("#benchmark-start").click();
  const steps = () => Number(document.querySelector<HTMLElement>("tr[data-step]")?.dataset["step"] ?? 0);
  await page.waitForFunction(steps, undefined, { timeout: 120_000 });
  await page.locator("#benchmark-stop").click();
  await done("Stopped after");
  t.true((await page.evaluate(steps)) > 0);
  t.is(await page.evaluate(() => document.documentElement.scrollWidth), 400);
  t.deepEqual(seen, []);
  await page.close();
});
