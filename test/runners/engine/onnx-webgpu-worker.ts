/**
 * Steps of tiny real cells on WebGPU and on the CPU, printed as JSON. This is a process of its own, so that the variables of
 * Vulkan can be set.
 */
import type { OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import { estimators } from "../../../estimators/index.ts";
import type { Engine } from "../../../runners/engine/engine.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { trainingInputs } from "../../../runners/train/step-inputs.ts";
import { trainingStep } from "../../../runners/train/step.ts";
import { setUpTraining } from "../../../runners/train/training-setup.ts";
import { stream } from "../../../runners/train/noise-streams.ts";
import { tasks } from "../../../tasks/index.ts";

/**
 * Both families, hard and soft samples, a control variate's second derivatives, two layers; SGD throughout, for Adam
 * divides by the gradient's own size, down to its rounding. Not semi: a cosine of Vulkan may be wrong by 2⁻¹¹, and with it
 * the Gaussian noise.
 */
const cells: readonly (readonly [estimator: string, task: string, options: Settings])[] = [
  ["gs", "cat10", { variables: 2, categories: 3, hidden: "8", batch: 4, side: "4" }],
  ["rebar", "bern2", { variables: 4, hidden: "8", batch: 4, side: "2" }],
  ["st-gs", "sbn2", { variables: 4, batch: 4, side: "4" }],
  ["rloo", "cat10", { variables: 2, categories: 3, batch: 4, side: "2" }],
];
const steps = 2;

const defaults = (specs: OptionSpecs): Settings =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));

async function valuesOn(engine: Engine): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  for (const [estimatorName, taskName, options] of cells) {
    const estimator = estimators.find(({ name }) => name === estimatorName)!;
    const definition = tasks.find(({ name }) => name === taskName)!;
    const task = await definition.create(
      { ...defaults(definition.options), "learning-rate": 1e-2, ...options },
      {},
    );
    const settings = {
      ...defaults(estimator.options as OptionSpecs),
      ...("temperature" in estimator.options ? { temperature: 1 } : {}),
    };
    const source = await setUpTraining(task, estimator, settings, 0);
    const trainer = await engine.train(trainingStep(source).training);
    const inputs = trainingInputs(source, 0);
    const costs: number[] = [];
    for (let step = 0; step < steps; step++) {
      const logged = await trainer.step(inputs(step), stream("webgpu", taskName, estimatorName, step), true);
      costs.push(logged!["cost"]!);
    }
    const cell = `${estimatorName} on ${taskName}`;
    values[`${cell}: costs`] = costs;
    for (const [name, array] of Object.entries(trainer.save().arrays))
      values[`${cell}: ${name}`] = [...array.values];
    trainer.dispose();
  }
  return values;
}

const [gpu, cpu] = [await createOnnxEngine({ device: "webgpu" }), await createOnnxEngine()];
const values = { gpu: await valuesOn(gpu), cpu: await valuesOn(cpu) };
console.log(JSON.stringify({ ...values, description: gpu.description }));
process.exit(0);
