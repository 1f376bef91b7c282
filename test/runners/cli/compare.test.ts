import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { Comparison } from "../../../reports/aggregate/compare-runs.ts";
import type { RunRecords } from "../../../reports/format/records.ts";
import { madeUpRun, writeRun } from "../../reports/fixture.ts";
import { bench, temporaryFolder } from "./call.ts";

const run = (name: string, seeds = 5) =>
  madeUpRun({ name, estimators: ["gs", "st"], tasks: ["cat10"], seeds, states: {}, pictures: false });

const worse = (given: RunRecords): RunRecords => ({
  ...given,
  cells: given.cells.map((cell) => ({
    ...cell,
    curve: cell.curve.map((row) => ({ ...row, value: (row.value ?? 0) - 3 - 0.1 * cell.record.seed })),
  })),
});

const twoRuns = async () => {
  const cwd = temporaryFolder();
  await writeRun(run("A"), join(cwd, "A"));
  await writeRun(worse(run("B")), join(cwd, "B"));
  return cwd;
};

test("bench compare says in words what became worse, and fails on it only when asked", async (t) => {
  const cwd = await twoRuns();
  const { status, out } = await bench(["compare", "A", "B"], { cwd });
  t.is(status, 0);
  t.regex(out, /^cat10: gs in B is worse than in A: test ELBO −3\.20 \[.*\] nats, 5 paired seeds\.$/m);
  t.is((await bench(["compare", "A", "B", "--fail-on", "regression"], { cwd })).status, 1);
  t.is((await bench(["compare", "B", "A", "--fail-on", "regression"], { cwd })).status, 0);
});

test("bench compare --json prints the comparison", async (t) => {
  const { out } = await bench(["compare", "A", "B", "--json"], { cwd: await twoRuns() });
  const { regression, rows } = JSON.parse(out) as Comparison;
  t.true(regression);
  t.deepEqual(
    rows.map(({ verdict }) => verdict),
    ["worse", "worse"],
  );
});

test("bench compare refuses an unknown thing to fail on, and a folder that is no run", async (t) => {
  const cwd = await twoRuns();
  const wrong = await bench(["compare", "A", "B", "--fail-on", "regresion"], { cwd });
  t.is(wrong.status, 2);
  t.regex(wrong.err, /did you mean .?regression/i);
  mkdirSync(join(cwd, "C"));
  for (const name of ["C", "D"]) t.is((await bench(["compare", "A", name], { cwd })).status, 2);
});

test("bench widget writes a page of its own, into a file or a folder", async (t) => {
  const cwd = temporaryFolder();
  for (const argv of [["widget"], ["widget", "-o", "."]]) {
    const { status, out } = await bench(argv, { cwd });
    t.is(status, 0);
    t.is(out, `widget: ${join(cwd, "gumbel-softmax.html")}\n`);
  }
  t.is((await bench(["widget", "-o", "talk/w.html"], { cwd })).status, 0);
  t.regex(readFileSync(join(cwd, "talk/w.html"), "utf8"), /Gumbel-Softmax by hand/);
});

test("bench report writes the copies that are asked for beside the report, or under --out", async (t) => {
  const cwd = await twoRuns();
  const { status, out } = await bench(["report", "A", "--png", "--latex", "-o", "both"], { cwd });
  t.is(status, 0);
  t.regex(out, /report: both\/report\.html\n\d+ files: both\/charts\n\d+ files: both\/tables\n$/);
  t.deepEqual(readdirSync(join(cwd, "both", "tables")), ["cat10-pairs.tex", "cat10-ranking.tex"]);
  const charts = readdirSync(join(cwd, "both", "charts"));
  t.true(charts.includes("cat10-quality.png") && !charts.some((name) => name.endsWith(".svg")));
});
