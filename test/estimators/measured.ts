/** What an estimator gives on a toy, draw by draw: rows are replicates. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Estimator, OptionSpecs, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { combinators, estimators } from "../../estimators/index.ts";
import type { Arrays, Engine, Fill } from "../../runners/engine/engine.ts";
import { cpuEngine } from "../../runners/engine/eager.ts";
import { createOnnxEngine } from "../../runners/engine/onnx/onnx.ts";
import { compileDraw } from "../../runners/train/compile-draw.ts";
import { resolveOptions } from "../../runners/options/resolve.ts";
import { allInputs, shapesOf, stepInputs } from "../../runners/train/step-inputs.ts";
import { trainingStep } from "../../runners/train/step.ts";
import { fitEstimator } from "../../runners/train/training-loop.ts";
import { setUpTraining, withValues } from "../../runners/train/training-setup.ts";
import { stream } from "../../runners/train/noise-streams.ts";
import { tasks } from "../../tasks/index.ts";
import { createToy } from "../../tasks/models/toy.ts";
import type { Task, Trace } from "../../tasks/task.ts";

export interface Subject {
  readonly estimator: Estimator;
  readonly settings: Settings;
}

/** A registered estimator with options. */
export function subject(name: string, given: Settings = {}): Subject {
  const estimator = estimators.find((one) => one.name === name)!;
  return {
    estimator,
    settings: resolveOptions(given, { who: name, specs: estimator.options as OptionSpecs }),
  };
}

/** A combinator around a registered estimator. */
export function combined(name: string, of: string, given: Settings = {}): Subject {
  const inner = estimators.find((one) => one.name === of)!;
  const estimator = combinators.find((one) => one.name === name)!.combine(inner);
  const specs = estimator.options as OptionSpecs;
  return { estimator, settings: resolveOptions({ of, ...given }, { who: name, specs }) };
}

/** A registered toy with so many rows. */
export function toy(name: string, rows: number, given: Settings = {}): Promise<Task> {
  const definition = tasks.find((one) => one.name === name)!;
  const settings = resolveOptions({ ...given, rows }, { who: name, specs: definition.options });
  return definition.create(settings, {});
}

/** A toy of this test's own: one site, its logits as parameters, a cost [S, B] of the sample. */
export const ownToy = (site: SiteSpec, logits: T, rows: number, cost: (x: T) => T): Promise<Task> => {
  const values = [...logits.dataSync()];
  return createToy(
    {
      name: "own",
      sites: [site],
      init: () => ({ logits: tf.tensor(values, [...site.shape]) }),
      cost: (parameters, sample) => cost(sample(site.name, parameters["logits"]!)),
    },
    { rows, "learning-rate": 0 },
  );
};

interface Drawing {
  /** Replaces the noise. */
  readonly fill?: Fill;
  readonly own?: Arrays;
  readonly state?: Arrays;
  /** The task's parameters whose gradient is wanted too, as `parameters/NAME`. */
  readonly parameters?: readonly string[];
  /** Rows or samples by the ten thousand: compiled. */
  readonly many?: boolean;
}

/** Draws by the ten thousand are compiled; few are not, so that equal formulas give equal bits. */
let engine: Promise<Engine> | undefined;
const compiling = (): Promise<Engine> => (engine ??= createOnnxEngine());

/** Each row's gradient with respect to each site's logits [B, ...shape]. */
export async function draw(
  { estimator, settings }: Subject,
  task: Task,
  { fill = stream("draw", task.name), own, state, parameters = [], many = false }: Drawing = {},
): Promise<Arrays> {
  const start = await setUpTraining(task, estimator, settings, 1);
  const setup = withValues(start, { estimatorParameters: own ?? {}, state: state ?? {} });
  const compiled = await compileDraw(await (many ? compiling() : cpuEngine()), setup, 1, parameters);
  return compiled.run(allInputs(setup), fill);
}

