/** What training starts from: a task, an estimator with its settings, and the initial values of all parameters and state. */
import { onTape, tf } from "../../estimators/core/autodiff.ts";
import type { Estimator, Named, Settings, SiteSpec, Start } from "../../estimators/estimator.ts";
import { hard } from "../../estimators/core/toolkit.ts";
import { key, permutation } from "../../tasks/noise.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import { randomTensors } from "./noise-streams.ts";
import { openProgram, upstreamNames } from "./program.ts";

/** Arrays under their plain names, as the task and the estimator call them. */
export interface InitialValues {
  /** The task's parameters. */
  readonly parameters: Arrays;
  /** The estimator's parameters, such as the weights of a baseline. */
  readonly estimatorParameters: Arrays;
  /** The estimator's state, such as a moving average. */
  readonly state: Arrays;
}

export interface TrainingSetup {
  readonly task: Task;
  readonly estimator: Estimator;
  readonly settings: Settings;
  readonly initial: InitialValues;
}

/** The setup at the start of training. Computed on tfjs's reference backend, so it is the same for every engine. */
export async function setUpTraining(
  task: Task,
  estimator: Estimator,
  settings: Settings,
  seed: number,
): Promise<TrainingSetup> {
  await tf.setBackend("cpu");
  const initial: { -readonly [K in keyof InitialValues]: Arrays } = {
    parameters: {},
    estimatorParameters: {},
    state: {},
  };
  tf.tidy(() => {
    const ofTask = task.init(randomTensors("init", task.name, seed));
    const ofEstimator = estimator.init?.({
      sites: task.sites,
      rows: task.rows,
      features: task.features,
      options: settings,
      random: randomTensors("estimator", task.name, seed),
      pilot: () => pilot(task, ofTask, seed),
    });
    initial.parameters = toArrays(ofTask);
    initial.estimatorParameters = toArrays(ofEstimator?.parameters ?? {});
    initial.state = toArrays(ofEstimator?.state ?? {});
  });
  return { task, estimator, settings, initial };
}

/** The setup with some of its initial values replaced, by name. */
export function withValues(setup: TrainingSetup, values: Partial<InitialValues>): TrainingSetup {
  const { parameters, estimatorParameters, state } = setup.initial;
  return {
    ...setup,
    initial: {
      parameters: { ...parameters, ...values.parameters },
      estimatorParameters: { ...estimatorParameters, ...values.estimatorParameters },
      state: { ...state, ...values.state },
    },
  };
}

/** Options that arrive as scalar inputs `option/NAME`, because they may change from step to step. */
export const scheduledOptions = ({ options }: Estimator): string[] =>
  Object.entries(options as Record<string, { schedule?: boolean }>).flatMap(([name, { schedule }]) =>
    schedule ? [name] : [],
  );

/** Names of the task's parameters that the samples depend on, found on two rows. */
export async function findUpstream({ task, initial }: TrainingSetup): Promise<string[]> {
  await tf.setBackend("cpu");
  let names: string[] = [];
  tf.tidy(() => {
    const batch = toTensors(task.gather("train", Int32Array.of(0, Math.min(1, task.splits.train - 1))));
    names = onTape(() =>
      upstreamNames(task, toTensors(initial.parameters), batch, (_name, shape) => tf.fill([...shape], 0.5)),
    );
  });
  return names;
}

const toArrays = (tensors: Named): Arrays =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name, { shape: x.shape, values: x.dataSync<"float32">() }]),
  );

const toTensors = (arrays: Arrays): Named =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, tf.tensor(a.values, [...a.shape])]));

/** Rows of the pilot: enough to place a baseline, few enough to cost nothing. */
const pilotRows = 20;

/** Mean and variance of the cost of hard samples before training, on rows and noise that nothing else uses. */
function pilot(task: Task, parameters: Named, seed: number): ReturnType<Start["pilot"]> {
  const random = randomTensors("pilot", task.name, seed);
  const order = permutation(key("pilot", task.name, seed), task.splits.train);
  const rows = Int32Array.from({ length: pilotRows }, (_, i) => order[i % order.length]!);
  const { run } = openProgram(task, parameters, toTensors(task.gather("train", rows)), random, "pilot");
  const { cost, costOf } = run((site) => hard(site, random(site.name, [1, pilotRows, ...site.shape])));
  const { mean, variance } = tf.moments(cost);
  const meanOf = (site: SiteSpec) => tf.mean(costOf(site)).dataSync()[0]!;
  return { mean: mean.dataSync()[0]!, variance: variance.dataSync()[0]!, meanOf };
}
