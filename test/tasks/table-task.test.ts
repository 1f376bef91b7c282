import test from "ava";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toolkitIn } from "../../runners/plugins/plugin-toolkit.ts";
import { tf } from "../../estimators/core/autodiff.ts";
import { estimators } from "../../estimators/index.ts";
import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";
import { createOnnxEngine } from "../../runners/engine/onnx/onnx.ts";
import { resolveOptions } from "../../runners/options/resolve.ts";
import { evaluator } from "../../runners/train/evaluation.ts";
import { stream } from "../../runners/train/noise-streams.ts";
import { scalarInputs, trainingInputs } from "../../runners/train/step-inputs.ts";
import { trainingStep } from "../../runners/train/step.ts";
import { trainSteps } from "../../runners/train/training-loop.ts";
import { setUpTraining } from "../../runners/train/training-setup.ts";
import { DataError } from "../../tasks/data/index.ts";
import type { RowTable, TableFiles } from "../../tasks/data/split-table.ts";
import { tableTask } from "../../tasks/models/table-task.ts";
import type { Random, Split } from "../../tasks/task.ts";
import { folder } from "./data/made.ts";
import ownVae from "./own-vae.ts";

/** Rows of which column c of row r is r + c/10. */
const table = (rows: number, columns: number, more: Partial<RowTable> = {}): RowTable => ({
  shape: [rows, columns],
  values: Float32Array.from(
    { length: rows * columns },
    (_, i) => Math.floor(i / columns) + (i % columns) / 10,
  ),
  sums: { "t.csv": "1" },
  ...more,
});
const labelled = (names: readonly string[]) => ({
  labels: { codes: Int32Array.from(names, (_, i) => i), classes: names },
});

/** A task on these rows, whose model costs the sum of a row. */
const create = (data: TableFiles, options: Settings = {}, fractions?: [number, number, number]) => {
  const definition = tableTask({
    ...{ name: "mine", title: "Mine", sites: () => [], data: () => Promise.resolve(data) },
    ...(fractions && { fractions }),
    init: () => ({}),
    model: (_parameters, { features }) => ({ program: () => tf.sum(features!, -1) }),
  });
  return definition.create(resolveOptions(options, { who: "mine", specs: definition.options }), {});
};

const all = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i);
const valuesOf = (task: Awaited<ReturnType<typeof create>>, split: Split, name = "features") => [
  ...task.gather(split, all(task.splits[split]))[name]!.values,
];

test("tableTask draws three splits of one table, the same every time, each row once", async (t) => {
  const [task, again] = [await create(table(40, 1)), await create(table(40, 1))];
  t.deepEqual(task.splits, { train: 32, valid: 4, test: 4 });
  const rows = (["train", "valid", "test"] as const).map((split) => valuesOf(task, split));
  t.deepEqual(
    rows.flat().sort((a, b) => a - b),
    [...all(40)],
  );
  t.notDeepEqual(rows[0], [...all(32)]);
  t.deepEqual(valuesOf(again, "train"), rows[0]);
  t.deepEqual((await create(table(10, 1), {}, [0.5, 0.3, 0.2])).splits, { train: 5, valid: 3, test: 2 });
  t.deepEqual(task.sums, { "t.csv": "1" });
});

test("tableTask takes the splits of files, and validation rows from training without a file", async (t) => {
  const whole = { train: table(18, 2), valid: table(3, 2), test: table(5, 2, { sums: { "t.csv": "2" } }) };
  const task = await create(whole);
  t.deepEqual(task.splits, { train: 18, valid: 3, test: 5 });
  t.deepEqual(valuesOf(task, "test"), [...table(5, 2).values]);
  t.deepEqual(task.sums, { "t.csv": "1", "test/t.csv": "2" });
  t.deepEqual((await create({ train: table(18, 2), test: table(5, 2) })).splits, {
    train: 16,
    valid: 2,
    test: 5,
  });
});

test("tableTask names the same class by the same column in all splits", async (t) => {
  const task = await create({
    train: table(2, 1, labelled(["ant", "cat"])),
    valid: table(2, 1, labelled(["bee", "cat"])),
    test: table(1, 1, labelled(["cat"])),
  });
  t.deepEqual(valuesOf(task, "train", "labels"), [1, 0, 0, 0, 0, 1]);
  t.deepEqual(valuesOf(task, "valid", "labels"), [0, 1, 0, 0, 0, 1]);
  t.deepEqual(valuesOf(task, "test", "labels"), [0, 0, 1]);
});

