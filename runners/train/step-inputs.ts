/**
 * The inputs of a step, by name: the task's parameters `task/NAME`, the estimator's `own/NAME`, its state `state/NAME`, the
 * batch `batch/NAME`, the scalars `learning-rate` and `control-rate`, and options on a schedule `option/NAME`.
 */
import type { Arrays, Task } from "../../tasks/task.ts";
import type { Shapes } from "../engine/engine.ts";
import { parseSchedule } from "../options/schedules.ts";
import { trainingRows } from "./noise-streams.ts";
import { scheduledOptions, type InitialValues, type TrainingSetup } from "./training-setup.ts";

/** The entries `PREFIX/NAME`, by NAME. */
export function under<X>(prefix: string, record: Readonly<Record<string, X>>): Record<string, X> {
  const start = `${prefix}/`;
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, x]) =>
      name.startsWith(start) ? [[name.slice(start.length), x]] : [],
    ),
  );
}

/** The same entries, each as `PREFIX/NAME`. */
export const prefixed = <X>(prefix: string, record: Readonly<Record<string, X>>): Record<string, X> =>
  Object.fromEntries(Object.entries(record).map(([name, x]) => [`${prefix}/${name}`, x]));

export const shapesOf = (arrays: Arrays): Shapes =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]));

/** Parameters and state as inputs. */
const valueInputs = ({ parameters, estimatorParameters, state }: InitialValues): Arrays => ({
  ...prefixed("task", parameters),
  ...prefixed("own", estimatorParameters),
  ...prefixed("state", state),
});

/** The first `task.rows` rows of the training split. */
export const firstRows = (task: Task): Int32Array => Int32Array.from({ length: task.rows }, (_, i) => i);

export const scalarInput = (value: number): Arrays[string] => ({
  shape: [],
  values: Float32Array.of(value),
});

/**
 * The largest rate of the estimator's parameters. Adam's steps are of the size of its rate, and ten times the rate .1 of the
 * toys sent rebar's log λ and η astray: after 500 steps on coupled-bits it had cost .47 [−.12, 1.05] where .03 gave .05
 * [.03, .07].
 */
const largestControlRate = 0.03;

/** The scalars of step t: the rates of the task's and of the estimator's parameters, and options on a schedule. */
export function scalarInputs({ task, estimator, settings }: TrainingSetup): (step: number) => Arrays {
  const schedules = scheduledOptions(estimator).map(
    (name) => [name, parseSchedule(settings[name] as string | number, `${estimator.name}: ${name}`)] as const,
  );
  const multiple = Number(settings["control-rate"] ?? 10);
  return (step) => ({
    "learning-rate": scalarInput(task.learningRate(step)),
    "control-rate": scalarInput(Math.min(task.learningRate(step) * multiple, largestControlRate)),
    ...Object.fromEntries(
      schedules.map(([name, schedule]) => [`option/${name}`, scalarInput(schedule.at(step))]),
    ),
  });
}

/**
 * Batch and scalars of step t, for the rows given (`task.rows` of them, the first rows by default). The next call writes its
 * batch over the last.
 */
export function stepInputs(setup: TrainingSetup): (step: number, rows?: Int32Array) => Arrays {
  const { task } = setup;
  const scalars = scalarInputs(setup);
  let batch: Arrays | undefined;
  return (step, rows = firstRows(task)) => ({
    ...prefixed("batch", (batch = task.gather("train", rows, batch))),
    ...scalars(step),
  });
}

/** Batch and scalars of each step of a run with this seed: all estimators of a seed meet the same batches. */
export function trainingInputs(setup: TrainingSetup, seed: number): (step: number) => Arrays {
  const { task } = setup;
  const rowsOf = trainingRows(task, seed);
  const inputs = stepInputs(setup);
  return (step) => inputs(step, rowsOf(step));
}

/** All inputs at the initial values of a setup. */
export const allInputs = (setup: TrainingSetup, step = 0, rows?: Int32Array): Arrays => ({
  ...valueInputs(setup.initial),
  ...stepInputs(setup)(step, rows),
});
