import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { writeChecksums } from "../../../reports/format/checksums.ts";
import { slow } from "../../require.ts";
import { bench, temporaryFolder } from "./call.ts";
import { manifestOf, numbersOf, statesOf } from "./cells.ts";

const brief = ["--engine", "cpu", "-t", "bits:rows=4", "--quick", "-q"];
const run = (steps: string, seeds = "2") => [
  ...["run", "-e", "reinforce,gs", ...brief, "--seeds", seeds, "--steps", steps],
];

test("shards into folders of their own, merged, are the run of one machine", async (t) => {
  const cwd = temporaryFolder();
  t.is((await bench([...run("20", "3"), "--name", "whole"], { cwd })).status, 0);
  for (const i of [1, 2, 3, 4]) {
    const { status, err } = await bench([...run("20", "3"), "--shard", `${i}/4`, "--name", `s${i}`], { cwd });
    t.is(status, 0, err);
  }
  t.is(statesOf(join(cwd, "runs/s1")).filter((state) => / done$/.test(state)).length, 2);
  const early = await bench(["merge", "runs/s1", "runs/s2", "runs/s4", "-o", "runs/all"], { cwd });
  t.regex(early.out, /^5 cells, 1 of the matrix missing\n/);
  const late = await bench(["merge", "runs/s3", "-o", "runs/all"], { cwd });
  t.is(late.status, 0, late.err);
  t.regex(late.out, /^6 cells\nreport: runs\/all\/report\.html/);
  t.deepEqual(numbersOf(join(cwd, "runs/all")), numbersOf(join(cwd, "runs/whole")));
  const again = await bench([...run("20", "3"), "--name", "all"], { cwd });
  t.is(again.err, "", "nothing is left to do");
});

slow("shards of one folder are the run of one machine too", async (t) => {
  const cwd = temporaryFolder();
  t.is((await bench([...run("10"), "--name", "whole"], { cwd })).status, 0);
  for (const i of [2, 1]) await bench([...run("10"), "--shard", `${i}/2`, "--name", "A"], { cwd });
  t.deepEqual(numbersOf(join(cwd, "runs/A")), numbersOf(join(cwd, "runs/whole")));
});

test("runs of another budget, and a cell with other numbers, are conflicts that are named, and nothing is written", async (t) => {
  const cwd = temporaryFolder();
  await bench([...run("10"), "--name", "a"], { cwd });
  await bench([...run("10"), "--name", "b"], { cwd });
  await bench([...run("20"), "--name", "c"], { cwd });
  const budgets = await bench(["merge", "runs/a", "runs/c", "-o", "runs/all"], { cwd });
  t.is(budgets.status, 2);
  t.regex(budgets.err, /the budget of bits is .* must share it/);
  const { hash, label, seed } = manifestOf(join(cwd, "runs/b")).matrix[2]!;
  const cell = join(cwd, "runs/b/cells", hash);
  const curve = readFileSync(join(cell, "curve.ndjson"), "utf8");
  writeFileSync(join(cell, "curve.ndjson"), curve.replace(/"value":([-\d.]+)/, '"value":7.25'));
  const torn = await bench(["merge", "runs/a", "runs/b", "-o", "runs/all"], { cwd });
  t.is(torn.status, 3);
  t.regex(torn.err, /curve\.ndjson: the file differs from its SHA-256 checksum/);
  writeChecksums(cell);
  const numbers = await bench(["merge", "runs/a", "runs/b", "-o", "runs/all"], { cwd });
  t.is(numbers.status, 1);
  t.true(
    numbers.err.includes(`1 conflict: bits:rows=4 ${label} seed ${seed} (${hash}) has other numbers in`),
    numbers.err,
  );
  t.throws(() => manifestOf(join(cwd, "runs/all")), { code: "ENOENT" });
});
