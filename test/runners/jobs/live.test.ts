import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import test from "ava";
import { serveReport } from "../../../runners/jobs/live-report.ts";
import { findChromium, launch } from "../../reports/chromium.ts";
import { madeUpRun, writeRun } from "../../reports/fixture.ts";
import { needing } from "../../require.ts";
import { bench, temporaryFolder } from "../cli/call.ts";

interface Answer {
  readonly status: number;
  readonly text: string;
}

const ask = (
  url: string,
  { method = "GET", host, path = "/" }: { method?: string; host?: string; path?: string } = {},
) =>
  new Promise<Answer>((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const headers = host === undefined ? {} : { host };
    const sent = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end();
  });

test("serveReport shows the report of now, says what it cannot read, and at last gives the final one", async (t) => {
  const folder = temporaryFolder();
  const live = await serveReport(folder, { period: 0.2 });
  t.regex(live.url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const early = await ask(live.url);
  t.regex(early.text, /has begun/);
  t.regex(early.text, /location\.reload\(\), 200\)/);
  const run = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], pictures: false, states: {} });
  await writeRun(run, folder);
  await new Promise((resolve) => setTimeout(resolve, 250));
  const later = await ask(live.url, { path: "/report.html" });
  t.regex(later.text, /PARTIAL[^]*cat10-ranking/);
  t.regex(later.text, /<noscript\s*><meta http-equiv="refresh"/);
  await writeFile(join(folder, "cells", run.cells[0]!.record.hash, "cell.json"), "{}");
  await new Promise((resolve) => setTimeout(resolve, 250));
  const broken = await ask(live.url);
  t.regex(
    broken.text,
    /role="alert">\s*The report cannot be made: [^<]*cell\.json[^<]*What follows is older/,
  );
  t.regex(broken.text, /cat10-ranking/);
  await writeRun(run, folder);
  const closed = live.close();
  const last = await ask(live.url);
  t.notRegex(
    last.text,
    /setTimeout\(\(\) => location\.reload|http-equiv="refresh"|role="alert"|<b>PARTIAL<\/b>/,
  );
  await closed;
  await t.throwsAsync(ask(live.url));
});

test("serveReport says why a folder cannot be read from the first", async (t) => {
  const folder = temporaryFolder();
  await writeFile(join(folder, "manifest.json"), "{");
  const live = await serveReport(folder, { period: 0.2 });
  const { text } = await ask(live.url);
  t.regex(text, /The report cannot be made: [^<]*manifest\.json/);
  t.notRegex(text, /has begun/);
  const closed = live.close();
  await ask(live.url);
  await closed;
});

const executable = findChromium();
const inChromium = needing("Chromium on PATH", executable !== undefined);

inChromium(
  "a page in a browser looks again, and keeps what its reader has set, until the run is over",
  async (t) => {
    const folder = temporaryFolder();
    const live = await serveReport(folder, { period: 1 });
    const browser = await launch(executable!);
    t.teardown(() => browser.close());
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${live.url}#seeds=1&theme=dark`);
    t.regex(await page.innerText("body"), /has begun/);
    await writeRun(madeUpRun({ tasks: ["cat10"], estimators: ["gs"], pictures: false, states: {} }), folder);
    await page.waitForSelector("#cat10-ranking");
    t.is(await page.getAttribute("html", "data-theme"), "dark");
    // Waited for, not evaluated: the page may look again at this very moment, and what is waited for is tried again then.
    await page.waitForFunction("document.documentElement.dataset.before = 1");
    await page.waitForSelector("html:not([data-before])[data-theme=dark]");
    t.is(new URL(page.url()).hash, "#seeds=1&theme=dark");
    const closed = live.close();
    await page.waitForSelector("html[data-ready=yes]:not(:has(.banner:has-text('PARTIAL')))");
    await closed;
    t.is(new URL(page.url()).hash, "#seeds=1&theme=dark");
    t.deepEqual(complaints, []);
  },
);

test("serveReport refuses other hosts, writing, and every other path", async (t) => {
  const live = await serveReport(temporaryFolder());
  const { host } = new URL(live.url);
  const port = host.split(":")[1]!;
  for (const name of ["evil.example", `evil.example:${port}`, "127.0.0.1", `127.0.0.1.evil.example:${port}`])
    t.is((await ask(live.url, { host: name })).status, 403, name);
  t.is((await ask(live.url, { host: `localhost:${port}` })).status, 200);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
    t.is((await ask(live.url, { method })).status, 405, method);
  for (const path of ["/manifest.json", "/../etc/passwd", "/report.html/x", "//evil"])
    t.is((await ask(live.url, { path })).status, 404, path);
  t.is((await ask(live.url, { path: "/", method: "HEAD" })).text, "");
  await ask(live.url, { host: "evil.example" });
  const closed = live.close();
  await ask(live.url);
  await closed;
});

test("a port that is taken is an error of the environment in a sentence", async (t) => {
  const live = await serveReport(temporaryFolder());
  const error = await t.throwsAsync(serveReport(temporaryFolder(), { port: Number(new URL(live.url).port) }));
  t.regex(error.message, /^--port: port \d+ of 127\.0\.0\.1 cannot be used: EADDRINUSE\.$/);
  await live.close();
});

/** Asks as a page does, though more often, until nobody answers; all that was answered. */
async function watch(url: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (;;) {
    const answer = await ask(url).catch(() => undefined);
    if (answer === undefined) return answers;
    answers.push(answer);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test("bench run --watch serves while it trains, and writes the same file as ever", async (t) => {
  const cwd = temporaryFolder();
  let watched: Promise<Answer[]> | undefined;
  const argv = ["run", "-e", "gs", "-t", "coupled-bits", "--seeds", "1", "--steps", "100", "-o", "out"];
  const { status, err } = await bench([...argv, "--watch"], {
    cwd,
    hear(text) {
      const url = /The report is at (\S+)/.exec(text)?.[1];
      if (url !== undefined) watched = watch(url);
    },
  });
  t.is(status, 0, err);
  const answers = (await watched)!;
  t.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
  t.notRegex(answers.at(-1)!.text, /<b>PARTIAL<\/b>|http-equiv="refresh"/i);
  const html = readFileSync(join(cwd, "out", "report.html"), "utf8");
  t.notRegex(html, /<b>PARTIAL<\/b>|http-equiv="refresh"/i);
});
