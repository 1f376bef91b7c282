import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import test from "ava";
import { estimators } from "../../../estimators/index.ts";
import type { OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import type { Engine } from "../../../runners/engine/engine.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { evaluator } from "../../../runners/train/evaluation.ts";
import { scalarInputs, trainingInputs } from "../../../runners/train/step-inputs.ts";
import { trainingStep } from "../../../runners/train/step.ts";
import { trainSteps } from "../../../runners/train/training-loop.ts";
import { setUpTraining } from "../../../runners/train/training-setup.ts";
import { stream } from "../../../runners/train/noise-streams.ts";
import cat10 from "../../../tasks/cat10.ts";
import { everything } from "../../require.ts";

/** gs on cat10: a step at a time, and the ELBO of hard samples on 500 validation images. */
async function training(engine: Engine, options: Settings) {
  const task = await cat10.create(resolveOptions(options, { who: "cat10", specs: cat10.options }), {});
  const estimator = estimators.find(({ name }) => name === "gs")!;
  const scope = { who: "gs", specs: estimator.options as OptionSpecs };
  const settings = resolveOptions({ temperature: task.temperature! }, scope);
  const source = await setUpTraining(task, estimator, settings, 0);
  const trainer = await engine.train(trainingStep(source).training);
  const evaluate = evaluator(engine, source);
  const [inputs, scalars] = [trainingInputs(source, 0), scalarInputs(source)];
  const noise = (step: number) => stream("train", task.name, 0, step);
  let step = 0;
  return {
    async steps(count: number) {
      const [from, end] = [step, step + count];
      step = (await trainSteps({ trainer, inputs, noise, from, proceed: (t) => t < end })).step;
    },
    async elbo() {
      const inputs = { ...trainer.parameters(), ...scalars(step) };
      return -(await evaluate.cost({ split: "valid", rows: 500, inputs, seed: 0 })).value;
    },
    dispose() {
      trainer.dispose();
      evaluate.dispose();
    },
  };
}

test.serial("gs on cat10: the ELBO of hard samples rises at each of five log points", async (t) => {
  const run = await training(await createOnnxEngine(), { optimiser: "adam", side: "14" });
  const seen = [await run.elbo()];
  for (let i = 0; i < 5; i++) {
    await run.steps(60);
    seen.push(await run.elbo());
  }
  run.dispose();
  seen.slice(1).forEach((elbo, i) => t.true(elbo > seen[i]!, seen.join(", ")));
  t.true(seen.at(-1)! - seen[0]! > 3, seen.join(", "));
});

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** MiB that live objects hold, buffers and WebAssembly's memory among them; native buffers are let go a turn after their objects. */
async function held(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** The default engine; with CHECKS=all the one that manages its own memory, too. */
const engines = [
  ["onnx", createOnnxEngine, {}],
  ["wasm", wasmEngine, { side: "7", variables: 5, batch: 20 }],
] as const;
for (const [name, open, options] of engines.slice(0, everything ? 2 : 1))
  test.serial(`${name}: memory is flat over 800 steps and stays under 700 MB`, async (t) => {
    t.timeout(240_000);
    const run = await training(await open(), options);
    await run.steps(200);
    const before = await held();
    await run.steps(600);
    const after = await held();
    run.dispose();
    // A tensor of a batch left at each step would be 600 × 0.3 MB for onnx, and 600 × 4 kB × dozens of tensors for wasm.
    t.true(after - before < 10, `${before} to ${after} MiB`);
    const resident = process.memoryUsage().rss / 2 ** 20;
    t.true(resident < 700, `${resident} MiB`);
  });
