import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { CellRecord, Manifest } from "../../../reports/records.ts";
import { temporaryFolder } from "./call.ts";

const bin = join(import.meta.dirname, "../../../runners/cli/bench.ts");
const loader = import.meta.resolve("tsx");

function start(argv: readonly string[], cwd: string) {
  const child = spawn(process.execPath, ["--import", loader, bin, ...argv], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let err = "";
  child.stdout.resume();
  child.stderr.on("data", (text: Buffer) => (err += text.toString()));
  const ended = new Promise<{ status: number | null; err: string }>((resolve) => {
    child.on("close", (status) => resolve({ status, err }));
  });
  return { child, ended };
}

/** Waits until something holds, looking often. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function records(run: string): CellRecord[] {
  const manifest = JSON.parse(readFileSync(join(run, "manifest.json"), "utf8")) as Manifest;
  return manifest.matrix
    .map(({ hash }) => join(run, "cells", hash, "cell.json"))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, "utf8")) as CellRecord);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test.serial(
    `${signal} stops a run after its step: exit 130, a checkpoint, and the line that resumes`,
    async (t) => {
      const cwd = temporaryFolder();
      const run = join(cwd, "runs/A");
      const argv = [
        "run",
        "-e",
        "reinforce",
        "-t",
        "bits",
        "--engine",
        "cpu",
        "--quick",
        "--steps",
        "100000",
        "--name",
        "A",
      ];
      const { child, ended } = start(argv, cwd);
      await until(() => existsSync(join(run, "report.html")) || child.exitCode !== null);
      child.kill(signal);
      const { status, err } = await ended;
      t.is(status, 130, err);
      t.true(err.includes(`interrupted; to go on: bench ${argv.join(" ")}`), err);
      const [record] = records(run);
      t.is(record!.state, "interrupted");
      t.true(existsSync(join(run, "cells", record!.hash, "checkpoint")));
    },
  );
}

test.serial("a reader that goes away early is no failure", async (t) => {
  const { child, ended } = start(["list", "--json"], temporaryFolder());
  child.stdout.destroy();
  const { status, err } = await ended;
  t.is(status, 0, err);
  t.is(err, "");
});
