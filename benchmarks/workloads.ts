/** The work that is timed: whole training steps, and an evaluation with many samples. */
import gs from "../estimators/gs.ts";
import st from "../estimators/st.ts";
import { gradients, onTape, tf } from "../estimators/core/autodiff.ts";
import { bernoulli } from "../estimators/distributions/index.ts";
import type { Estimator, Named, OptionSpecs, Settings, T } from "../estimators/estimator.ts";
import type { Arrays, Body, Fill, Training } from "../runners/engine/engine.ts";
import deepBern from "../tasks/deep-bern.ts";
import listops from "../tasks/listops.ts";
import { createVae, vaeOptions } from "../tasks/models/vae.ts";
import type { Task, TaskDefinition } from "../tasks/task.ts";
import vq from "../tasks/vq.ts";
import { categorical } from "../estimators/distributions/index.ts";
import { openProgram } from "../runners/train/program.ts";
import { firstRows, prefixed, under } from "../runners/train/step-inputs.ts";
import { resolveOptions } from "../runners/options/resolve.ts";
import { trainingStep } from "../runners/train/step.ts";
import { setUpTraining } from "../runners/train/training-setup.ts";
import { fillUniformQuickly } from "../runners/engine/wasm/threefry.ts";
import { key } from "../tasks/noise.ts";

export interface Workload {
  readonly training: Training;
  readonly inputs: (step: number) => Arrays;
}

export interface Evaluation {
  readonly body: Body;
  readonly inputs: Arrays;
  /** Runs of the body that make up the whole. */
  readonly chunks: number;
}

const ROWS = 100;
const scalar = (x: number) => ({ shape: [], values: Float32Array.of(x) });

/** Noise of a step, as a run draws it. */
export const noiseAt =
  (step: number): Fill =>
  (name, out) =>
    fillUniformQuickly(key("benchmark", step, name), out);

async function vaeTask() {
  const given = { hidden: "512-256", optimiser: "adam" };
  const settings = resolveOptions(given, { who: "cat10", specs: vaeOptions });
  return createVae("cat10", { name: "z", family: categorical, shape: [20, 10] }, settings, {});
}

/** Steps of an estimator on a task, on four batches in turn. */
async function taskWorkload(task: Task, estimator: Estimator, given: Settings = {}): Promise<Workload> {
  const settings = resolveOptions(given, { who: estimator.name, specs: estimator.options as OptionSpecs });
  const { training } = trainingStep(await setUpTraining(task, estimator, settings, 1));
  const batches = [0, 1, 2, 3].map((k) =>
    task.gather(
      "train",
      firstRows(task).map((row) => k * task.rows + row),
    ),
  );
  const scheduled = Object.fromEntries(
    Object.keys(training.inputs)
      .filter((name) => name.startsWith("option/"))
      .map((name) => [name, scalar(1)]),
  );
  const rates = { "learning-rate": scalar(1e-3), "control-rate": scalar(1e-2), ...scheduled };
  return { training, inputs: (step) => ({ ...prefixed("batch", batches[step % 4]!), ...rates }) };
}

const byDefault = async (definition: TaskDefinition): Promise<Task> =>
  definition.create(resolveOptions({}, { who: definition.name, specs: definition.options }), {});

/** The training steps that are timed, by name. */
export const trainingSteps: Readonly<Record<string, () => Promise<Workload>>> = {
  /** Gumbel-Softmax on the categorical VAE 784-512-256-(20×10) and its mirror, batch 100, Adam. */
  vae: async () => taskWorkload(await vaeTask(), gs, { temperature: "1" }),
  "belief net": beliefNet,
  /** Straight-through on two linear layers of 200 bits. */
  "deep-bern": async () => taskWorkload(await byDefault(deepBern), st),
  /** The estimator of VQ-VAE. */
  vq: async () => taskWorkload(await byDefault(vq), st, { forward: "argmax", backward: "identity" }),
  /** Straight-through on latent trees. */
  listops: async () => taskWorkload(await byDefault(listops), st),
};

/** The −log weights of 1000 hard samples of ten images under that VAE, `samples` at a time. */
export async function evaluation(samples = 25): Promise<Evaluation> {
  const task = await vaeTask();
  const rows = 10;
  const { initial } = await setUpTraining(task, gs, { samples: 1, temperature: "1" }, 1);
  const batch = task.gather("train", firstRows(task).subarray(0, rows));
  const body: Body = (inputs, noise) => {
    const options = { form: "weight", samples } as const;
    const { run } = openProgram(
      task,
      under("task", inputs),
      under("batch", inputs),
      noise,
      "benchmark",
      options,
    );
    const { cost } = run((site) =>
      site.family.harden(site.family.perturb(site.logits, noise("z", [samples, rows, ...site.shape]))),
    );
    return { weight: cost };
  };
  return {
    body,
    inputs: { ...prefixed("task", initial.parameters), ...prefixed("batch", batch) },
    chunks: 1000 / samples,
  };
}

const sizes = [392, 200, 200, 392] as const;

/** [in, out] weights and a bias between layers of the belief net. */
function netParameters(): Arrays {
  const uniforms = (name: string, shape: readonly number[]) => {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    fillUniformQuickly(key("benchmark", "init", name), values);
    return { shape, values: values.map((u) => (u - 0.5) * 0.1) };
  };
  const layers = [0, 1, 2].flatMap((i) => [
    [`weights ${i}`, uniforms(`weights ${i}`, [sizes[i]!, sizes[i + 1]!])] as const,
    [`bias ${i}`, uniforms(`bias ${i}`, [sizes[i + 1]!])] as const,
  ]);
  return Object.fromEntries(layers);
}

function netCost(
  p: Named,
  noise: (name: string, shape: readonly number[]) => T,
  features: T,
  temperature: T,
): T {
  const upper = tf.slice(features, [0, 0], [ROWS, 392]);
  const lower = tf.slice(features, [0, 392], [ROWS, 392]);
  const layer = (i: number, x: T) => tf.add(tf.matMul(x, p[`weights ${i}`]!), p[`bias ${i}`]!);
  let x: T = upper;
  for (const i of [0, 1]) {
    const logits = layer(i, x);
    x = bernoulli.soften(bernoulli.perturb(logits, noise(`z${i}`, logits.shape)), temperature);
  }
  const logits = layer(2, x);
  return tf.sum(tf.sub(tf.softplus(logits), tf.mul(lower, logits)), -1);
}

/** The lower half of an image from the upper through two linear layers of relaxed bits: 392-200-200-392, SGD. */
async function beliefNet(): Promise<Workload> {
  const task = await vaeTask();
  const parameters = netParameters();
  const names = Object.keys(parameters);
  const training: Training = {
    parameters,
    state: {},
    inputs: { features: [ROWS, 784], rate: [], temperature: [] },
    groups: [{ names, optimiser: { kind: "sgd", momentum: 0.9 }, rate: "rate" }],
    body: (inputs, noise) =>
      onTape(() => {
        const cost = tf.mean(netCost(inputs, noise, inputs["features"]!, inputs["temperature"]!));
        const made = gradients(cost, names.map((name) => inputs[name]!)); // prettier-ignore
        const named = Object.fromEntries(names.map((name, i) => [`gradient/${name}`, made[i]!]));
        return { ...named, "log/cost": cost };
      }),
  };
  const { features } = task.gather("train", firstRows(task));
  return { training, inputs: () => ({ features: features!, rate: scalar(1e-3), temperature: scalar(0.7) }) };
}
