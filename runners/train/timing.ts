/** How long the parts of a cell take on this machine: a few steps of each are done and thrown away. */
import { initialise, scalarsAt } from "./initial-values.ts";
import type { Engine } from "../engine/engine.ts";
import { evaluator } from "./evaluation.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Prepared } from "../plan/prepare.ts";
import { trainingBatches, trainingStep, type StepSource } from "./step.ts";
import { stream } from "./noise-streams.ts";

export interface CellTiming {
  readonly compile: number;
  /** The median of a step. */
  readonly step: number;
  /** Of the bound, for one row and one sample; 0 where the task has none. */
  readonly bound: number;
}

const now = () => performance.now() / 1000;

/** Seconds of steps that are timed, and how many at least and at most. */
const timed = { seconds: 0.8, least: 3, most: 100 };
/** Steps before, in which engines settle. */
const warm = 2;

/** The bound, which no estimator moves, is timed only where it is not known. */
export async function timeCell(
  cell: PlannedCell,
  { matrix, tasks }: Pick<Prepared, "matrix" | "tasks">,
  engine: Engine,
  known?: number,
): Promise<CellTiming> {
  const task = tasks.get(cell.taskKey)!;
  const { estimator } = matrix.estimators.find(({ label }) => label === cell.label)!.entry;
  const settings = cell.estimatorSettings;
  const initial = await initialise(task, estimator, settings, cell.seed);
  const source: StepSource = { task, estimator, settings, initial };
  const begun = now();
  const trainer = await engine.train(trainingStep(source).training);
  const compile = now() - begun;
  const scalars = scalarsAt(source);
  const batchOf = trainingBatches(task, cell.seed);
  const seconds: number[] = [];
  let total = 0;
  for (let t = 0; t < timed.most && (t < warm + timed.least || total < timed.seconds); t++) {
    const from = now();
    const batch = batchOf(t);
    await trainer.step({ ...batch, ...scalars(t) }, stream("timing", task.name, t), false);
    if (t >= warm) {
      seconds.push(now() - from);
      total += seconds.at(-1)!;
    }
  }
  const inputs = { ...trainer.parameters(), ...trainer.state(), ...scalars(0) };
  const bound = known ?? (await timeBound(engine, source, inputs));
  trainer.dispose();
  seconds.sort((a, b) => a - b);
  return { compile, step: seconds[Math.floor(seconds.length / 2)]!, bound };
}

/** Rows and samples of the bound that are timed: what the evaluator takes at once. */
const chunk = { rows: 10, samples: 25 };

async function timeBound(engine: Engine, source: StepSource, inputs: Parameters<typeof evaluateOnce>[2]) {
  const { task } = source;
  if (task.metric !== "elbo" || task.splits.valid === 0) return 0;
  const evaluate = evaluator(engine, source);
  await evaluateOnce(evaluate, 1, inputs);
  const from = now();
  await evaluateOnce(evaluate, 8, inputs);
  const spent = now() - from;
  evaluate.dispose();
  return spent / (8 * chunk.rows * chunk.samples);
}

/** Never the test split: nothing of it is looked at before the end. */
function evaluateOnce(
  evaluate: ReturnType<typeof evaluator>,
  times: number,
  inputs: Parameters<ReturnType<typeof evaluator>["bound"]>[3],
) {
  return evaluate.bound("valid", chunk.rows, times * chunk.samples, inputs, 0);
}
