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

/** Seconds of the parts of a cell. */
export interface CellTiming {
  readonly compile: number;
  /** The median of a step. */
  readonly step: number;
  /** The bound of one row with one sample; 0 where the task has none. */
  readonly bound: number;
}

export interface Estimate {
  /** Seconds of each cell when it runs alone, by its hash. */
  readonly seconds: ReadonlyMap<string, number>;
  /** Bytes of memory of a process that runs one cell. */
  readonly memory: number;
  /** A sentence for each pair that could not be timed; its cells have no seconds. */
  readonly failed: readonly string[];
}

const now = () => performance.now() / 1000;

/** Seconds of steps that are timed, and how many at least and at most. */
const timed = { seconds: 0.8, least: 3, most: 100 };
/** The first steps, which are not timed: engines may be slower in them. */
const warmUp = 2;

/** Times a few steps of a cell and throws them away. The bound is the same for all estimators: `bound` gives it if known. */
export async function timeCell(
  cell: PlannedCell,
  { matrix, tasks }: Pick<Prepared, "matrix" | "tasks">,
  engine: Engine,
  bound?: number,
): Promise<CellTiming> {
  const task = tasks.get(cell.taskKey)!;
  const { estimator } = matrix.estimators.find(({ label }) => label === cell.label)!.entry;
  const setup = await setUpTraining(task, estimator, cell.estimatorSettings, cell.seed);
  const begun = now();
  const trainer = await engine.train(trainingStep(setup).training);
  const compile = now() - begun;
  const seconds: number[] = [];
  let total = 0;
  await trainSteps({
    trainer,
    inputs: trainingInputs(setup, cell.seed),
    noise: (step) => stream("timing", task.name, step),
    proceed: (step) => step < timed.most && (step < warmUp + timed.least || total < timed.seconds),
    onStep({ step, seconds: spent }) {
      if (step < warmUp) return;
      seconds.push(spent);
      total += spent;
    },
  });
  seconds.sort((a, b) => a - b);
  const inputs = { ...trainer.parameters(), ...trainer.state(), ...scalarInputs(setup)(0) };
  const boundSeconds = bound ?? (await timeBound(engine, setup, inputs));
  trainer.dispose();
  return { compile, step: seconds[Math.floor(seconds.length / 2)]!, bound: boundSeconds };
}

/** Uses validation rows: the test split is not looked at before the end. */
async function timeBound(engine: Engine, setup: TrainingSetup, inputs: Arrays): Promise<number> {
  const { task } = setup;
  if (task.metric !== "elbo" || task.splits.valid === 0) return 0;
  const { rows, samples } = evaluationChunk.bound;
  const evaluate = evaluator(engine, setup);
  const run = (times: number) => evaluate.bound({ split: "valid", rows, inputs, seed: 0 }, times * samples);
  await run(1);
  const begun = now();
  await run(8);
  const spent = now() - begun;
  evaluate.dispose();
  return spent / (8 * rows * samples);
}

/** Programs that a cell compiles: the step, the draw of its gradient, evaluation and pictures, some of them small. */
const compiledPrograms = 3;

const rowsOf = (rows: Rows, all: number): number => (rows === "all" ? all : Math.min(rows, all));

/** Adds up training, gradient statistics (a draw takes as long as a step), validation, and the evaluation of the end. */
function cellSeconds(
  cell: PlannedCell,
  plan: Plan,
  { splits: { valid, test } }: Task,
  { compile, step, bound }: CellTiming,
): number {
  const { steps, seconds = Infinity } = cell.budget;
  const { batches, draws, points } = plan.gradients;
  const { validRows, testRows, boundRows, validBoundRows = 0 } = plan.evaluation;
  const statistics = gradientSteps(steps, plan.logPoints, points).length * batches * draws;
  const evaluated =
    plan.logPoints * rowsOf(validRows, valid) +
    rowsOf(testRows, test) +
    plan.boundSamples * (rowsOf(boundRows, test) + rowsOf(validBoundRows, valid));
  return compiledPrograms * compile + Math.min(steps * step, seconds) + statistics * step + evaluated * bound;
}

/** Times the first steps of each pair of task and estimator. */
export async function estimate({ plan, tasks, matrix }: Prepared, engine: Engine): Promise<Estimate> {
  const seconds = new Map<string, number>();
  const timings = new Map<string, CellTiming | undefined>();
  const bounds = new Map<string, number>();
  const failed: string[] = [];
  for (const cell of plan.cells) {
    const { taskKey, label, hash } = cell;
    const pair = `${taskKey} ${label}`;
    if (!timings.has(pair))
      try {
        const timing = await timeCell(cell, { matrix, tasks }, engine, bounds.get(taskKey));
        timings.set(pair, timing);
        bounds.set(taskKey, timing.bound);
      } catch (error) {
        timings.set(pair, undefined);
        failed.push(`${pair}: its steps could not be timed: ${messageOf(error)}`);
      }
    const timing = timings.get(pair);
    if (timing) seconds.set(hash, cellSeconds(cell, plan, tasks.get(taskKey)!, timing));
  }
  return { seconds, memory: process.memoryUsage.rss(), failed };
}

/** Seconds of the longest shard, whose cells `jobs` processes share; 0 where nothing could be timed. */
export function shardSeconds(
  { seconds }: Estimate,
  cells: readonly PlannedCell[],
  { shards, jobs }: { readonly shards: number; readonly jobs: number },
): number {
  const longest = Array.from({ length: shards }, (_, shard) => {
    const times = cells.filter((_cell, i) => i % shards === shard).map(({ hash }) => seconds.get(hash) ?? 0);
    return Math.max(times.reduce((a, b) => a + b, 0) / jobs, ...times);
  });
  return Math.max(...longest);
}
