/// <reference lib="dom" />
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import {
  gumbelNoise,
  hardSample,
  meanPoint,
  normalise,
  relaxedSample,
} from "../../../reports/page/client/gumbel.ts";
import { widgetPage } from "../../../reports/page/widget-page.ts";
import { jitter } from "../fixture.ts";
import { sharedBrowser, withChromium } from "../in-chromium.ts";

const weights = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 2, maxLength: 8 });

test("relaxedSample is a point of the simplex, for any weights and temperature", (t) => {
  const noise = fc.array(fc.double({ min: -3, max: 16, noNaN: true }), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(weights, noise, fc.double({ min: 0.03, max: 10, noNaN: true }), (given, g, temperature) => {
      fc.pre(given.some((weight) => weight > 0));
      const point = relaxedSample(normalise(given), g, temperature);
      const total = point.reduce((sum, value) => sum + value, 0);
      return Math.abs(total - 1) < 1e-9 && point.every((value) => value >= 0);
    }),
  );
  t.pass();
});

test("relaxedSample goes to hardSample as the temperature goes to zero", (t) => {
  const p = [0.5, 0.2, 0.3];
  const g = [0.1, 1.4, -0.3];
  const cold = relaxedSample(p, g, 1e-3);
  for (const [k, value] of hardSample(p, g).entries()) t.true(Math.abs((cold[k] ?? NaN) - value) < 1e-9);
});

test("hardSample has the frequencies π: within five standard errors over 20,000 draws", (t) => {
  const p = [0.3, 0.12, 0.24, 0.04, 0.18, 0.12];
  let count = 0;
  const random = () => (jitter(`draw ${count++}`) + 1) / 2;
  const mean = meanPoint(gumbelNoise(20_000, p.length, random).map((g) => hardSample(p, g)));
  for (const [k, value] of mean.entries()) {
    const expected = p[k] as number;
    t.true(
      Math.abs(value - expected) < 5 * Math.sqrt((expected * (1 - expected)) / 20_000),
      `${k}: ${value}`,
    );
  }
});

test("gumbelNoise is finite at both ends of the generator", (t) => {
  for (const u of [0, 1 - 2 ** -53]) t.true(Number.isFinite(gumbelNoise(1, 1, () => u)[0]?.[0] ?? NaN));
});

withChromium("the widget's page answers to its sliders and buttons, and asks for nothing", async (t) => {
  const path = join(await mkdtemp(join(tmpdir(), "bench-widget-")), "widget.html");
  await writeFile(path, widgetPage());
  const page = await (await sharedBrowser()).newPage({ viewport: { width: 400, height: 900 } });
  const seen: string[] = [];
  page.on("console", (message) => seen.push(message.text()));
  page.on("pageerror", (error) => seen.push(error.message));
  page.on("request", (request) => seen.push(request.url()));
  // One run in 445 would else meet a warm sample that is far from uniform.
  await page.addInitScript(() => {
    let state = 1;
    Math.random = () => (state = (48271 * state) % 2147483647) / 2147483647;
  });
  await page.goto(`file://${path}`);
  const heights = () =>
    page.locator(".bars.mean i").evaluateAll((bars) => bars.map((bar) => (bar as HTMLElement).style.height));
  const soft = await heights();
  t.is(soft.length, 6);
  const compared = (part: string) =>
    page
      .locator(`[data-part=${part}]`)
      .evaluateAll((all) =>
        all.map((bars) => [...bars.querySelectorAll("i")].map((bar) => Number.parseFloat(bar.style.height))),
      );
  const [exact, cold, , , hot] = (await compared("sample")) as [number[], number[], number[], number[], number[]]; // prettier-ignore
  t.is(exact.filter((height) => height === 100).length, 1, "Gumbel-Max draws a vertex");
  t.is(cold.indexOf(Math.max(...cold)), exact.indexOf(100), "the noise is the same");
  t.true(Math.max(...hot) < 30, "a warm sample is nearly uniform");
  const [vertices] = await compared("mean");
  t.true(vertices!.every((height) => height > 3 && height <= 100));
  await page.locator("button[data-hard=yes]").click();
  t.is(await page.locator(".formula").innerText(), "argmax(log π + g)");
  const hard = await heights();
  t.notDeepEqual(hard, soft);
  t.regex(await page.locator(".said").innerText(), /2000 hard samples: largest error 0\.0[0-5]/);
  await page.locator("button[data-again]").click();
  t.notDeepEqual(await heights(), hard);
  await page.locator("input[data-weight='3']").fill("60");
  t.is(await page.locator(".probability").nth(3).innerText(), "0.38");
  await page.locator("button[data-hard=no]").click();
  await page.locator("input[data-temperature]").fill("1");
  t.is(await page.locator(".temperature").innerText(), "10");
  t.is(await page.evaluate(() => document.documentElement.scrollWidth), 400);
  await page.setViewportSize({ width: 320, height: 900 });
  t.is(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  const tops = await page
    .locator("[data-part=mean]")
    .evaluateAll((all) => all.map((bars) => bars.getBoundingClientRect().top));
  t.is(new Set(tops).size, 1, "bars of all temperatures stand on one line");
  t.deepEqual(seen, [`file://${path}`]);
});
