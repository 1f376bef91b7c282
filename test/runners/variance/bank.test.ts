import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import test from "ava";
import { chartsOf } from "../../../reports/charts/index.ts";
import { readRun } from "../../../reports/format/read-run.ts";
import type { GradientRow } from "../../../reports/format/records.ts";
import type { Summary } from "../../../reports/format/summary.ts";
import { readBank, readStage } from "../../../runners/variance/bank-files.ts";
import { readSnapshot } from "../../../runners/store/trained-parameters.ts";
import type { VarianceRow } from "../../../reports/format/variance-row.ts";
import { bench, temporaryFolder } from "../cli/call.ts";
import { faulty } from "../cli/cells.ts";

async function makeBank(): Promise<string> {
  const cwd = temporaryFolder();
  const { status, err } = await bench(["bank", "coupled-bits", "--steps", "41", "-q"], { cwd });
  if (status !== 0) throw new Error(err);
  return join(cwd, "banks");
}
let made: Promise<string> | undefined;

/** A copy of the one bank that is made, each in a folder of its own. */
async function toyBank() {
  const cwd = temporaryFolder();
  cpSync(await (made ??= makeBank()), join(cwd, "banks"), { recursive: true });
  return { cwd, folder: join(cwd, "banks", "coupled-bits") };
}

test("bench bank keeps the parameters of the run that bench run trains, bit for bit", async (t) => {
  const { cwd, folder } = await toyBank();
  const bank = readBank(folder);
  t.deepEqual(
    bank.stages.map(({ stage, step, reference }) => [stage, step, reference]),
    [
      ["start", 0, "exact"],
      ["middle", 20, "exact"],
      ["end", 41, "exact"],
    ],
  );
  for (const [index, steps] of [
    [1, "20"],
    [2, "41"],
  ] as const) {
    const run = ["run", "-e", "rloo:samples=4", "-t", "coupled-bits", "--seeds", "1", "--quick", "-q"];
    const { status, err } = await bench([...run, "--steps", steps, "-o", steps], { cwd });
    t.is(status, 0, err);
    const [cell] = readdirSync(join(cwd, steps, "cells"));
    const ours = readStage(folder, bank.stages[index]!);
    t.deepEqual(ours.parameters, readSnapshot(join(cwd, steps, "cells", cell!)).parameters);
  }
});

test("bench variance --bank gives a row a stage, protocol frozen, against the gradient of the bank", async (t) => {
  const { cwd } = await toyBank();
  const argv = ["variance", "-e", "exact,rloo,reinforce", "--bank", "banks/coupled-bits", "--draws", "200"];
  const { status, out, err } = await bench([...argv, "--json", "-q", "-o", "stages"], { cwd });
  t.is(status, 0, err);
  const { rows } = JSON.parse(out) as { rows: VarianceRow[] };
  const schema = new URL("../../../docs/variance.schema.json", import.meta.url);
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(schema, "utf8")) as object);
  t.true(validate({ rows }), JSON.stringify(validate.errors));
  t.deepEqual(
    rows.map(({ stage, estimator, step, settled, protocol }) => [stage, estimator, step, settled, protocol]),
    (["start", "middle", "end"] as const).flatMap((stage, k) =>
      ["exact", "rloo", "reinforce"].map((name) => {
        const step = [0, 20, 41][k]!;
        return [stage, name, step, name === "reinforce" ? step : 0, "frozen"];
      }),
    ),
  );
  for (const { estimator, bias, variance } of rows) {
    if (estimator === "exact") t.true(bias.norm < 1e-9 && variance.parameters < 1e-12);
    t.true(Math.abs(bias.z) < 4.5, `${estimator} ${bias.z}`);
  }
  t.regex(readFileSync(join(cwd, "stages", "variance.csv"), "utf8"), /^task,stage,step,protocol,estimator,/);
  const spec = JSON.parse(readFileSync(join(cwd, "stages", "variance.vl.json"), "utf8")) as {
    vconcat: { data: { values: { value: number; stage: string; estimator: string }[] } }[];
  };
  t.deepEqual(
    spec.vconcat[0]!.data.values.map(({ stage, estimator, value }) => [stage, estimator, value]),
    rows
      .filter(({ variance }) => variance.parameters > 0)
      .map(({ stage, estimator, variance }) => [stage!, estimator, variance.parameters]),
  );
});

