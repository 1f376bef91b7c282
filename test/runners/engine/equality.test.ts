import test from "ava";
import { usesWeights } from "../../../estimators/core/multi-sample.ts";
import { onTape, tf } from "../../../estimators/core/autodiff.ts";
import { estimators } from "../../../estimators/index.ts";
import type { Estimator, OptionSpecs, Settings, T } from "../../../estimators/estimator.ts";
import { cpuEngine } from "../../../runners/engine/eager.ts";
import type { Arrays, Engine, Fill, Noise } from "../../../runners/engine/engine.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";
import { refusal } from "../../../runners/plan/choose-pairs.ts";
import { runEstimator } from "../../../runners/train/run-estimator.ts";
import { stepInputs } from "../../../runners/train/step-inputs.ts";
import { trainingStep } from "../../../runners/train/step.ts";
import { setUpTraining, type TrainingSetup } from "../../../runners/train/training-setup.ts";
import { stream, trainingRows } from "../../../runners/train/noise-streams.ts";
import { tasks } from "../../../tasks/index.ts";
import type { Task } from "../../../tasks/task.ts";
import { everything } from "../../require.ts";

/** Every task at a tiny size: batch 4, at most 8 units; all at one learning rate, at which no net runs away in 20 steps. */
const tiny: Record<string, Settings> = {
  bern2: { variables: 4, hidden: "8", batch: 4, side: "2" },
  cat10: { variables: 2, categories: 3, hidden: "8", batch: 4, side: "2" },
  sbn2: { variables: 4, batch: 4, side: "4" },
  sbn10: { variables: 2, categories: 3, batch: 4, side: "4" },
  "deep-bern": { variables: 4, batch: 4, side: "2" },
  semi: { classifier: "8", hidden: "8", style: 2, batch: 4, labelled: 4, side: "2" },
  classifier: { units: 4, batch: 4, side: "2" },
  "logic-gates": { neurons: 10, layers: 2, batch: 4, side: "2" },
  cartpole: { horizon: 3, hidden: "4", batch: 4 },
  bandit: { arms: 3, hidden: "4", batch: 4 },
  addition: { digits: 2, hidden: "8", batch: 4, side: "2" },
  vq: { codes: 3, size: 2, channels: "2-3", batch: 4, side: "4", precision: 0.5 },
  listops: { length: 4, hidden: 4, batch: 4 },
  l2x: { explainer: "8", classifier: "8", batch: 4, dataset: "xor" },
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
  gs: { temperature: 1 },
};
/** Every estimator on every task from 20 states with everything, else on two tasks from 5 states. */
const states = everything ? 20 : 5;
const tolerance = 1e-5;
/** A uniform closer than this to its threshold may fall on either side in float32. */
const close = 1e-5;

const defaults = (specs: OptionSpecs): Settings =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));

/** All tasks at their tiny sizes, and one whose options bring other kernels. */
const semi = tasks.find(({ name }) => name === "semi")!;
const forms = [
  ...tasks.map((definition) => ({ title: definition.name, definition, more: {} })),
  {
    title: "semi with convolutions",
    definition: semi,
    more: { network: "conv", channels: "2-3", side: "7" },
  },
];
const tinyTasks = await Promise.all(
  forms.map(async ({ title, definition, more }) => {
    const given = { rows: 4, "learning-rate": 1e-3, ...tiny[definition.name], ...more };
    const settings = { ...defaults(definition.options), ...given };
    const pairs: Estimator[] = [];
    const planned = { definition, settings, label: title };
    return { title, planned, task: await definition.create(settings, {}), pairs };
  }),
);
const settingsOf = ({ name, options }: Estimator): Settings => ({
  ...defaults(options as OptionSpecs),
  ...small[name],
});

// Each estimator goes to the tasks that have the fewest so far.
for (const estimator of estimators)
  tinyTasks
    .filter(
      ({ planned, task }) =>
        !refusal(planned, { estimator, label: estimator.name }, settingsOf(estimator)) &&
        (!usesWeights(estimator.claims) || task.metric === "elbo"),
    )
    .sort((a, b) => a.pairs.length - b.pairs.length)
    .slice(0, everything ? tinyTasks.length : 2)
    .forEach(({ pairs }) => pairs.push(estimator));

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

