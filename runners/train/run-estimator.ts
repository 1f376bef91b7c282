/** Runs an estimator on a task once, on an open tape: the surrogate whose gradient trains, and the cost that it trains on. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Estimate, Estimator, Named, Problem, Run, Settings, T } from "../../estimators/estimator.ts";
import type { Built, Task } from "../../tasks/task.ts";
import type { Noise } from "../engine/engine.ts";
import { programRunner, shapeText, taskRandom, type Instruments } from "./program.ts";
import { under } from "./step-inputs.ts";
import { scheduledOptions, type TrainingSetup } from "./training-setup.ts";

export interface EstimatorRun {
  readonly estimate: Estimate;
  /** surrogate + mean(direct) + auxiliary, a scalar: its gradient trains the task. */
  readonly total: T;
  /** The first run's cost, mean over samples, with the direct terms [B]: −ELBO as the estimator trains on it. */
  readonly rowCosts: T;
}

/** The options that a step sees: the settings, with scalar tensors for the options on a schedule. */
const stepOptions = (estimator: Estimator, settings: Settings, inputs: Named): Settings => ({
  ...settings,
  ...(Object.fromEntries(
    scheduledOptions(estimator).map((name) => [name, inputs[`option/${name}`]!]),
  ) as unknown as Settings),
});

/** The program that is run: it gives the cost, or for a multi-sample bound the whole negative log weight. */
function build(task: Task, { name, claims }: Estimator, inputs: Named, noise: Noise): Built {
  const [parameters, batch, random] = [under("task", inputs), under("batch", inputs), taskRandom(noise)];
  if (claims.objective !== "multi-sample") return task.build(parameters, batch, random);
  if (task.bound !== "sampled")
    throw new Error(
      `estimator ${name}: it needs a task with a multi-sample bound; ${task.name} does not offer one`,
    );
  return { program: task.negativeLogWeight(parameters, batch, random) };
}

/** The noise of an estimator: a name keeps its shape, because uniforms of one name begin alike in every shape. */
function uniforms(who: string, rows: number, noise: Noise): Problem["uniform"] {
  const shapes = new Map<string, string>();
  return (site, samples = 1, tag = "") => {
    const [of, event] = "name" in site ? [site.name, site.shape] : ["rows", site];
    const [name, shape] = [tag === "" ? of : `${of}/${tag}`, [samples, rows, ...event]];
    const [text, before = text] = [shapeText(shape), shapes.get(name)];
    shapes.set(name, before);
    if (before !== text)
      throw new Error(
        `estimator ${who}: the uniforms ${name} must keep the shape ${before} (both would begin with the same numbers), got ${text}; give one of them a tag`,
      );
    return noise(name, shape);
  };
}

/**
 * Runs the estimator of a setup with the inputs of a step as tensors, named as in step-inputs.ts. Throws a sentence where the
 * estimator breaks its contract, as a plug-in may.
 */
export function runEstimator(
  { task, estimator, settings }: Pick<TrainingSetup, "task" | "estimator" | "settings">,
  inputs: Named,
  noise: Noise,
  instruments: Instruments = {},
): EstimatorRun {
  const features = inputs["batch/features"]!;
  const rows = features.shape[0];
  const built = build(task, estimator, inputs, noise);
  const run = programRunner(task, built, rows, estimator.name, instruments);
  const state = under("state", inputs);
  let first: Run | undefined;
  const estimate = estimator.estimate({
    sites: task.sites,
    rows,
    features,
    options: stepOptions(estimator, settings, inputs) as never,
    parameters: under("own", inputs),
    state,
    run(sample) {
      const result = run(sample);
      first ??= result;
      return result;
    },
    uniform: uniforms(estimator.name, rows, noise),
    learningSignal: (signal) => signal,
  });
  if (!first) throw new Error(`estimator ${estimator.name}: estimate must run the program at least once`);
  checkEstimate(estimator.name, estimate, state, rows);
  const { direct, auxiliary } = built;
  const costs = estimate.cost ?? tf.mean(first.cost, 0);
  const surrogate = direct ? tf.add(estimate.surrogate, tf.mean(direct)) : estimate.surrogate;
  return {
    estimate,
    total: auxiliary ? tf.add(surrogate, auxiliary) : surrogate,
    rowCosts: direct ? tf.add(costs, direct) : costs,
  };
}

/** Checks the types at run time too, because a plug-in may be plain JavaScript. */
function checkEstimate(who: string, estimate: Estimate, before: Named, rows: number): void {
  const refuse = (sentence: string, got: string): never => {
    throw new Error(`estimator ${who}: ${sentence}, got ${got}`);
  };
  if (typeof estimate !== "object" || estimate === null)
    refuse(
      "estimate must return an object with its surrogate, a scalar",
      estimate === null ? "null" : typeof estimate,
    );
  const { surrogate, control, state, cost } = estimate;
  if (!((surrogate as unknown) instanceof tf.Tensor))
    refuse("surrogate must be a scalar tensor", typeof surrogate);
  if (surrogate.size !== 1)
    refuse("surrogate must be a scalar (the mean over samples and rows)", shapeText(surrogate.shape));
  if (cost && (cost.rank !== 1 || cost.shape[0] !== rows))
    refuse(`cost must be [${rows}], one number a row`, shapeText(cost.shape));
  if (control && control.size !== 1) refuse("control must be a scalar", shapeText(control.shape));
  for (const [key, { shape }] of Object.entries(state ?? {})) {
    const old = before[key];
    if (!old) throw new Error(`estimator ${who}: init must make the state ${key}, which estimate returns`);
    if (shapeText(old.shape) !== shapeText(shape))
      refuse(`state ${key} must keep its shape ${shapeText(old.shape)}`, shapeText(shape));
  }
}
