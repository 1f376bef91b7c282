import { existsSync } from "node:fs";
import { join } from "node:path";
import { serial as test } from "../../require.ts";
import { temporaryFolder } from "./call.ts";
import { recordsOf, start, until } from "./cells.ts";

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} stops a run after its step: exit 130, a checkpoint, and the line that resumes`, async (t) => {
    const cwd = temporaryFolder();
    const run = join(cwd, "runs/A");
    const argv = ["run", "-e", "reinforce", "-t", "bits", "--engine", "cpu", "--quick"];
    const words = [...argv, "--steps", "100000", "--name", "A"];
    const { child, ended } = start(words, cwd);
    const begun = () => existsSync(join(run, "manifest.json")) && recordsOf(run)[0] !== undefined;
    await until(() => begun() || child.exitCode !== null);
    child.kill(signal);
    const { status, err } = await ended;
    t.is(status, 130, err);
    t.true(err.includes(`Interrupted. To continue: bench ${words.join(" ")}`), err);
    const [record] = recordsOf(run);
    t.is(record!.state, "interrupted");
    t.true(existsSync(join(run, "cells", record!.hash, "checkpoint")));
  });
}

test("a reader that goes away early is no failure", async (t) => {
  const { child, ended } = start(["list", "--json"], temporaryFolder());
  child.stdout!.destroy();
  const { status, err } = await ended;
  t.is(status, 0, err);
  t.is(err, "");
});
