/** Draws the gradient of an estimator many times at fixed parameters and on a fixed batch. */
import type { Estimator, Settings } from "../../estimators/estimator.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { flatGradient, type CompiledDraw } from "../train/compile-draw.ts";
import { dot, norm } from "../train/gradient-statistics.ts";
import { fixedRows, stream } from "../train/noise-streams.ts";
import { allInputs } from "../train/step-inputs.ts";
import {
  setUpTraining,
  withValues,
  type InitialValues,
  type TrainingSetup,
} from "../train/training-setup.ts";
import { addDraw, emptySums, type BlockSums } from "./moments.ts";

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

export interface Draws {
  readonly count: number;
  readonly parameters: BlockSums;
  readonly logits: BlockSums;
  /** Cosine of each draw to the reference; empty without one. */
  readonly cosines: readonly number[];
  /** Seconds of all draws. */
  readonly seconds: number;
}

/** Draws until `enough` draws are there, with noise named by task, seed, label and number of the draw. */
export async function drawGradients(
  draw: CompiledDraw,
  inputs: Arrays,
  { task, seed, label }: Pick<DrawConditions, "task" | "seed"> & { readonly label: string },
  enough: (draws: number, parameters: BlockSums) => boolean,
  reference?: Float64Array,
): Promise<Draws> {
  let sums: Pick<Draws, "parameters" | "logits"> | undefined;
  const cosines: number[] = [];
  const length = reference ? norm(reference) : 0;
  let seconds = 0;
  let r = 0;
  for (; !sums || !enough(r, sums.parameters); r++) {
    const fill = stream("variance", task.name, seed, label, r);
    const begun = performance.now();
    const outputs = await draw.run(inputs, fill);
    seconds += (performance.now() - begun) / 1000;
    const [parameters, logits] = [flatGradient(outputs, "parameters/"), flatGradient(outputs, "logits/")];
    sums ??= { parameters: emptySums(parameters.length), logits: emptySums(logits.length) };
    addDraw(sums.parameters, r, parameters);
    addDraw(sums.logits, r, logits);
    const cosine = reference ? dot(parameters, reference) / (norm(parameters) * length) : NaN;
    if (Number.isFinite(cosine)) cosines.push(cosine);
    if (r % 256 === 255) await new Promise(setImmediate);
  }
  return { ...sums, seconds, cosines, count: r };
}
