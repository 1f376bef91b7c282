/** What a cell starts from: parameters and state before training, and the scalars of each step. */
import { onTape, tf } from "../estimators/autodiff.ts";
import type { Estimator, Named, Settings } from "../estimators/estimator.ts";
import type { Arrays, Task } from "../tasks/task.ts";
import { scheduled, upstream } from "./play.ts";
import { parseSchedule } from "./schedule.ts";
import type { Initial, StepSource } from "./step.ts";
import { randomTensors } from "./streams.ts";

function toArrays(tensors: Named): Arrays {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name, { shape: x.shape, values: x.dataSync<"float32">() }]),
  );
}

/** Parameters and state before training: computed on tfjs's reference backend, the same for every engine. */
export async function initialise(
  task: Task,
  estimator: Estimator,
  settings: Settings,
  seed: number,
): Promise<Initial> {
  await tf.setBackend("cpu");
  let initial: Initial = { parameters: {}, own: {}, state: {} };
  tf.tidy(() => {
    const { parameters = {}, state = {} } =
      estimator.init?.({
        sites: task.sites,
        rows: task.rows,
        features: task.features,
        options: settings,
        random: randomTensors("estimator", task.name, seed),
      }) ?? {};
    initial = {
      parameters: toArrays(task.init(randomTensors("init", task.name, seed))),
      own: toArrays(parameters),
      state: toArrays(state),
    };
  });
  return initial;
}

/** Names of the parameters upstream of the samples, found on two rows. */
export async function findUpstream(task: Task, { parameters }: Initial): Promise<string[]> {
  await tf.setBackend("cpu");
  let names: string[] = [];
  tf.tidy(() => {
    const tensors = (arrays: Arrays): Named =>
      Object.fromEntries(
        Object.entries(arrays).map(([name, a]) => [name, tf.tensor(a.values, [...a.shape])]),
      );
    const batch = tensors(task.gather("train", Int32Array.of(0, Math.min(1, task.splits.train - 1))));
    names = onTape(() =>
      upstream(task, tensors(parameters), batch, (_name, shape) => tf.fill([...shape], 0.5)),
    );
  });
  return names;
}

const scalar = (value: number): Arrays[string] => ({ shape: [], values: Float32Array.of(value) });

/** The scalar inputs of step t: rates, and options on a schedule. */
export function scalarsAt({ task, estimator, settings }: StepSource): (step: number) => Arrays {
  const schedules = scheduled(estimator).map(
    (name) => [name, parseSchedule(settings[name] as string | number, `${estimator.name}: ${name}`)] as const,
  );
  const multiple = Number(settings["control-rate"] ?? 10);
  return (step) => ({
    rate: scalar(task.learningRate(step)),
    "control-rate": scalar(task.learningRate(step) * multiple),
    ...Object.fromEntries(schedules.map(([name, schedule]) => [`option/${name}`, scalar(schedule.at(step))])),
  });
}
