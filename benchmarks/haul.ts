/**
 * A long run: `npm run bench:haul`. Three estimators, 100,000 steps each, through `bench run` in a process of its own;
 * resident memory, rows and files are looked at all the while. Options: --steps N, --task NAME, --engine NAME,
 * --estimators A,B,C. Exits 1 where memory grows, or rows or files exceed what the schedule of log points allows.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { judge, look, type Look } from "./haul-marks.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "100000" },
    task: { type: "string", default: "cat10:variables=4,categories=4,batch=20" },
    engine: { type: "string", default: "onnx" },
    estimators: { type: "string", default: "reinforce,gs,rebar" },
  },
});

const bin = fileURLToPath(new URL("../runners/cli/bench.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "bench-haul-"));
const argv = [
  ...["run", "-e", values.estimators, "-t", values.task, "--engine", values.engine, "--seeds", "1"],
  ...["--steps", values.steps, "--checkpoint-every", "5s", "--out", folder, "--quiet"],
];
const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), bin, ...argv], {
  stdio: ["ignore", "ignore", "inherit"],
});
const looks: Look[] = [];
const timer = setInterval(() => looks.push(...look(folder, child.pid!)), 500);
const status = await new Promise<number | null>((resolve) => child.once("exit", resolve));
clearInterval(timer);

const { lines, faults } = judge(folder, looks);
for (const line of lines) console.log(line);
for (const fault of faults) console.error(`haul: ${fault}`);
if (status !== 0) console.error(`haul: bench run must exit with 0, got ${status}`);
rmSync(folder, { recursive: true, force: true });
process.exitCode = status === 0 && faults.length === 0 ? 0 : 1;