test("tableTask binarises values in [0, 1] once, at each step or at one half", async (t) => {
  const values = Float32Array.from({ length: 2000 }, (_, i) => [0, 0.25, 0.75, 1][i % 4]!);
  const data = {
    train: table(500, 4, { values }),
    valid: table(500, 4, { values }),
    test: table(500, 4, { values }),
  };
  const means = async (binarisation: string) => {
    const rows = valuesOf(await create(data, { binarisation }), "train");
    return [0, 1, 2, 3].map((c) => rows.filter((_, i) => i % 4 === c).reduce((a, b) => a + b, 0) / 500);
  };
  t.deepEqual(await means("threshold"), [0, 0, 1, 1]);
  t.deepEqual(await means("none"), [0, 0.25, 0.75, 1]);
  t.deepEqual(await means("dynamic"), [0, 0.25, 0.75, 1]);
  // The noise is fixed; the standard deviation of each mean of 500 bits is .019.
  const [zero, quarter, most, one] = (await means("fixed")) as [number, number, number, number];
  t.deepEqual([zero, one], [0, 1]);
  t.true(Math.abs(quarter - 0.25) < 0.08 && Math.abs(most - 0.75) < 0.08, `${quarter} ${most}`);

  const dynamic = await create(data, { binarisation: "dynamic" });
  const random: Random = (tag, shape) => (t.is(tag, "data/binarisation"), tf.fill([...shape], 0.5));
  const features = tf.tensor2d([0, 0.25, 0.75, 1], [1, 4]);
  const cost = dynamic.model({}, { features }, random).program({} as never);
  t.deepEqual(await (cost as ReturnType<typeof tf.sum>).array(), [2]);
});

for (const [what, data, options, message] of [
  [
    "other columns in a split",
    { train: table(4, 2), test: table(4, 3) },
    {},
    /has 3 columns for split test; t\.csv has 2\.$/,
  ],
  [
    "labels in one split only",
    { train: table(2, 1, labelled(["a", "b"])), test: table(4, 1) },
    {},
    /must both have labels, or neither\.$/,
  ],
  ["too few rows", table(2, 3), {}, /t\.csv holds 2 rows; split valid gets none\.$/],
  [
    "values to binarise that are not in [0, 1]",
    table(40, 3),
    { binarisation: "fixed" },
    /needs values in \[0, 1\]; column/,
  ],
] as const)
  test(`tableTask refuses ${what}`, async (t) => {
    await t.throwsAsync(create(data, options), { instanceOf: DataError, message });
  });

test("tableTask refuses fractions that do not add up to 1", (t) => {
  t.throws(() => create(table(9, 1), {}, [0.5, 0.5, 0.5]), {
    message: /add up to 1, got 0\.5, 0\.5, 0\.5\.$/,
  });
});

/** Two kinds of rows of eight columns: the first four are white, or the last. */
async function ownTable(): Promise<string> {
  const lines = Array.from({ length: 300 }, (_, r) => {
    const cells = Array.from({ length: 8 }, (_, c) => ((r + (c < 4 ? 0 : 1)) % 2 === 0 ? 255 : (r * c) % 40));
    return [...cells, r % 2 === 0 ? "left" : "right"].join(",");
  });
  const at = await folder({});
  await writeFile(join(at, "table.csv"), ["a,b,c,d,e,f,g,h,kind", ...lines].join("\n"));
  return at;
}

test("a VAE on an own table takes at most 40 lines, trains, and its ELBO nears what is possible", async (t) => {
  const source = await readFile("test/tasks/own-vae.ts", "utf8");
  t.true(source.trimEnd().split("\n").length <= 40);
  const definition = ownVae(toolkitIn(await ownTable()));
  const options = resolveOptions(
    { binarisation: "dynamic", batch: 50, "learning-rate": 0.02 },
    { who: "own-vae", specs: definition.options },
  );
  const task = await definition.create(options, {});
  t.deepEqual(task.splits, { train: 240, valid: 30, test: 30 });
  const estimator = estimators.find(({ name }) => name === "rloo")!;
  const settings = resolveOptions({}, { who: "rloo", specs: estimator.options as OptionSpecs });
  const setup = await setUpTraining(task, estimator, settings, 0);
  const engine = await createOnnxEngine();
  const trainer = await engine.train(trainingStep(setup).training);
  const evaluate = evaluator(engine, setup);
  const elbo = async (step: number) => {
    const inputs = { ...trainer.parameters(), ...scalarInputs(setup)(step) };
    return -(await evaluate.cost({ split: "test", rows: "all", inputs, seed: 0 })).value;
  };
  const before = await elbo(0);
  const noise = (step: number) => stream("train", task.name, 0, step);
  await trainSteps({
    trainer,
    inputs: trainingInputs(setup, 0),
    noise,
    from: 0,
    proceed: (step) => step < 400,
  });
  const after = await elbo(400);
  trainer.dispose();
  evaluate.dispose();
  // Untrained, most columns cost nearly log 2 each. The kind of a row costs log 2, and four columns that are white in 7.6 % of
  // all draws cost their entropy of .27 each: 1.8 nats in all, with a standard error of .2 on 30 rows.
  t.true(before < -4.5, `${before}`);
  t.true(after > -2.3, `${after}`);
});
