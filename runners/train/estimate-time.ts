/** What a run will take, by the first steps of each of its pairs on this machine. */
import type { Task } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { messageOf } from "../errors.ts";
import { type Plan, type PlannedCell, type Rows } from "../plan/plan.ts";
import { gradientSteps } from "./log-steps.ts";
import type { Prepared } from "../plan/prepare.ts";
import { timeCell, type CellTiming } from "./timing.ts";

export interface Estimate {
  /** Seconds of each cell, alone, by its hash. */
  readonly seconds: ReadonlyMap<string, number>;
  /** Bytes that a process of one cell takes. */
  readonly memory: number;
  /** Of pairs that could not be timed, a sentence each; they have no seconds. */
  readonly failed: readonly string[];
}

/** Step, draw of its gradient, evaluation and pictures are compiled once each. */
const compiled = 3;

const rowsIn = (rows: Rows, whole: number): number => (rows === "all" ? whole : Math.min(rows, whole));

/** Training, gradient statistics (a draw costs what a step costs), validation, and the evaluation of the end. */
function cellSeconds(
  cell: PlannedCell,
  plan: Plan,
  task: Task,
  { compile, step, bound }: CellTiming,
): number {
  const { steps, seconds = Infinity } = cell.budget;
  const { batches, draws, points } = plan.gradients;
  const { validRows, testRows, boundRows, validBoundRows = 0 } = plan.evaluation;
  const { valid, test } = task.splits;
  const statistics = gradientSteps(steps, plan.logPoints, points).length * batches * draws;
  const hard =
    plan.logPoints * rowsIn(validRows, valid) +
    rowsIn(testRows, test) +
    plan.boundSamples * (rowsIn(boundRows, test) + rowsIn(validBoundRows, valid));
  return compiled * compile + Math.min(steps * step, seconds) + statistics * step + hard * bound;
}

/** Trains a few steps of each pair of estimator and task, and throws them away. */
export async function estimate(prepared: Prepared, engine: Engine): Promise<Estimate> {
  const { plan, tasks } = prepared;
  const pairs = new Map<string, PlannedCell[]>();
  for (const cell of plan.cells) {
    const pair = `${cell.taskKey} ${cell.label}`;
    pairs.set(pair, [...(pairs.get(pair) ?? []), cell]);
  }
  const seconds = new Map<string, number>();
  const bounds = new Map<string, number>();
  const failed: string[] = [];
  for (const [pair, cells] of pairs) {
    const [{ taskKey }] = cells as [PlannedCell];
    try {
      const timing = await timeCell(cells[0]!, prepared, engine, bounds.get(taskKey));
      bounds.set(taskKey, timing.bound);
      for (const cell of cells) seconds.set(cell.hash, cellSeconds(cell, plan, tasks.get(taskKey)!, timing));
    } catch (error) {
      failed.push(`${pair}: its steps could not be timed: ${messageOf(error)}`);
    }
  }
  return { seconds, memory: process.memoryUsage.rss(), failed };
}

/** Of the longest shard, whose cells so many processes share: no less than its longest cell. 0 where nothing could be timed. */
export function shardSeconds(
  { seconds }: Estimate,
  cells: readonly PlannedCell[],
  { shards, jobs }: { readonly shards: number; readonly jobs: number },
): number {
  const longest = Array.from({ length: shards }, (_, shard) => {
    const own = cells.filter((_cell, i) => i % shards === shard).map(({ hash }) => seconds.get(hash) ?? 0);
    return Math.max(own.reduce((a, b) => a + b, 0) / jobs, ...own);
  });
  return Math.max(...longest);
}
