/** A few logged steps of a tiny cell, for tests that compare engines. */
import type { OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import { estimators } from "../../../estimators/index.ts";
import type { Arrays, Engine } from "../../../runners/engine/engine.ts";
import { stream } from "../../../runners/train/noise-streams.ts";
import { trainingInputs } from "../../../runners/train/step-inputs.ts";
import { trainingStep } from "../../../runners/train/step.ts";
import { setUpTraining } from "../../../runners/train/training-setup.ts";
import { tasks } from "../../../tasks/index.ts";

export interface ShortTraining {
  readonly estimator: string;
  readonly task: string;
  /** Options of the task that differ from their defaults. */
  readonly options: Settings;
  readonly steps: number;
}

const defaults = (specs: OptionSpecs): Settings =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));

/** The arrays of the last snapshot, and the costs of all steps as `costs`. A temperature of the estimator is 1. */
export async function shortTraining(
  engine: Engine,
  { steps, options, ...cell }: ShortTraining,
): Promise<Arrays> {
  const estimator = estimators.find(({ name }) => name === cell.estimator)!;
  const definition = tasks.find(({ name }) => name === cell.task)!;
  const task = await definition.create({ ...defaults(definition.options), ...options }, {});
  const specs = estimator.options as OptionSpecs;
  const settings = { ...defaults(specs), ...("temperature" in specs ? { temperature: 1 } : {}) };
  const setup = await setUpTraining(task, estimator, settings, 0);
  const trainer = await engine.train(trainingStep(setup).training);
  const inputs = trainingInputs(setup, 0);
  const costs = new Float32Array(steps);
  for (let step = 0; step < steps; step++) {
    const noise = stream("short training", cell.task, cell.estimator, step);
    costs[step] = (await trainer.step(inputs(step), noise, true))!["cost"]!;
  }
  const { arrays } = trainer.save();
  trainer.dispose();
  return { ...arrays, costs: { shape: [steps], values: costs } };
}

/** Elements that differ by more than 1e-5 of 1 + |x|, in words. */
export function differences(expected: Arrays, got: Arrays): string[] {
  return Object.entries(expected).flatMap(([name, { values }]) =>
    [...values].flatMap((x, i) => {
      const y = got[name]!.values[i]!;
      return Math.abs(x - y) <= 1e-5 * (1 + Math.abs(x)) ? [] : [`${name}[${i}]: got ${y}, expected ${x}`];
    }),
  );
}
