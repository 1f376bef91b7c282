/** Trains one estimator on many seeds with one compiled step: what differs between seeds is batches and noise alone. */
import type { Engine } from "../engine/engine.ts";
import { evaluator } from "./evaluation.ts";
import { stream } from "./noise-streams.ts";
import { scalarInputs, trainingInputs } from "./step-inputs.ts";
import { trainingStep } from "./step.ts";
import { trainSteps } from "./training-loop.ts";
import type { TrainingSetup } from "./training-setup.ts";

/** The cost at the end of each seed's training, evaluated as in a cell. */
export async function finalCosts(
  engine: Engine,
  setup: TrainingSetup,
  {
    seeds,
    steps,
    interrupted,
  }: { readonly seeds: readonly number[]; readonly steps: number; readonly interrupted: () => boolean },
): Promise<number[]> {
  const { task } = setup;
  const trainer = await engine.train(trainingStep(setup).training);
  const evaluate = evaluator(engine, setup);
  const start = trainer.save();
  const scalars = scalarInputs(setup)(steps);
  const costs: number[] = [];
  for (const seed of seeds) {
    if (interrupted()) break;
    trainer.restore(start);
    await trainSteps({
      ...{ trainer, inputs: trainingInputs(setup, seed) },
      noise: (step) => stream("train", task.name, seed, step),
      proceed: (step) => step < steps,
    });
    const inputs = { ...trainer.parameters(), ...trainer.state(), ...scalars };
    costs.push((await evaluate.cost({ split: "train", rows: 1000, inputs, seed })).value);
  }
  trainer.dispose();
  evaluate.dispose();
  return costs;
}
