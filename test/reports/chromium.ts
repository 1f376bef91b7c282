/** A page of a report in Chromium, watched: what it logs and what it asks for. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome"];

const runs = (path: string) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The path of a Chromium on PATH, if there is one. */
export function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(runs);
}

export const launch = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export interface Watched {
  readonly page: Page;
  /** Errors and warnings of the console and of the page. */
  readonly complaints: string[];
  readonly requests: string[];
}

export interface Look {
  readonly hash?: string;
  readonly width?: number;
  readonly dark?: boolean;
  readonly scripts?: boolean;
}

/** Opens a file as a reader would, and waits until its charts stand. */
export async function open(browser: Browser, path: string, look: Look = {}): Promise<Watched> {
  const { hash = "", width = 1280, dark = false, scripts = true } = look;
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: scripts,
  });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(path).href + hash);
  if (scripts) await page.waitForSelector("html[data-ready=yes]", { timeout: 30_000 });
  return { page, complaints, requests };
}
