/**
 * Draws by the thousand from a task whose rows are all alike: every row of one batch is a replicate. What is read is
 * the row's own gradient with respect to the logits of each site, through the samples only.
 */
import type { Estimator, Settings } from "../../estimators/estimator.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import { initialise, scalarsAt } from "./initial-values.ts";
import type { Engine } from "../engine/engine.ts";
import { compileDraw } from "./gradient-statistics.ts";
import { prefixed, type StepSource } from "./step.ts";
import { stream } from "./noise-streams.ts";

/** Mean and variance of a draw, coordinate by coordinate: the sites' logits one after another. */
export interface Moments {
  readonly draws: number;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** Draws with a coordinate that is not finite, left out. */
  readonly notFinite: number;
}

export interface Replicates {
  readonly engine: Engine;
  /** With as many rows as draws are wanted in a call. */
  readonly task: Task;
  readonly estimator: Estimator;
  readonly settings: Settings;
  readonly seed: number;
  /** Calls of `task.rows` draws each. */
  readonly calls?: number;
  /** Replace the estimator's own parameters or state, or the task's parameters, by name. */
  readonly own?: Arrays;
  readonly state?: Arrays;
  readonly parameters?: Arrays;
}

/** The source of the step at the start, with what the caller replaced. */
async function sourceOf(given: Replicates): Promise<StepSource> {
  const { task, estimator, settings, seed } = given;
  const initial = await initialise(task, estimator, settings, seed);
  return {
    task,
    estimator,
    settings,
    initial: {
      parameters: { ...initial.parameters, ...given.parameters },
      own: { ...initial.own, ...given.own },
      state: { ...initial.state, ...given.state },
    },
  };
}

export async function replicates(given: Replicates): Promise<Moments> {
  const { engine, task, seed, calls = 1 } = given;
  const source = await sourceOf(given);
  const { initial } = source;
  const compiled = await compileDraw(engine, source, []);
  const batch = task.gather(
    "train",
    Int32Array.from({ length: task.rows }, (_, i) => i),
  );
  const inputs = {
    ...prefixed("task", initial.parameters),
    ...prefixed("own", initial.own),
    ...prefixed("state", initial.state),
    ...prefixed("batch", batch),
    ...scalarsAt(source)(0),
  };
  const width = task.sites.reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0);
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  let draws = 0;
  for (let call = 0; call < calls; call++) {
    const outputs = await compiled.run(inputs, stream("replicates", task.name, seed, call));
    const sites = task.sites.map(({ name }) => outputs[`logits/${name}`]!.values);
    const draw = new Float64Array(width);
    for (let b = 0; b < task.rows; b++) {
      let i = 0;
      for (const values of sites) {
        const size = values.length / task.rows;
        for (let j = 0; j < size; j++) draw[i++] = values[b * size + j]!;
      }
      if (!draw.every(Number.isFinite)) continue;
      draws += 1;
      for (let k = 0; k < width; k++) {
        sum[k]! += draw[k]!;
        squares[k]! += draw[k]! * draw[k]!;
      }
    }
  }
  compiled.dispose();
  const mean = sum.map((x) => x / draws);
  const variance = squares.map((x, k) => Math.max(0, x - draws * mean[k]! ** 2) / (draws - 1));
  return { draws, mean, variance, notFinite: calls * task.rows - draws };
}

/** z of each coordinate's mean against a value known without error; 0 where both agree exactly without spread. */
export const zScores = ({ mean, variance, draws }: Moments, truth: Float64Array): Float64Array =>
  mean.map((x, k) => {
    const difference = x - truth[k]!;
    return Math.abs(difference) < 1e-7 ? 0 : difference / Math.sqrt(variance[k]! / draws);
  });
