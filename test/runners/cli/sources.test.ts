/** The other tests run what was compiled; this one the sources, as who works on them may. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, normalize } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { temporaryFolder } from "./call.ts";
import { manifestOf, statesOf } from "./cells.ts";

const root = normalize(join(import.meta.dirname, "../../.."));
const loader = import.meta.resolve("tsx");

test("bench.ts under tsx trains in child processes, says its commit, and gives Slurm the loader", async (t) => {
  const cwd = temporaryFolder();
  const program = ["--import", loader, join(root, "runners/cli/bench.ts")];
  const argv = ["run", "-e", "reinforce", "-t", "bits:rows=4", "--engine", "cpu", "--quick", "--seeds", "1"];
  const run = (...more: string[]) =>
    promisify(execFile)(process.execPath, [...program, ...argv, "--steps", "10", "--name", "A", ...more], {
      cwd,
      // tsx keeps what it has compiled beside other temporary files, which those of the tests are not.
      env: { ...process.env, TMPDIR: "" },
    });
  await run("--jobs", "2");
  t.deepEqual(statesOf(join(cwd, "runs/A")), ["reinforce 0 done"]);
  const commit = existsSync(join(root, ".git"))
    ? execFileSync("git", ["-C", root, "rev-parse", "HEAD"], { encoding: "utf8" }).trim()
    : undefined;
  t.is(manifestOf(join(cwd, "runs/A")).git?.commit, commit);
  const { stdout } = await run("--slurm", "--dry-run");
  t.true(stdout.includes(`${process.execPath} ${program.join(" ")} run `), stdout);
});
