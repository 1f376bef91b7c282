/** A step of training as a pure function of tensors: `step(state, batch, noise, scalars) → {gradients, state, logged}`. */
import { lastGradients, onTape, stop, tf } from "../../estimators/core/autodiff.ts";
import type { Estimator, Named, Settings } from "../../estimators/estimator.ts";
import type { Arrays, Optimiser, Task } from "../../tasks/task.ts";
import type { Group, Training } from "../engine/engine.ts";
import { counter, type Evaluations, play, scheduled, stepOptions } from "./program.ts";
import { batches } from "./noise-streams.ts";

/** The optimiser of an estimator's own parameters. */
const controlOptimiser: Optimiser = { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** What a cell starts from. Names: the task's parameters `task/NAME`, the estimator's `own/NAME`, its state `state/NAME`. */
export interface Initial {
  readonly parameters: Arrays;
  readonly own: Arrays;
  readonly state: Arrays;
}

export interface StepSource {
  readonly task: Task;
  readonly estimator: Estimator;
  readonly settings: Settings;
  readonly initial: Initial;
}

/** Splits `PREFIX/NAME` inputs into their groups. */
export function under(prefix: string, inputs: Named): Named {
  const start = `${prefix}/`;
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, x]) =>
      name.startsWith(start) ? [[name.slice(start.length), x]] : [],
    ),
  );
}

export const prefixed = <X>(prefix: string, record: Readonly<Record<string, X>>): Record<string, X> =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [`${prefix}/${name}`, x]));

/** The batch `batch/NAME` of each training step; the next one is written over it. */
export function trainingBatches(task: Task, seed: number): (step: number) => Arrays {
  const rowsOf = batches(task.name, seed, task.splits.train, task.rows);
  let last: Arrays | undefined;
  return (step) => prefixed("batch", (last = task.gather("train", rowsOf(step), last)));
}

/** The scalar inputs of a step: rates, and options on a schedule. */
export function scalarShapes({ estimator }: StepSource): Record<string, readonly number[]> {
  const names = ["rate", "control-rate", ...scheduled(estimator).map((name) => `option/${name}`)];
  return Object.fromEntries(names.map((name) => [name, []]));
}

/** Inputs of a step beside parameters and state: the batch `batch/NAME` and the scalars. */
export function stepShapes(source: StepSource): Record<string, readonly number[]> {
  const { task } = source;
  const batch = task.gather("train", new Int32Array(task.rows));
  const shapes = Object.fromEntries(Object.entries(batch).map(([name, { shape }]) => [name, shape]));
  return { ...scalarShapes(source), ...prefixed("batch", shapes) };
}

/**
 * The step and, once it has been run or traced, the evaluations it makes. Gradients are of the surrogate plus the
 * direct terms and the auxiliary loss for the task's parameters, and of the control for the estimator's own.
 */
export function trainingStep(source: StepSource): {
  training: Training;
  readonly evaluations: () => Evaluations | undefined;
} {
  const { task, estimator, settings, initial } = source;
  const [names, ownNames] = [Object.keys(initial.parameters), Object.keys(initial.own)];
  let counted: Evaluations | undefined;
  const body: Training["body"] = (inputs, noise) => {
    const [parameters, own] = [under("task", inputs), under("own", inputs)];
    const watch = counted ? undefined : counter();
    const outputs: Named = {};
    onTape(() => {
      const { estimate, total, rowCosts } = play(task, estimator, {
        parameters,
        own,
        state: under("state", inputs),
        batch: under("batch", inputs),
        options: stepOptions(estimator, settings, inputs),
        noise,
        counter: watch,
      });
      lastGradients(
        total,
        names.map((name) => parameters[name]!),
      ).forEach((g, i) => {
        outputs[`gradient/task/${names[i]}`] = g;
      });
      if (ownNames.length > 0)
        lastGradients(
          estimate.control ?? tf.scalar(0),
          ownNames.map((name) => own[name]!),
        ).forEach((g, i) => {
          outputs[`gradient/own/${ownNames[i]}`] = g;
        });
      for (const [name, x] of Object.entries(estimate.state ?? {})) outputs[`state/state/${name}`] = stop(x);
      outputs["log/cost"] = tf.mean(rowCosts);
    });
    counted ??= watch?.count();
    return outputs;
  };
  const groups: Group[] = [
    { names: names.map((name) => `task/${name}`), optimiser: task.optimiser, rate: "rate" },
  ];
  if (ownNames.length > 0)
    groups.push({
      names: ownNames.map((name) => `own/${name}`),
      optimiser: controlOptimiser,
      rate: "control-rate",
    });
  const training: Training = {
    groups,
    parameters: { ...prefixed("task", initial.parameters), ...prefixed("own", initial.own) },
    state: prefixed("state", initial.state),
    inputs: stepShapes(source),
    body,
  };
  return { training, evaluations: () => counted };
}
