/**
 * Runs what docs/gallery shows and publishes it there. The runs are short, and with the rough measurements of --quick: the
 * gallery shows what reports look like, and its pages say that they compare nothing. Build first (`npm run build`).
 * Interrupted, the same command goes on.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const site = join(root, "docs", "gallery");

const short = ["--quick", "--seeds", "3", "--steps", "1000"];
const cat10 = ["-t", "cat10:learning-rate=0.003", ...short];
const runs: Readonly<Record<string, readonly string[]>> = {
  "five-estimators": ["-e", "gs,st-gs,st,reinmax,rloo", ...cat10],
  "temperatures-of-gumbel-softmax": ["-e", "gs", ...cat10, "--grid", "gs.temperature=0.1|0.3|1|3"],
  "unbiased-on-a-toy": ["-e", "reinforce,rloo,arm,disarm,rebar", "-t", "kool", "--quick", "--seeds", "5"],
};

function bench(...argv: readonly string[]): void {
  const bin = join(root, "dist", "runners", "cli", "bench.js");
  const { status } = spawnSync(process.execPath, [bin, ...argv], { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`bench ${argv[0]} failed with status ${status}.`);
}

for (const [name, argv] of Object.entries(runs)) bench("run", ...argv, "--name", name);
rmSync(site, { recursive: true, force: true });
bench("publish", ...Object.keys(runs).map((name) => join("runs", name)), "--to", site);
