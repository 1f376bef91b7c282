/** Training on a toy whose rows are all alike, and what its cost comes to. */
import type { Engine } from "../runners/engine/engine.ts";
import { evaluator } from "../runners/train/evaluation.ts";
import { initialise, scalarsAt } from "../runners/train/initial-values.ts";
import { selectPairs, settingsOf, type Pair } from "../runners/plan/pairs.ts";
import { openRegistry } from "../runners/plan/registry.ts";
import { prefixed, trainingStep } from "../runners/train/step.ts";
import { stream } from "../runners/train/noise-streams.ts";
import type { Task } from "../tasks/task.ts";

const last = 200;

/** The pairs of the task and the estimators that run on it; patterns leave out what does not. */
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
  { pair, task }: { readonly pair: Pair; readonly task: Task },
  { steps, seed }: { readonly steps: number; readonly seed: number },
): Promise<End> {
  const { estimator } = pair.estimator.entry;
  const settings = settingsOf(pair.estimator, task);
  const source = { task, estimator, settings, initial: await initialise(task, estimator, settings, seed) };
  const trainer = await engine.train(trainingStep(source).training);
  const scalars = scalarsAt(source);
  const all = Int32Array.from({ length: task.rows }, (_, i) => i);
  const batch = prefixed("batch", task.gather("train", all));
  let total = 0;
  for (let step = 0; step < steps; step++) {
    const fill = stream("train", task.name, seed, step);
    const logged = await trainer.step({ ...batch, ...scalars(step) }, fill, step >= steps - last);
    total += logged?.["cost"] ?? 0;
  }
  const inputs = { ...trainer.parameters(), ...trainer.state(), ...scalars(steps) };
  const { value } = await evaluator(engine, source).cost("train", "all", inputs, seed);
  trainer.dispose();
  return { trained: total / Math.min(last, steps), discrete: value };
}
