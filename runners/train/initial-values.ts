/** What a cell starts from: parameters and state before training, and the scalars of each step. */
import { onTape, tf } from "../../estimators/core/autodiff.ts";
import type { Estimator, Named, Settings } from "../../estimators/estimator.ts";
import { hard } from "../../estimators/core/toolkit.ts";
import { key, permutation } from "../../tasks/noise.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import { player, scheduled, taskRandom, upstream } from "./program.ts";
import { parseSchedule } from "../options/schedules.ts";
import type { Initial, StepSource } from "./step.ts";
import { randomTensors } from "./noise-streams.ts";

function toArrays(tensors: Named): Arrays {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name, { shape: x.shape, values: x.dataSync<"float32">() }]),
  );
}

/** Rows of the pilot: enough to place a baseline, few enough to cost nothing. */
const pilotRows = 20;

/** Mean and variance of the cost of hard samples before training, on rows and noise of their own. */
function pilot(task: Task, parameters: Named, seed: number): { mean: number; variance: number } {
  const stream = randomTensors("pilot", task.name, seed);
  const chosen = permutation(key("pilot", task.name, seed), task.splits.train);
  const rows = Int32Array.from({ length: pilotRows }, (_, i) => chosen[i % chosen.length]!);
  const batch = toTensors(task.gather("train", rows));
  const built = task.build(parameters, batch, taskRandom(stream));
  const { cost } = player(
    task,
    built,
    {},
    pilotRows,
    "pilot",
  )((site) => hard(site, stream(site.name, [1, pilotRows, ...site.shape])));
  const { mean, variance } = tf.moments(cost);
  return { mean: mean.dataSync()[0]!, variance: variance.dataSync()[0]! };
}

const toTensors = (arrays: Arrays): Named =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, tf.tensor(a.values, [...a.shape])]));

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
    const ofTask = task.init(randomTensors("init", task.name, seed));
    const { parameters = {}, state = {} } =
      estimator.init?.({
        sites: task.sites,
        rows: task.rows,
        features: task.features,
        options: settings,
        random: randomTensors("estimator", task.name, seed),
        pilot: () => pilot(task, ofTask, seed),
      }) ?? {};
    initial = {
      parameters: toArrays(ofTask),
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
    const batch = toTensors(task.gather("train", Int32Array.of(0, Math.min(1, task.splits.train - 1))));
    names = onTape(() =>
      upstream(task, toTensors(parameters), batch, (_name, shape) => tf.fill([...shape], 0.5)),
    );
  });
  return names;
}

const scalar = (value: number): Arrays[string] => ({ shape: [], values: Float32Array.of(value) });

/**
 * The largest step of an estimator's own parameters. Adam's steps are of the size of its rate, and ten times the rate .1
 * of the toys sent rebar's log λ and η astray: after 500 steps on coupled-bits it had cost .47 [−.12, 1.05] where .03
 * gave .05 [.03, .07].
 */
const mostControlRate = 0.03;

/** The scalar inputs of step t: rates, and options on a schedule. */
export function scalarsAt({ task, estimator, settings }: StepSource): (step: number) => Arrays {
  const schedules = scheduled(estimator).map(
    (name) => [name, parseSchedule(settings[name] as string | number, `${estimator.name}: ${name}`)] as const,
  );
  const multiple = Number(settings["control-rate"] ?? 10);
  return (step) => ({
    rate: scalar(task.learningRate(step)),
    "control-rate": scalar(Math.min(task.learningRate(step) * multiple, mostControlRate)),
    ...Object.fromEntries(schedules.map(([name, schedule]) => [`option/${name}`, scalar(schedule.at(step))])),
  });
}
