import test from "ava";
import { onTape, tf } from "../../../estimators/core/autodiff.ts";
import { estimators } from "../../../estimators/index.ts";
import type { Estimator, OptionSpecs, Settings, T } from "../../../estimators/estimator.ts";
import { cpuEngine } from "../../../runners/engine/eager.ts";
import type { Arrays, Engine, Fill, Noise, Trainer } from "../../../runners/engine/engine.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";
import { runEstimator } from "../../../runners/train/run-estimator.ts";
import { stepInputs } from "../../../runners/train/step-inputs.ts";
import { trainingStep } from "../../../runners/train/step.ts";
import { setUpTraining, type TrainingSetup } from "../../../runners/train/training-setup.ts";
import { stream, trainingRows } from "../../../runners/train/noise-streams.ts";
import { tasks } from "../../../tasks/index.ts";
import type { Task, TaskDefinition } from "../../../tasks/task.ts";

/** Every task at a tiny size: batch 4, at most 8 units; all at one learning rate, at which no net runs away in 20 steps. */
const tiny: Record<string, Settings> = {
  bern2: { variables: 4, hidden: "8", batch: 4, side: "2" },
  cat10: { variables: 2, categories: 3, hidden: "8", batch: 4, side: "2" },
  sbn2: { variables: 4, batch: 4, side: "4" },
  sbn10: { variables: 2, categories: 3, batch: 4, side: "4" },
  semi: { classifier: "8", hidden: "8", style: 2, batch: 4, labelled: 4, side: "2" },
  polynomial: { variables: 4, rows: 4 },
  quadratic: { variables: 4, rows: 4 },
};
/**
 * Nets of their own, at most 8 units too. The gradient of a second moment is a difference of terms far larger than
 * itself at a low temperature: at 1 float32 holds it to the tolerance.
 */
const small: Record<string, Settings> = {
  nvil: { hidden: 8 },
  rebar: { temperature: 1 },
  relax: { hidden: 8, temperature: 1 },
};
const states = 20;
const tolerance = 1e-5;
/** A uniform closer than this to its threshold may fall on either side in float32. */
const close = 1e-5;

const defaults = (specs: OptionSpecs): Settings =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));

/** All tasks, and those whose options bring other kernels. */
const tasksAndForms: readonly {
  readonly title: string;
  readonly definition: TaskDefinition;
  readonly more: Settings;
}[] = [
  ...tasks.map((definition) => ({ title: definition.name, definition, more: {} })),
  ...tasks
    .filter(({ name }) => name === "semi")
    .map((definition) => ({
      title: "semi with convolutions",
      definition,
      more: { network: "conv", channels: "2-3", side: "7" },
    })),
];

const tinyTask = (definition: TaskDefinition, more: Settings): Promise<Task> =>
  definition.create(
    { ...defaults(definition.options), rows: 4, "learning-rate": 1e-3, ...tiny[definition.name], ...more },
    {},
  );

function admits(estimator: Estimator, task: Task, settings: Settings): boolean {
  const { claims } = estimator;
  const { sites } = task;
  return (
    sites.every(({ family }) => claims.families.includes(family.name)) &&
    (claims.sites === "any" || sites.length === 1) &&
    (claims.variables !== "one" || sites.every(({ family, shape }) => family.variables(shape) === 1)) &&
    (claims.objective !== "multi-sample" || task.bound === "sampled") &&
    estimator.supports?.(sites, settings) === undefined
  );
}

/**
 * Adam divides by the gradient's own size: where that is down at rounding, the step is not a function of the
 * gradient that two machines could agree on. Moments are compared everywhere, parameters where v is above this
 * (a first gradient above 0.03).
 */
const leastMoment = 1e-6;

/** Largest |a − b| / (1 + |a|) over all arrays, and where. */
function distance(a: Arrays, b: Arrays): { worst: number; where: string } {
  let [worst, where] = [0, ""];
  for (const [name, { values }] of Object.entries(a))
    values.forEach((x, i) => {
      const y = b[name]!.values[i]!;
      const moment = a[`slot/v/${name}`]?.values[i];
      if (moment !== undefined && moment < leastMoment) return;
      const far = Object.is(x, y) ? 0 : Math.abs(x - y) / (1 + Math.abs(x));
      if (!(far <= worst)) [worst, where] = [far, `${name}[${i}] ${x} ${y}`];
    });
  return { worst, where };
}

interface Pair {
  readonly source: TrainingSetup;
  readonly trainers: Record<string, Trainer>;
}

async function open(engines: Engine[], task: Task, estimator: Estimator, settings: Settings): Promise<Pair> {
  const source = await setUpTraining(task, estimator, settings, 0);
  const trainers: Record<string, Trainer> = {};
  for (const engine of engines) trainers[engine.name] = await engine.train(trainingStep(source).training);
  return { source, trainers };
}