/** One step of training with the noise of `draw`: `gradient/…`, `state/…` and what is logged. */
async function step(
  { estimator, settings }: Subject,
  task: Task,
  { own, state }: Pick<Drawing, "own" | "state"> = {},
): Promise<Arrays> {
  const start = await setUpTraining(task, estimator, settings, 1);
  const setup = withValues(start, { estimatorParameters: own ?? {}, state: state ?? {} });
  const { training } = trainingStep(setup);
  const inputs = allInputs(setup);
  const compiled = await (await cpuEngine()).compile(training.body, shapesOf(inputs));
  return compiled.run(inputs, stream("draw", task.name));
}

const after = (start: string, outputs: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(outputs).flatMap(([name, a]) =>
      name.startsWith(start) ? [[name.slice(start.length), a]] : [],
    ),
  );

/** The gradient by which the estimator's own parameters descend, by name. */
export const ownGradient = async (of: Subject, task: Task): Promise<Arrays> =>
  after("gradient/own/", await step(of, task));

/** The gradient of a step by which the task's parameters descend, with divergences in closed form, by name. */
export const taskGradient = async (
  of: Subject,
  task: Task,
  given: Pick<Drawing, "own" | "state"> = {},
): Promise<Arrays> => after("gradient/task/", await step(of, task, given));

/** The state after a step, by name, and the mean cost of the step. */
export async function nextState(
  of: Subject,
  task: Task,
  given: Pick<Drawing, "own" | "state"> = {},
): Promise<{ state: Arrays; cost: number }> {
  const outputs = await step(of, task, given);
  return { state: after("state/state/", outputs), cost: outputs["log/cost"]!.values[0]! };
}

/**
 * Noise that makes row n the n-th configuration of a site's outcomes, last variable fastest, for estimators that draw
 * base noise alone. Enough for logits within ±5: a perturbed logit is moved by ±13.8, a Gumbel by 13.8 against −2.6.
 */
export function everyConfiguration({ family, shape }: SiteSpec): { rows: number; fill: Fill } {
  const [D, K] = [family.variables(shape), family.outcomes(shape)];
  const [low, high] = [1e-6, 1 - 1e-6];
  const outcome = (n: number, d: number) => Math.floor(n / K ** (D - 1 - d)) % K;
  const fill: Fill = (_name, out) => {
    for (let i = 0; i < out.length; i++) {
      const [cell, k] = family.rank === 0 ? [i, 1] : [Math.floor(i / K), i % K];
      out[i] = outcome(Math.floor(cell / D), cell % D) === k ? high : low;
    }
  };
  return { rows: K ** D, fill };
}

/** The expectation of a draw, exactly: over the configurations of a toy of one site, weighted by their probability. */
export async function expectation(of: Subject, make: (rows: number) => Promise<Task>): Promise<Float64Array> {
  const site = (await make(1)).sites[0]!;
  const { rows, fill } = everyConfiguration(site);
  const task = await make(rows);
  const gradient = flat(await draw(of, task, { fill }));
  const weights = await probabilities(task, fill);
  const width = gradient.length / rows;
  const total = new Float64Array(width);
  for (let n = 0; n < rows; n++) for (let i = 0; i < width; i++) total[i]! += weights[n]! * gradient[n * width + i]!; // prettier-ignore
  return total;
}

/** For programs that use only `sample`. */
export const noPriors: Omit<Trace, "sample"> = {
  codes: () => {
    throw new Error("the program asks for code vectors");
  },
  prior: () => undefined,
  normal: () => {
    throw new Error("the program samples a continuous variable");
  },
};

/** q of each row's configuration. */
async function probabilities(task: Task, fill: Fill): Promise<number[]> {
  await tf.setBackend("cpu");
  const { family, shape, name } = task.sites[0]!;
  return tf.tidy(() => {
    const uniforms = new Float32Array(task.rows * shape.reduce((a, b) => a * b, 1));
    fill(name, uniforms);
    const batch = { features: tf.zeros([task.rows, 1]) };
    let q: T | undefined;
    const { program } = task.model(
      task.init((_tag, size) => tf.fill([...size], 0.5)),
      batch,
      (_tag, size) => tf.fill([...size], 0.5),
    );
    program({
      ...noPriors,
      sample(_name, logits) {
        const x = family.harden(family.perturb(logits, tf.tensor(uniforms, [task.rows, ...shape])));
        q = tf.exp(tf.sum(family.logProb(logits, x), -1));
        return tf.expandDims(x, 0);
      },
    });
    return [...q!.dataSync()];
  });
}