test("bench report --bank measures a run's estimators at the stages of a bank of its seed, for good", async (t) => {
  const { cwd } = await toyBank();
  const run = ["run", "-e", "reinforce,gs", "-t", "coupled-bits", "--seeds", "2", "--steps", "41"];
  t.is((await bench([...run, "-q", "-o", "A"], { cwd })).status, 0);
  const report = ["report", "A", "--bank", "banks/coupled-bits", "--draws", "400", "-q", "--json"];
  const { status, out, err } = await bench(report, { cwd });
  t.is(status, 0, err);
  const [task] = (JSON.parse(out) as Summary).tasks;
  t.is(task!.varianceAt, "end: shared, step 41");
  t.true(task!.ranking.every(({ variance, cosine }) => variance?.n === 1 && cosine?.n === 1));

  const records = readRun(join(cwd, "A"));
  for (const { record, gradients } of records.cells) {
    const own = gradients.filter(({ protocol }) => protocol === "own");
    const shared = gradients.filter(({ protocol }) => protocol === "shared");
    t.deepEqual(
      shared.map(({ stage, step, along }) => [stage, step, along]),
      record.seed === 1
        ? []
        : [
            ["start", 0, "rloo:samples=4"],
            ["middle", 20, "rloo:samples=4"],
            ["end", 41, "rloo:samples=4"],
          ],
    );
    if (record.seed === 1) continue;
    // The same parameters, batches and noise: what the run measured at step 0, bit for bit.
    const measured = ({ varianceEstimator, varianceMinibatch, norm, draws }: GradientRow) => ({
      ...{ varianceEstimator, varianceMinibatch, norm, draws },
    });
    t.deepEqual(measured(shared[0]!), measured(own[0]!), record.label);
    if (record.label !== "gs") for (const { biasZ } of shared) t.true(Math.abs(biasZ!) < 4.5, record.label);
  }
  const panels = chartsOf(records).flatMap(({ id, panels }) => (id.endsWith("-pareto") ? panels : []));
  for (const stage of ["start: frozen, step 0", "middle: shared, step 20", "end: shared, step 41"])
    t.true(
      panels.some(({ name }) => name === `bias and variance × evaluations, ${stage}`),
      stage,
    );
  t.regex(readFileSync(join(cwd, "A", "results.csv"), "utf8"), /,gradients,bias-relative,41,.*,shared,/);

  for (const argv of [
    ["report", "A", "--json"],
    ["merge", "A", "-o", "B", "--json"],
  ])
    t.is((await bench(argv, { cwd })).status, 0);
  const summary = JSON.parse(readFileSync(join(cwd, "B", "summary.json"), "utf8")) as Summary;
  t.is(summary.tasks[0]!.varianceAt, "end: shared, step 41", "it is in the folder, and goes where it goes");
});

test("bench report --bank refuses a bank of another seed or task in a sentence", async (t) => {
  const { cwd } = await toyBank();
  const run = ["run", "-e", "rloo", "-t", "coupled-bits", "--seeds", "3-4", "--steps", "4", "-q", "-o", "A"];
  t.is((await bench(run, { cwd })).status, 0);
  const { status, err } = await bench(["report", "A", "--bank", "banks/coupled-bits"], { cwd });
  t.is(status, 2);
  t.regex(
    err,
    /--bank: no run has a cell of coupled-bits with seed 0, .*; there are coupled-bits, seeds 3, 4\./,
  );
});

test("bench report --bank refuses an estimator whose source has changed since the run", async (t) => {
  const { cwd } = await toyBank();
  const write = (scale: number) => {
    const body = `return { surrogate: score(cost, tf.mul(${scale}, cost), logp) };`;
    writeFileSync(join(cwd, `mine-${scale}.mjs`), faulty("mine", body));
    return ["--plugin", `./mine-${scale}.mjs`];
  };
  const argv = ["run", "-e", "mine", "-t", "coupled-bits", "--seeds", "1", "--steps", "4", "-q", "-o", "A"];
  const first = await bench([...argv, ...write(1)], { cwd });
  t.is(first.status, 0, first.err);
  const report = ["report", "A", "--bank", "banks/coupled-bits", "--draws", "40", "-q"];
  const { status, err } = await bench([...report, ...write(2)], { cwd });
  t.is(status, 2);
  t.regex(err, /--bank: the source of mine has changed since the run/);
  t.is((await bench([...report, ...write(1)], { cwd })).status, 0);
});

test("a bank with a sampled reference gives back its blocks, whose spread is its error", async (t) => {
  const cwd = temporaryFolder();
  const task = "cat10:variables=20,hidden=8,side=14,batch=5";
  const argv = ["bank", task, "--steps", "2", "--draws", "40", "-q", "-o", "bank", "--json"];
  const { status, err } = await bench(argv, { cwd });
  t.is(status, 0, err);
  const bank = readBank(join(cwd, "bank"));
  const [start] = bank.stages;
  t.is(start!.reference, "local-expectation");
  t.is(start!.draws, 40);
  const { reference } = readStage(join(cwd, "bank"), start!);
  t.true("sum" in reference.gradient);
  t.true(start!.referenceError! > 0);
  t.is(reference.error, start!.referenceError);
  const length = Math.hypot(...reference.mean);
  t.true(Math.abs(length - start!.norm) < 1e-5 * length);
  const { out } = await bench(["variance", "-e", "rloo", "--bank", "bank", "--draws", "40"], { cwd });
  t.regex(out, /local-expectation ±\d/);
});

test("bench bank keeps an existing bank, and --bank stands without --task", async (t) => {
  const { cwd, folder } = await toyBank();
  const argv = ["variance", "-e", "rloo", "--bank", folder, "-t", "kool", "--draws", "40", "-q"];
  const variance = await bench(argv, { cwd });
  t.is(variance.status, 2);
  t.regex(variance.err, /--task cannot be combined with --bank/);
  const again = await bench(["bank", "coupled-bits", "--steps", "4", "-q"], { cwd });
  t.is(again.status, 2);
  t.regex(again.err, /--force/);
});
