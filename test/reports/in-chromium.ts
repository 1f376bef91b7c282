/**
 * Tests of a report in Chromium: one browser per test file, one report per shape, a page per test. A file that uses this
 * must not import Vega, whose top-level await would declare its tests too late for AVA.
 */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test from "ava";
import type { ExecutionContext } from "ava";
import type { Browser } from "playwright-core";
import { aggregate } from "../../reports/aggregate/aggregate.ts";
import { resultsTable } from "../../reports/format/results-csv.ts";
import { reportPage } from "../../reports/page/document.ts";
import { needing } from "../require.ts";
import { findChromium, launch, open } from "./chromium.ts";
import type { Look, Watched } from "./chromium.ts";
import { madeUpRun } from "./fixture.ts";
import type { Shape } from "./fixture.ts";

const executable = findChromium();
export const withChromium = needing("Chromium on PATH", executable !== undefined);

let browser: Promise<Browser> | undefined;

/** The browser of this test file. */
export const sharedBrowser = (): Promise<Browser> => (browser ??= launch(executable!));

test.after.always(async () => (await browser)?.close());

const reports = new Map<string, Promise<string>>();

async function writePage(shape: Shape): Promise<string> {
  const run = madeUpRun(shape);
  const path = join(await mkdtemp(join(tmpdir(), "bench-page-")), "report.html");
  await writeFile(path, reportPage(run, aggregate(run), resultsTable(run.cells)));
  return path;
}

/** The path of the report of a made-up run, which tests only read; each is made once. */
export function reportOf(shape: Shape): Promise<string> {
  const key = JSON.stringify(shape);
  const report = reports.get(key) ?? writePage(shape);
  reports.set(key, report);
  return report;
}

/** Opens a report and runs `body`; at its end nothing may have been complained of, nor requested but the report. */
export function inChromium(
  title: string,
  shape: Shape,
  body: (t: ExecutionContext, page: Watched["page"], html: string) => Promise<void>,
  look: Look = {},
): void {
  withChromium(title, async (t) => {
    const html = await reportOf(shape);
    const { page, complaints, requests } = await open(await sharedBrowser(), html, look);
    try {
      await body(t, page, html);
      t.deepEqual(complaints, []);
      t.true(
        requests.every((url) => url.split("#")[0] === pathToFileURL(html).href || url.startsWith("blob:")),
      );
    } finally {
      await page.close();
    }
  });
}