/** Whether some hard sample changes sides when every uniform moves by the margin. */
async function onThreshold(
  source: TrainingSetup,
  inputs: Arrays,
  fill: Fill,
  state: Arrays,
): Promise<boolean> {
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
            counter: { watch, add: () => undefined, count: () => ({ forward: 0, backward: 0 }) },
          }),
        ),
    );
    return seen;
  });
  return drawn[0]!.some((values, run) => values.some((x, i) => Math.abs(x - drawn[1]![run]![i]!) > 0.5));
}

interface Comparison {
  readonly leftOut: readonly string[];
  readonly failures: readonly string[];
}

/** Single steps of the engines from shared states of the first engine's training, compared with the first engine's. */
async function compare(
  engines: Engine[],
  task: Task,
  estimator: Estimator,
  count: number,
): Promise<Comparison> {
  const source = await setUpTraining(task, estimator, settingsOf(estimator), 0);
  const rowsOf = trainingRows(task, 0);
  const steps = Array.from({ length: count }, (_, step) => ({
    inputs: stepInputs(source)(step, rowsOf(step)),
    fill: stream("equality", task.name, estimator.name, step),
  }));
  const train = (engine: Engine) => engine.train(trainingStep(source).training);
  const [reference, ...others] = engines;
  const first = await train(reference!);
  const path = [first.save()];
  // Engine by engine: to change between backends takes as long as a step.
  for (const { inputs, fill } of steps) {
    await first.step(inputs, fill, false);
    path.push(first.save());
  }
  first.dispose();
  const [leftOut, failures]: [string[], string[]] = [[], []];
  for (const engine of others) {
    const trainer = await train(engine);
    for (const [step, { inputs, fill }] of steps.entries()) {
      const [before, after] = [path[step]!, path[step + 1]!];
      trainer.restore(before);
      await trainer.step(inputs, fill, false);
      const { worst, where } = distance(after.arrays, trainer.save().arrays);
      if (worst <= tolerance) continue;
      const excused = await onThreshold(source, inputs, fill, before.arrays);
      const what = `${estimator.name}: ${engine.name} differs from ${reference!.name} by ${worst} at step ${step}: ${where}`;
      (excused ? leftOut : failures).push(what);
    }
    trainer.dispose();
  }
  return { leftOut, failures };
}

// 20 states × 4 rows a pair: near-threshold rows have probability 2e-5 a uniform, so about one in 10⁴ rows at most.
for (const { title, task, pairs } of tinyTasks)
  test.serial(`${title}: cpu, wasm and onnx agree on single steps of estimators`, async (t) => {
    t.timeout(300_000);
    const engines = [await cpuEngine(), await wasmEngine(), await createOnnxEngine()];
    const comparisons: Comparison[] = [];
    for (const estimator of pairs) comparisons.push(await compare(engines, task, estimator, states));
    t.deepEqual(comparisons.flatMap(({ failures }) => failures), []); // prettier-ignore
    t.true(pairs.length >= (everything ? 10 : 2), `${pairs.length} estimators`);
    const leftOut = comparisons.flatMap((comparison) => comparison.leftOut);
    for (const what of leftOut) t.log(`a uniform lies within ${close} of its threshold: ${what}`);
    t.true(
      leftOut.length <= Math.max(1, 2 * states * pairs.length * 1e-4),
      `${leftOut.length} steps were left out`,
    );
  });

test("every estimator is compared on some task", (t) => {
  const compared = new Set(tinyTasks.flatMap(({ pairs }) => pairs));
  t.deepEqual(estimators.filter((estimator) => !compared.has(estimator)), []); // prettier-ignore
});

test.serial("cat10 in full size: wasm and onnx agree on single steps of gs", async (t) => {
  t.timeout(300_000);
  const cat10 = tasks.find(({ name }) => name === "cat10")!;
  const task = await cat10.create(defaults(cat10.options), {});
  const gs = estimators.find(({ name }) => name === "gs")!;
  const { leftOut, failures } = await compare([await wasmEngine(), await createOnnxEngine()], task, gs, 5);
  t.deepEqual([...failures, ...leftOut], []);
});
