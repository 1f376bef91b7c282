/**
 * Writes the gallery of docs/, one report and a picture per task: ten estimators, five seeds and three tasks with 1,000 steps
 * and the rough measurements of --quick. Build first (`npm run build`). It takes about a quarter of an hour on two cores and
 * resumes where it stopped.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "runs", "gallery");
const tasks = ["cat10", "bern2", "sbn2"];
const estimators = "gs,st-gs,st,reinmax,gumbel-rao,reinforce,nvil,rloo,muprop,rebar";
const budget = ["--quick", "--seeds", "5", "--steps", "1000", "--jobs", "2"];
const rate = "learning-rate=0.003";

/** The largest page, in bytes. */
const largest = 3_000_000;

function bench(...argv: string[]): void {
  const bin = join(root, "dist", "runners", "cli", "bench.js");
  const { status } = spawnSync(process.execPath, [bin, ...argv], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`bench ${argv[0]} failed with status ${status}.`);
}

bench(
  "run",
  "-e",
  estimators,
  "-t",
  tasks.map((task) => `${task}:${rate}`).join(","),
  ...budget,
  "--name",
  "gallery",
);
bench("report", folder, "--png", "--quiet");
const page = join(folder, "report.html");
if (statSync(page).size > largest)
  throw new Error(`The page has ${statSync(page).size} bytes, more than ${largest}.`);
copyFileSync(page, join(root, "docs", "gallery.html"));
for (const task of tasks)
  copyFileSync(
    join(folder, "charts", `${task}-learning-rate-0-003-quality.png`),
    join(root, "docs", `gallery-${task}.png`),
  );
