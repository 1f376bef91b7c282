/** Runs an estimator on a task once, on an open tape: the surrogate whose gradient trains, and the cost that it trains on. */
import { usesWeights } from "../../estimators/core/multi-sample.ts";
import { tf } from "../../estimators/core/autodiff.ts";
import type { Estimate, Estimator, Named, Problem, Run, Settings, T } from "../../estimators/estimator.ts";
import type { Noise } from "../engine/engine.ts";
import { openProgram, shapeText, type Instruments } from "./program.ts";
import { under } from "./step-inputs.ts";
import { scheduledOptions, type TrainingSetup } from "./training-setup.ts";

export interface EstimatorRun {
  readonly estimate: Estimate;
  /** surrogate + mean(direct divergences) + auxiliary, a scalar: its gradient trains the task. */
  readonly total: T;
  /** The first run's cost, mean over samples, with the direct divergences [B]: −ELBO as the estimator trains on it. */
  readonly rowCosts: T;
}

/** The options that a step sees: the settings, with scalar tensors for the options on a schedule. */
const stepOptions = (estimator: Estimator, settings: Settings, inputs: Named): Settings => ({
  ...settings,
  ...(Object.fromEntries(
    scheduledOptions(estimator).map((name) => [name, inputs[`option/${name}`]!]),
  ) as unknown as Settings),
});

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
  const weights = usesWeights(estimator.claims);
  if (weights && task.metric !== "elbo")
    throw new Error(
      `estimator ${estimator.name}: it needs a model with a multi-sample bound; ${task.name} is none`,
    );
  const { run, direct, auxiliary } = openProgram(
    task,
    under("task", inputs),
    under("batch", inputs),
    noise,
    estimator.name,
    { form: weights ? "weight" : "cost", samples: Number(settings["samples"] ?? 1), ...instruments },
  );
  const state = under("state", inputs);
  let first: Run | undefined;
  const estimate = estimator.estimate({
    sites: task.sites,
    rows,
    features,
    options: stepOptions(estimator, settings, inputs) as never,
    parameters: under("own", inputs),
    state,
    run(sample, factor) {
      const result = run(sample, factor);
      first ??= result;
      return result;
    },
    uniform: uniforms(estimator.name, rows, noise),
    learningSignal: (signal) => signal,
  });
  if (!first) throw new Error(`estimator ${estimator.name}: estimate must run the program at least once`);
  checkEstimate(estimator.name, estimate, state, rows);
  const free = direct();
  const costs = estimate.cost ?? tf.mean(first.cost, 0);
  const surrogate = free ? tf.add(estimate.surrogate, tf.mean(free)) : estimate.surrogate;
  return {
    estimate,
    total: auxiliary ? tf.add(surrogate, auxiliary) : surrogate,
    rowCosts: free ? tf.add(costs, free) : costs,
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