/** Whether some hard sample changes sides when every uniform moves by the margin. */
async function onThreshold({ source }: Pair, inputs: Arrays, fill: Fill, state: Arrays): Promise<boolean> {
  await tf.setBackend("cpu");
  const drawn = [-close, close].map((shift) => {
    const seen: Float32Array[] = [];
    const tensors = Object.fromEntries(
      Object.entries({ ...state, ...inputs }).map(([name, a]) => [name, tf.tensor(a.values, [...a.shape])]),
    );
    const noise: Noise = (name, shape) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      fill(name, values);
      return tf.tensor(
        values.map((u) => Math.min(1 - close, Math.max(close, u + shift))),
        [...shape],
      );
    };
    const watch = (_run: number, x: T) => (seen.push(x.dataSync<"float32">()), x);
    tf.tidy(
      () =>
        void onTape(() =>
          runEstimator(source, tensors, noise, {
            counter: { watch, count: () => ({ forward: 0, backward: 0 }) },
          }),
        ),
    );
    return seen;
  });
  return drawn[0]!.some((values, run) => values.some((x, i) => Math.abs(x - drawn[1]![run]![i]!) > 0.5));
}

interface Tally {
  compared: number;
  leftOut: number;
  readonly failures: string[];
}

interface Shared {
  readonly inputs: Arrays;
  readonly fill: Fill;
}

/** Single steps from shared states of the first engine's training; the others are compared with it. */
async function compare(
  engines: Engine[],
  task: Task,
  { estimator, settings, states: count }: { estimator: Estimator; settings: Settings; states: number },
  tally: Tally,
  log: (text: string) => void,
): Promise<void> {
  const reference = engines[0]!.name;
  const pair = await open(engines, task, estimator, settings);
  const { source, trainers } = pair;
  const rowsOf = trainingRows(task, 0);
  const shared: Shared[] = Array.from({ length: count }, (_, step) => ({
    inputs: stepInputs(source)(step, rowsOf(step)),
    fill: stream("equality", task.name, estimator.name, step),
  }));
  // Engine by engine: to change between backends takes as long as a step.
  const path = [trainers[reference]!.save()];
  for (const { inputs, fill } of shared) {
    await trainers[reference]!.step(inputs, fill, false);
    path.push(trainers[reference]!.save());
  }
  for (const [name, trainer] of Object.entries(trainers)) {
    if (name === reference) continue;
    for (const [step, { inputs, fill }] of shared.entries()) {
      const [before, after] = [path[step]!, path[step + 1]!];
      trainer.restore(before);
      await trainer.step(inputs, fill, false);
      const { worst, where } = distance(after.arrays, trainer.save().arrays);
      tally.compared += task.rows;
      if (worst <= tolerance) continue;
      if (await onThreshold(pair, inputs, fill, before.arrays)) {
        tally.leftOut += task.rows;
        log(
          `left out: ${estimator.name} on ${name}, step ${step}: a uniform lies within ${close} of its threshold`,
        );
      } else
        tally.failures.push(
          `${estimator.name}: ${name} differs from ${reference} by ${worst} at step ${step}: ${where}`,
        );
    }
  }
  for (const trainer of Object.values(trainers)) trainer.dispose();
}

/** Estimators that run on a task at the least: fewer, and the table has lost rows. */
const fewest = 10;

// 20 states × 4 rows a pair: near-threshold rows have probability 2e-5 a uniform, so about one in 10⁴ rows at most.
for (const { title, definition, more } of tasksAndForms)
  test.serial(`${title}: cpu, wasm and onnx agree on single steps of every estimator`, async (t) => {
    t.timeout(300_000);
    const engines = [await cpuEngine(), await wasmEngine(), await createOnnxEngine()];
    const task = await tinyTask(definition, more);
    const tally: Tally = { compared: 0, leftOut: 0, failures: [] };
    let ran = 0;
    for (const estimator of estimators) {
      const settings = { ...defaults(estimator.options as OptionSpecs), ...small[estimator.name] };
      if (!admits(estimator, task, settings)) continue;
      ran += 1;
      await compare(engines, task, { estimator, settings, states }, tally, (text) => t.log(text));
    }
    t.deepEqual(tally.failures, []);
    t.true(ran >= fewest, `${ran} estimators`);
    t.is(tally.compared, 2 * states * task.rows * ran);
    const { leftOut, compared } = tally;
    t.true(leftOut <= Math.max(task.rows, compared * 1e-4), `${leftOut} of ${compared} rows were left out`);
  });

test.serial("cat10 in full size: wasm and onnx agree on single steps of gs", async (t) => {
  t.timeout(300_000);
  const definition = tasks.find(({ name }) => name === "cat10")!;
  const task = await definition.create(defaults(definition.options), {});
  const estimator = estimators.find(({ name }) => name === "gs")!;
  const settings = { ...defaults(estimator.options as OptionSpecs), temperature: 1 };
  const tally: Tally = { compared: 0, leftOut: 0, failures: [] };
  const engines = [await wasmEngine(), await createOnnxEngine()];
  await compare(engines, task, { estimator, settings, states: 5 }, tally, (text) => t.log(text));
  t.deepEqual(tally.failures, []);
  t.is(tally.leftOut, 0);
  t.is(tally.compared, 5 * 100);
});
