/** Steps of training that several checks need. */
import type { Arrays } from "../../tasks/task.ts";
import type { Engine, Fill } from "../engine/engine.ts";
import { stream } from "../train/noise-streams.ts";
import { allInputs, shapesOf, stepInputs } from "../train/step-inputs.ts";
import { trainingStep } from "../train/step.ts";
import { fitEstimator } from "../train/training-loop.ts";
import type { InitialValues, TrainingSetup } from "../train/training-setup.ts";
import { seed } from "./subject.ts";

/** The first step as a pure function: the gradients, the next state and what is logged. */
export async function firstStep(
  engine: Engine,
  setup: TrainingSetup,
  fill: Fill,
  { training } = trainingStep(setup),
): Promise<Arrays> {
  const inputs = allInputs(setup);
  const compiled = await engine.compile(training.body, shapesOf(inputs));
  const outputs = await compiled.run(inputs, fill);
  compiled.dispose();
  return outputs;
}

/** The largest |x − y| / (1 + |x|), and where. */
export function largestDifference(a: Arrays, b: Arrays): { size: number; where: string } {
  let found = { size: 0, where: "" };
  for (const [name, { values }] of Object.entries(a)) {
    const other = b[name]?.values;
    if (other?.length !== values.length) return { size: Infinity, where: name };
    values.forEach((x, i) => {
      const size = Math.abs(x - other[i]!) / (1 + Math.abs(x));
      // A difference that is not a number counts.
      if (!(size <= found.size)) found = { size: Number.isNaN(size) ? Infinity : size, where: name };
    });
  }
  return found;
}

/** The estimator's parameters and state after some steps in which the task's parameters stay as they are. */
export const fittedValues = (
  engine: Engine,
  setup: TrainingSetup,
  steps: number,
): Promise<Pick<InitialValues, "estimatorParameters" | "state">> =>
  fitEstimator(engine, setup, {
    steps,
    inputs: stepInputs(setup),
    noise: (step) => stream("check settles", setup.task.name, seed, step),
  });
