import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { Reproduction } from "../../../reports/format/reproduction-record.ts";
import { bench, temporaryFolder } from "./call.ts";

const toy = ["reproduce", "tucker2017", "--only", "rebar-toy"];

test("bench reproduce prints published and measured, and leaves table and report", async (t) => {
  const cwd = temporaryFolder();
  const argv = [...toy, "--budget", "quick", "--steps", "50"];
  const { status, out, err } = await bench(argv, { cwd });
  t.is(status, 0, err);
  t.regex(err, /budget quick: about .* here\ngiven up: steps: 50 where the full protocol has 10,000/);
  t.regex(out, /One bit towards t = 0\.45[^]*exact +measured +difference +verdict[^]*REBAR +0\.2025/);
  t.notRegex(out, /Best to worst/, "no order where all have one value to reach");
  t.regex(out, /\* steps: 50 where the full protocol has 10,000/);
  const folder = join(cwd, "runs/tucker2017-quick-rebar-toy-steps-50");
  for (const name of [
    "report.html",
    "reproduction.md",
    "reproduction.csv",
    "reproduction.json",
    "results.csv",
  ])
    t.true(existsSync(join(folder, name)), name);
  t.regex(readFileSync(join(folder, "report.html"), "utf8"), /<h1>Tucker et al\. 2017, reproduced<\/h1>/);
  const again = await bench([...argv, "--json"], { cwd });
  const record = JSON.parse(again.out) as Reproduction;
  t.true(record.complete);
  t.is(record.rows.length, 4);
  const stored = JSON.parse(readFileSync(join(folder, "reproduction.json"), "utf8")) as Reproduction;
  t.deepEqual(stored.rows, record.rows);
});

test("bench reproduce --verify says where nothing is stored, and goes on from a file of --stored", async (t) => {
  const cwd = temporaryFolder();
  const argv = [...toy, "--budget", "quick", "--steps", "20", "-q"];
  const missing = await bench([...argv, "--verify", "--name", "a"], { cwd });
  t.is(missing.status, 1);
  t.regex(missing.out, /Not verified: no values are stored at these settings\./);
  t.is((await bench([...argv, "--stored", "s.json", "--seeds", "3", "--name", "b"], { cwd })).status, 0);
  const verified = await bench([...argv, "--stored", "s.json", "--verify", "--name", "c"], { cwd });
  t.is(verified.status, 0, verified.out);
  t.regex(verified.out, /ours, 99 % of seeds +verified/);
  t.regex(verified.out, /Verified: 4 of 4 values agree with ours\./);
});

for (const [paper, experiment, count] of [
  ["tucker2017", "variance", 8],
  ["dong2020", "toy", 8],
  ["desmet2023", "variance", 6],
] as const)
  test(`bench reproduce ${paper} measures a toy's variances against their exact values`, async (t) => {
    const cwd = temporaryFolder();
    const argv = ["reproduce", paper, "--only", experiment, "--budget", "quick", "-q", "--json"];
    const { status, out, err } = await bench(argv, { cwd });
    t.is(status, 0, err);
    const { rows } = JSON.parse(out) as Reproduction;
    t.is(rows.length, count);
    // At 95 % one in twenty may differ by chance; the draws are fixed, so that this does not flicker.
    t.true(rows.filter(({ verdict }) => verdict === "agrees").length >= count - 1, JSON.stringify(rows));
    const none = rows.findLast(({ quantity }) => quantity === "variance")!;
    t.true(Math.abs(none.measured!.mean) < 1e-8, `at p = ½ ${none.column} has no variance`);
  });
