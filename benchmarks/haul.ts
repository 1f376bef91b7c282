/**
 * Whether memory stays flat in a long run: three estimators with 100,000 steps each through `bench run` in a process of its
 * own, whose resident memory is read twice a second. Exits with 1 if, in a cell, the last third of the steps needs 10 %
 * more than the steps from a tenth to 40 %. `npm run bench:haul -- --steps N --task NAME --engine NAME --estimators A,B`
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { CellRecord } from "../reports/format/records.ts";

const { values } = parseArgs({
  options: {
    steps: { type: "string", default: "100000" },
    task: { type: "string", default: "cat10:variables=4,categories=4,batch=20" },
    engine: { type: "string", default: "onnx" },
    estimators: { type: "string", default: "reinforce,gs,rebar" },
  },
});

/** Growth that is no leak: pages that an allocator keeps. */
const slack = 1.1;

interface Look {
  readonly label: string;
  /** Share of the cell's steps that are done. */
  readonly part: number;
  /** Resident memory of the process in MiB. */
  readonly resident: number;
}

/** The cells that run now; none between two cells, or once the process has ended. */
function look(folder: string, pid: number): Look[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const resident = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
    return readdirSync(join(folder, "cells"))
      .map((name) => join(folder, "cells", name))
      .filter((cell) => existsSync(join(cell, "cell.json")))
      .flatMap((cell) => {
        const record = JSON.parse(readFileSync(join(cell, "cell.json"), "utf8")) as CellRecord;
        if (record.state !== "running") return [];
        // The last line may be half written.
        const line = readFileSync(join(cell, "curve.ndjson"), "utf8").split("\n").at(-2) ?? "{}";
        const { step = 0 } = JSON.parse(line) as { step?: number };
        return [{ label: record.label, part: step / record.steps.planned, resident }];
      });
  } catch {
    return [];
  }
}

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
rmSync(folder, { recursive: true, force: true });
if (status !== 0) {
  console.error(`bench run failed with status ${status}.`);
  process.exitCode = 1;
}
for (const label of new Set(looks.map((one) => one.label))) {
  const most = (from: number, to: number) =>
    Math.max(
      ...looks
        .filter((one) => one.label === label && one.part >= from && one.part < to)
        .map(({ resident }) => resident),
    );
  const [early, late] = [most(0.1, 0.4), most(0.7, 1)];
  console.log(`${label}: ${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late`);
  if (!(late <= early * slack)) {
    console.error(`The memory of ${label} grows. See what each step keeps.`);
    process.exitCode = 1;
  }
}
