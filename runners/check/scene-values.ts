/** How a check computes from a scene: a function of its parameters, rows and fixed samples, evaluated by an engine. */
import { chosenCodes } from "../../estimators/core/code-vectors.ts";
import { lastGradients, onTape, stop, tf } from "../../estimators/core/autodiff.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Arrays, Program, Task, Term, Trace } from "../../tasks/task.ts";
import type { Body, Engine, Fill, Noise } from "../engine/engine.ts";
import { stream } from "../train/noise-streams.ts";
import { openProgram, type OpenProgram, type ProgramOptions, taskRandom } from "../train/program.ts";
import { prefixed, shapesOf, under } from "../train/step-inputs.ts";
import type { TrainingSetup } from "../train/training-setup.ts";
import { seed } from "./subject.ts";

/** A task with parameters, some rows and samples. */
export interface Scene {
  readonly task: Task;
  readonly setup: TrainingSetup;
  /** Parameters moved away from their initial values, which may hide a mistake by being zero. */
  readonly parameters: Arrays;
  readonly rows: Int32Array;
  /** [S, B, ...shape] by site. */
  readonly samples: Arrays;
  /** The samples are all joint outcomes. */
  readonly enumerated: boolean;
  /** Options that differ from the user's, in words. */
  readonly changes: string;
}

/** What a check computes from, as tensors. */
export interface Parts {
  readonly task: Task;
  readonly parameters: Named;
  readonly batch: Named;
  readonly noise: Noise;
  readonly samples: Named;
  /** The program of the batch, and what the harness derives from it. */
  readonly open: (options?: OpenOptions) => OpenProgram;
}

interface OpenOptions extends Pick<ProgramOptions, "form"> {
  /** Another task in place of the scene's. */
  readonly task?: Task;
}

/** Draws once for all samples, so that both forms of the cost meet the same normal variables. */
const alike =
  (noise: Noise): Noise =>
  (name, shape) =>
    shape.length === 3 && name.startsWith("task/")
      ? tf.tile(noise(name, [1, ...shape.slice(1)]), [shape[0]!, 1, 1])
      : noise(name, shape);

/** A function of the parts as a body for an engine, with its inputs. */
export function bodyOf(
  { task, parameters, rows, samples }: Scene,
  f: (parts: Parts) => Named,
): { readonly body: Body; readonly inputs: Arrays } {
  const inputs = {
    ...prefixed("task", parameters),
    ...prefixed("batch", task.gather("train", rows)),
    ...prefixed("sample", samples),
  };
  const body: Body = (given, noise) => {
    const [ofTask, batch] = [under("task", given), under("batch", given)];
    const open = ({ task: other = task, ...form }: OpenOptions = {}) =>
      openProgram(other, ofTask, batch, alike(noise), "bench check", form);
    return onTape(() => f({ task, parameters: ofTask, batch, noise, samples: under("sample", given), open }));
  };
  return { body, inputs };
}

const sceneFill = (scene: Scene): Fill => stream("check task", scene.task.name, seed);

/** The values of a function of the parts. */
export async function evaluate(
  engine: Engine,
  scene: Scene,
  f: (parts: Parts) => Named,
  fill = sceneFill(scene),
): Promise<Arrays> {
  const { body, inputs } = bodyOf(scene, f);
  const compiled = await engine.compile(body, shapesOf(inputs));
  const outputs = await compiled.run(inputs, fill);
  const kept = Object.entries(outputs).map(([name, { shape, values }]) => [
    name,
    { shape, values: Float32Array.from(values) },
  ]);
  compiled.dispose();
  return Object.fromEntries(kept) as Arrays;
}

/** The name of an array with a value that is not finite, or undefined. */
export const notFiniteIn = (arrays: Arrays): string | undefined =>
  Object.entries(arrays).find(([, { values }]) => !values.every(Number.isFinite))?.[0];

/** The fixed sample of each site, for `run`. */
export const given =
  (samples: Named) =>
  ({ name }: { readonly name: string }): T =>
    samples[name]!;

/** The task with a program made from its own. */
export const withProgram = (task: Task, change: (program: Program) => Program): Task => ({
  ...task,
  model(...args) {
    const model = task.model(...args);
    return { ...model, program: change(model.program) };
  },
});

/** What passes between the program and its trace when the samples are fixed. */
export interface Observed {
  /** What each sample was asked for with, by site or normal variable. */
  readonly asked: Readonly<Record<string, readonly T[]>>;
  readonly logits: Named;
  readonly priors: Named;
  readonly terms: readonly Term[];
  /** The sum of the terms [S, B]. */
  readonly cost: T;
}

/**
 * Runs the program alone, without what the harness adds. Normal variables are one standard deviation above their mean, and
 * fixed as samples are.
 */
export function observe({ task, parameters, batch, noise, samples }: Parts): Observed {
  const [logits, priors]: Named[] = [{}, {}];
  const normals: Record<string, readonly T[]> = {};
  const trace: Trace = {
    sample(name, q, prior) {
      logits![name] = q;
      if (prior) priors![name] = prior;
      return samples[name]!;
    },
    codes(name, q, _points, codebook) {
      logits![name] = q;
      return chosenCodes(samples[name]!, codebook);
    },
    prior: (name, p) => void (priors![name] = p),
    normal(name, mean, logVariance) {
      normals[name] = [mean, logVariance];
      return stop(tf.add(mean, tf.exp(tf.mul(0.5, logVariance))));
    },
  };
  const returned = task.model(parameters, batch, taskRandom(noise)).program(trace);
  const terms = Array.isArray(returned)
    ? (returned as readonly Term[])
    : [{ cost: returned as T, sites: task.sites.map(({ name }) => name) }];
  const cost = terms.map((term) => term.cost).reduce((a, b) => tf.add(a, b));
  const ofSites = Object.entries(logits!).map(([name, q]) => [name, [q]] as const);
  const asked = { ...Object.fromEntries(ofSites), ...normals };
  return { asked, logits: logits!, priors: priors!, terms, cost };
}

/** Every number of a step but the update: costs and −log weights of the fixed samples, and the gradients of all parameters. */
export function stepValues({ task, parameters, samples, open }: Parts): Named {
  const { run, direct, auxiliary } = open();
  const { cost, logp } = run(given(samples));
  // Of order one, so that rounding of large costs times ∇log q does not hide or make differences.
  const signal = stop(tf.div(cost, tf.add(1, tf.mean(tf.abs(cost)))));
  const total = [
    tf.mean(tf.add(cost, tf.mul(signal, logp))),
    ...[direct()].flatMap((x) => (x ? [tf.mean(x)] : [])),
    ...(auxiliary ? [auxiliary] : []),
  ].reduce((a, b) => tf.add(a, b));
  const names = Object.keys(parameters);
  const gradients = lastGradients(total, names.map((name) => parameters[name]!)); // prettier-ignore
  return {
    cost,
    ...(task.metric === "elbo" && { weight: open({ form: "weight" }).run(given(samples)).cost }),
    ...Object.fromEntries(names.map((name, i) => [`gradient of ${name}`, gradients[i]!])),
  };
}
