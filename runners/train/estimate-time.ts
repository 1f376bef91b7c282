/** Estimates how long a run takes: the first steps of each pair of task and estimator are timed on this machine. */
import type { Arrays, Task } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { messageOf } from "../errors.ts";
import type { Plan, PlannedCell, Rows } from "../plan/plan.ts";
import type { Prepared } from "../plan/prepare.ts";
import { evaluationChunk, evaluator } from "./evaluation.ts";
import { gradientSteps } from "./log-steps.ts";
import { stream } from "./noise-streams.ts";
import { scalarInputs, trainingInputs } from "./step-inputs.ts";
import { trainingStep } from "./step.ts";
import { trainSteps } from "./training-loop.ts";
import { setUpTraining, type TrainingSetup } from "./training-setup.ts";

export interface TimeEstimate {
  /** Seconds of each cell when it runs alone, by its hash. */
  readonly seconds: ReadonlyMap<string, number>;
  /** Bytes of memory of a process that runs one cell. */
  readonly memory: number;
  /** A sentence for each pair that could not be timed; its cells have no seconds. */
  readonly failed: readonly string[];
}

/** Times the first steps of each pair of task and estimator, and throws them away. Compilation is not counted. */
export async function estimateTime(prepared: Prepared, engine: Engine): Promise<TimeEstimate> {
  const { plan, tasks } = prepared;
  const { timings, failed } = await timePairs(prepared, engine);
  const seconds = new Map<string, number>();
  for (const cell of plan.cells) {
    const timing = timings.get(pairName(cell));
    if (timing) seconds.set(cell.hash, cellSeconds(cell, plan, tasks.get(cell.taskKey)!, timing));
  }
  return { seconds, memory: process.memoryUsage.rss(), failed };
}

/** The name of a cell's pair in `timePairs`. */
export const pairName = ({ taskKey, label }: Pick<PlannedCell, "taskKey" | "label">) => `${taskKey} ${label}`;

/** The timing of each pair by its name, and a sentence for each that could not be timed. */
export async function timePairs({ plan, tasks, matrix }: Prepared, engine: Engine) {
  const timings = new Map<string, Timing>();
  const failed: string[] = [];
  for (const pair of new Set(plan.cells.map(pairName)))
    try {
      const cell = plan.cells.find((one) => pairName(one) === pair)!;
      const { taskKey, label, estimatorSettings, seed } = cell;
      const { estimator } = matrix.estimators.find((choice) => choice.label === label)!.entry;
      const setup = await setUpTraining(tasks.get(taskKey)!, estimator, estimatorSettings, seed);
      timings.set(pair, await timeStepAndBound(setup, seed, engine));
    } catch (error) {
      failed.push(`${pair}: its steps could not be timed: ${messageOf(error)}`);
    }
  return { timings, failed };
}

export interface Timing {
  /** Seconds of a step of training. */
  readonly step: number;
  /** Seconds of the bound of one row with one sample; 0 where the task has none. */
  readonly bound: number;
}

/** Seconds of steps that are timed, and how many at least and at most; the first are not timed, since engines are slower. */
const timed = { seconds: 0.8, least: 3, most: 100, warmUp: 2 };

async function timeStepAndBound(setup: TrainingSetup, seed: number, engine: Engine): Promise<Timing> {
  const trainer = await engine.train(trainingStep(setup).training);
  let total = 0;
  const { step: steps } = await trainSteps({
    trainer,
    inputs: trainingInputs(setup, seed),
    noise: (step) => stream("timing", setup.task.name, step),
    proceed: (step) => step < timed.most && (step < timed.warmUp + timed.least || total < timed.seconds),
    onStep({ step, seconds }) {
      if (step >= timed.warmUp) total += seconds;
    },
  });
  const inputs = { ...trainer.parameters(), ...trainer.state(), ...scalarInputs(setup)(0) };
  const bound = await timeBound(engine, setup, inputs);
  trainer.dispose();
  return { step: total / (steps - timed.warmUp), bound };
}

/** Uses validation rows: the test split is not looked at before the end. */
async function timeBound(engine: Engine, setup: TrainingSetup, inputs: Arrays): Promise<number> {
  const { task } = setup;
  if (task.metric !== "elbo" || task.splits.valid === 0) return 0;
  const { rows, samples, blocks } = evaluationChunk.bound;
  const evaluate = evaluator(engine, setup);
  const m = samples * blocks;
  const run = (times: number) => evaluate.bound({ split: "valid", rows, inputs, seed: 0 }, times * m);
  await run(1);
  const begun = performance.now();
  await run(2);
  const seconds = (performance.now() - begun) / 1000;
  evaluate.dispose();
  return seconds / (2 * rows * m);
}

/** Seconds of a cell: training, gradient statistics (a draw takes as long as a step), validation, and the evaluation of the end. */
export function cellSeconds(
  cell: PlannedCell,
  plan: Plan,
  { splits: { valid, test } }: Task,
  { step, bound }: Timing,
): number {
  const { steps, seconds = Infinity } = cell.budget;
  const { batches, draws, points } = plan.gradients;
  const { validRows, testRows, boundRows, validBoundRows = 0 } = plan.evaluation;
  const count = (rows: Rows, all: number) => (rows === "all" ? all : Math.min(rows, all));
  const statistics = gradientSteps(steps, plan.logPoints, points).length * batches * draws;
  const evaluated =
    plan.logPoints * count(validRows, valid) +
    count(testRows, test) +
    plan.boundSamples * (count(boundRows, test) + count(validBoundRows, valid));
  return Math.min(steps * step, seconds) + statistics * step + evaluated * bound;
}

/** Seconds of the longest shard, whose cells `jobs` processes share; 0 where nothing could be timed. */
export function shardSeconds(
  { seconds }: TimeEstimate,
  cells: readonly PlannedCell[],
  { shards, jobs }: { readonly shards: number; readonly jobs: number },
): number {
  const longest = Array.from({ length: shards }, (_, shard) => {
    const times = cells.filter((_cell, i) => i % shards === shard).map(({ hash }) => seconds.get(hash) ?? 0);
    return Math.max(times.reduce((a, b) => a + b, 0) / jobs, ...times);
  });
  return Math.max(...longest);
}
