/** Trains on a toy whose rows are all alike and returns the cost at the end. */
import type { Engine } from "../runners/engine/engine.ts";
import { evaluator } from "../runners/train/evaluation.ts";
import { selectPairs, settingsOf, type PlannedPair } from "../runners/plan/choose-pairs.ts";
import { openRegistry } from "../runners/plan/registry.ts";
import { scalarInputs, stepInputs } from "../runners/train/step-inputs.ts";
import { trainingStep } from "../runners/train/step.ts";
import { trainSteps } from "../runners/train/training-loop.ts";
import { setUpTraining } from "../runners/train/training-setup.ts";
import { stream } from "../runners/train/noise-streams.ts";
import type { Task } from "../tasks/task.ts";

const last = 200;

/** The pairs of a task and the estimators that run on it. A name that does not fit is an error; patterns skip it. */
export async function pairsOn(taskText: string, estimators: readonly string[]) {
  const request = { estimators, tasks: [taskText], grids: [], plugins: [], quick: false };
  const { pairs, tasks } = await selectPairs(request, await openRegistry());
  return pairs.map((pair) => ({ pair, task: tasks.get(pair.task.label)! }));
}

export interface End {
  /** Mean over the last 200 steps of the cost that the estimator trains on. */
  readonly trained: number;
  /** Mean cost of hard samples after the last step. */
  readonly discrete: number;
}

export async function endValue(
  engine: Engine,
  { pair, task }: { readonly pair: PlannedPair; readonly task: Task },
  { steps, seed }: { readonly steps: number; readonly seed: number },
): Promise<End> {
  const { estimator } = pair.estimator.entry;
  const setup = await setUpTraining(task, estimator, settingsOf(pair.estimator, task), seed);
  const trainer = await engine.train(trainingStep(setup).training);
  let total = 0;
  const { diverged } = await trainSteps({
    trainer,
    inputs: stepInputs(setup),
    noise: (step) => stream("train", task.name, seed, step),
    proceed: (step) => step < steps,
    logs: (step) => step >= steps - last,
    onStep: ({ logged }) => void (total += logged?.["cost"] ?? 0),
  });
  const inputs = { ...trainer.parameters(), ...trainer.state(), ...scalarInputs(setup)(steps) };
  const rows = { split: "train", rows: "all", inputs, seed } as const;
  const { value } = await evaluator(engine, setup).cost(rows);
  trainer.dispose();
  return { trained: diverged ? NaN : total / Math.min(last, steps), discrete: value };
}
