/** Pictures of the report in all its states, to be looked at: `npm run screenshots [folder]`. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { writeReport } from "../../reports/export/write-report.ts";
import { findChromium, launch, open } from "./chromium.ts";
import type { Look } from "./chromium.ts";
import { madeUpRun, writeRun } from "./fixture.ts";
import type { Shape } from "./fixture.ts";

const ten = ["gs", "st-gs", "st", "rloo:samples=4", "rloo", "rebar", "relax", "arm", "disarm", "reinmax"];
const many = (count: number) => Array.from({ length: count }, (_, k) => `mine-${k}`);

const shapes: Readonly<Record<string, Shape>> = {
  full: { estimators: ten, seeds: 5, tasks: ["cat10", "bern2:variant=blog", "sbn2"] },
  quick: { quick: true, tasks: ["cat10"], states: { "cat10/gs/1": "interrupted", "cat10/st/0": "failed" } },
  single: { estimators: ["gs"], seeds: 1, points: 1, tasks: ["cat10"], states: {} },
  empty: { estimators: ["gs"], seeds: 1, tasks: ["cat10"], states: { "cat10/gs/0": "failed" } },
  zeros: { estimators: ["exact", "gs"], tasks: ["cat10"], pictures: false, states: {} },
  forty: { estimators: many(40), tasks: ["cat10"], pictures: false, states: {} },
  hundred: { estimators: many(100), seeds: 20, tasks: ["cat10"], pictures: false, states: {} },
};

interface Shot extends Look {
  readonly of: string;
  readonly name: string;
  readonly print?: boolean;
}

const shots: readonly Shot[] = [
  { of: "full", name: "light" },
  { of: "full", name: "dark", dark: true },
  { of: "full", name: "narrow", width: 400 },
  { of: "full", name: "print", width: 718, print: true },
  { of: "full", name: "unscripted", scripts: false },
  {
    of: "full",
    name: "log",
    hash: "#x-scale=log&chart.cat10-quality=0:log&chart.cat10-gradients=0:symlog&seeds=all",
  },
  ...Object.keys(shapes)
    .filter((of) => of !== "full")
    .map((of) => ({ of, name: of })),
];

/** A picture a screenful: a page as one picture is too small to be read. */
async function shoot(browser: Browser, path: string, { name, print = false, ...look }: Shot, folder: string) {
  const { page, complaints } = await open(browser, path, look);
  if (print) {
    await page.emulateMedia({ media: "print" });
    await page.pdf({ path: join(folder, `${name}.pdf`), format: "A4" });
  }
  const height = await page.evaluate("document.documentElement.scrollHeight");
  for (let k = 0, top = 0; top < Number(height) && k < 8; k++, top += 1600) {
    const clip = { x: 0, y: top, width: look.width ?? 1280, height: Math.min(1600, Number(height) - top) };
    await page.screenshot({ path: join(folder, `${name}-${k}.png`), clip, fullPage: true, timeout: 120_000 });
  }
  for (const complaint of complaints) process.stderr.write(`${name}: ${complaint}\n`);
  await page.close();
}

const [folder = "runs/screenshots", ...wanted] = process.argv.slice(2);
const executable = findChromium();
if (executable === undefined) throw new Error("screenshots: Chromium must be on PATH, got none.");
await mkdir(folder, { recursive: true });
const browser = await launch(executable);
const written = new Map<string, string>();
for (const shot of shots) {
  if (wanted.length > 0 && !wanted.includes(shot.name)) continue;
  const path = written.get(shot.of) ?? (await writeReport(await writeRun(madeUpRun(shapes[shot.of])))).html;
  written.set(shot.of, path);
  await shoot(browser, path, shot, folder);
}
await browser.close();