/** A number as an input of a step. */
export const scalar = (x: number) => ({ shape: [], values: Float32Array.of(x) });

/** All sites' rows of a draw as lists of numbers. */
export const flat = (drawn: Arrays): number[] => Object.values(drawn).flatMap(({ values }) => [...values]);

/** The exact gradient with respect to a row's logits, by enumeration. */
export const exact = async (name: string, given: Settings = {}): Promise<Float64Array> =>
  Float64Array.from(flat(await draw(subject("exact"), await toy(name, 1, given))));

/** Mean and variance of a draw over the rows, coordinate by coordinate: the sites' logits one after another. */
export interface Moments {
  readonly draws: number;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** Rows with a coordinate that is not finite, left out. */
  readonly notFinite: number;
}

export async function moments(of: Subject, task: Task, own: Arrays = {}): Promise<Moments> {
  const outputs = await draw(of, task, { fill: stream("replicates", task.name, 1, 0), own, many: true });
  const sites = task.sites.map(({ name }) => outputs[`logits/${name}`]!.values);
  const rows = Array.from({ length: task.rows }, (_, b) =>
    sites.flatMap((values) => {
      const size = values.length / task.rows;
      return [...values.subarray(b * size, (b + 1) * size)];
    }),
  ).filter((row) => row.every(Number.isFinite));
  const width = sites.reduce((n, values) => n + values.length / task.rows, 0);
  const sum = (of: (row: readonly number[], k: number) => number) =>
    Float64Array.from({ length: width }, (_, k) => rows.reduce((total, row) => total + of(row, k), 0));
  const draws = rows.length;
  const mean = sum((row, k) => row[k]!).map((x) => x / draws);
  const squares = sum((row, k) => row[k]! ** 2);
  const variance = squares.map((x, k) => Math.max(0, x - draws * mean[k]! ** 2) / (draws - 1));
  return { draws, mean, variance, notFinite: task.rows - draws };
}

/** The largest |z| over coordinates against a value known without error; 0 where both agree without spread. */
export const largest = ({ mean, variance, draws }: Moments, truth: Float64Array): number =>
  mean.reduce((most, x, k) => {
    const difference = Math.abs(x - truth[k]!);
    return difference < 1e-7 ? most : Math.max(most, difference / Math.sqrt(variance[k]! / draws));
  }, 0);

/** Trace of the covariance. */
export const trace = ({ variance }: Moments): number => variance.reduce((a, b) => a + b, 0);

/** Steps of the estimator's own parameters alone: the task's stay where they are. */
export async function fitted(
  { estimator, settings }: Subject,
  task: Task,
  { steps, rate }: { steps: number; rate: number },
): Promise<Arrays> {
  const setup = await setUpTraining(task, estimator, settings, 1);
  const inputs = stepInputs(setup);
  const { estimatorParameters } = await fitEstimator(await compiling(), setup, {
    steps,
    inputs: (step) => ({ ...inputs(step), "control-rate": { shape: [], values: Float32Array.of(rate) } }),
    noise: (step) => stream("fit", task.name, step),
  });
  return estimatorParameters;
}

/** Golden-ratio lattice: equidistributed in d dimensions, so that means over it converge as 1/n almost. */
export function lattice(n: number, d: number): Float32Array {
  let root = 1.5;
  for (let i = 0; i < 60; i++) root = (1 + root) ** (1 / (d + 1));
  return Float32Array.from(
    { length: n * d },
    (_, i) => Math.max(1e-7, Math.min(1 - 1e-7, (0.5 + (Math.floor(i / d) + 1) * root ** -((i % d) + 1)) % 1)), // prettier-ignore
  );
}
