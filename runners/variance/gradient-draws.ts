/** Where gradients are drawn: fixed parameters, a fixed batch and the noise that all estimators share. */
import type { Estimator, Settings } from "../../estimators/estimator.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { fixedRows } from "../train/noise-streams.ts";
import { allInputs } from "../train/step-inputs.ts";
import {
  setUpTraining,
  withValues,
  type InitialValues,
  type TrainingSetup,
} from "../train/training-setup.ts";

/** An estimator with its settings, and its name in tables. */
export interface LabelledEstimator {
  readonly estimator: Estimator;
  readonly settings: Settings;
  readonly label: string;
}

/** What all estimators that are compared have in common: the task, the seed of batch and noise, and the parameters. */
export interface DrawConditions {
  readonly engine: Engine;
  readonly task: Task;
  readonly taskLabel: string;
  readonly seed: number;
  /** Trained values in place of the initial ones. Those of the estimator are used only where names and sizes fit. */
  readonly at?: Pick<InitialValues, "parameters"> &
    Partial<InitialValues> & {
      /** Steps of training behind the values. */
      readonly step?: number;
    };
}

/** The setup of an estimator under the conditions, and the inputs of a draw. */
export async function drawInputs(
  { task, seed, at }: DrawConditions,
  { estimator, settings }: Pick<LabelledEstimator, "estimator" | "settings">,
): Promise<{ readonly setup: TrainingSetup; readonly inputs: Arrays }> {
  const start = await setUpTraining(task, estimator, settings, seed);
  const { estimatorParameters, state } = start.initial;
  const setup = withValues(start, {
    parameters: at?.parameters ?? {},
    estimatorParameters: fitting(at?.estimatorParameters, estimatorParameters),
    state: fitting(at?.state, state),
  });
  return { setup, inputs: allInputs(setup, at?.step, fixedRows(task, seed)(0)) };
}

/** The values, if they have all names and sizes of the initial ones. */
const fitting = (values: Arrays = {}, initial: Arrays): Arrays =>
  Object.keys(initial).every((name) => values[name]?.values.length === initial[name]!.values.length)
    ? values
    : {};
