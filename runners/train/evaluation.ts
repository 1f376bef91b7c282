/**
 * The one evaluator: hard samples, the same rows, the same noise and the same number of samples for every estimator. It sees
 * the estimator only for the relaxation gap, which compares the estimator's own training cost with the hard one.
 */
import { onTape, tf } from "../../estimators/core/autodiff.ts";
import type { Sample } from "../../estimators/estimator.ts";
import { hard } from "../../estimators/core/toolkit.ts";
import type { Arrays, Split, Task } from "../../tasks/task.ts";
import { key } from "../../tasks/noise.ts";
import type { Body, Compiled, Engine, Fill, Noise } from "../engine/engine.ts";
import { fillUniformQuickly } from "../engine/wasm/threefry.ts";
import type { Rows } from "../plan/plan.ts";
import { openProgram, taskRandom } from "./program.ts";
import { runEstimator } from "./run-estimator.ts";
import { prefixed, shapesOf, under } from "./step-inputs.ts";
import type { TrainingSetup } from "./training-setup.ts";
import { chosenRows, stream } from "./noise-streams.ts";

/** Mean of a measure over rows of a split. */
export interface RowMean {
  readonly value: number;
  /** Standard error of the mean over rows. */
  readonly standardError: number;
  readonly rows: number;
  /** Whether these are all rows of the split. */
  readonly whole: boolean;
}

/** Which rows are measured, and with what: parameters, state and scalars as inputs; the noise is the seed's. */
export interface EvaluatedRows {
  readonly split: Split;
  readonly rows: Rows;
  readonly inputs: Arrays;
  readonly seed: number;
}

/**
 * Rows that one run of a body evaluates, and rows × samples of the bound: few enough to stay in the cache. The samples are
 * drawn in blocks, each with noise of its own; one run evaluates several blocks, and the encoder once for all of them.
 */
export const evaluationChunk = { rows: 100, bound: { rows: 10, samples: 25, blocks: 4 } };

/** Hard samples from the noise named after each site. */
const hardSampler =
  (noise: Noise, rows: number, samples: number): Sample =>
  (site) =>
    hard(site, noise(site.name, [samples, rows, ...site.shape]));

const rowsIn = (inputs: Parameters<Body>[0]) => inputs["batch/features"]!.shape[0];

/** −ELBO per row with one hard sample and the direct terms [B]. */
const costBody =
  (task: Task): Body =>
  (inputs, noise) => {
    const { run, direct } = openProgram(
      task,
      under("task", inputs),
      under("batch", inputs),
      noise,
      "evaluation",
    );
    const perRow = tf.mean(run(hardSampler(noise, rowsIn(inputs), 1)).cost, 0);
    const free = direct();
    return { rows: free ? tf.add(perRow, free) : perRow };
  };

/** −log weights of hard samples [S, B]. */
const weightBody =
  (task: Task, samples: number): Body =>
  (inputs, noise) => {
    const options = { form: "weight", samples } as const;
    const { run } = openProgram(
      task,
      under("task", inputs),
      under("batch", inputs),
      noise,
      "evaluation",
      options,
    );
    return { rows: run(hardSampler(noise, rowsIn(inputs), samples)).cost };
  };

/** A further measure that the task defines, per row [B]. */
const measureBody =
  (task: Task, name: string): Body =>
  (inputs, noise) => ({
    rows: task.measures![name]!(under("task", inputs), under("batch", inputs), taskRandom(noise)),
  });

/** The cost per row [B] that the estimator trains on, at its own samples. */
const trainingCostBody =
  (setup: TrainingSetup): Body =>
  (inputs, noise) => ({ rows: onTape(() => runEstimator(setup, inputs, noise).rowCosts) });

export type Evaluator = ReturnType<typeof evaluator>;

/** Compiles each measure when it is first needed and keeps it until `dispose`. */
export function evaluator(engine: Engine, setup: TrainingSetup) {
  const { task } = setup;
  const compiled = new Map<string, Compiled>();

  async function compile(name: string, body: Body, inputs: Arrays): Promise<Compiled> {
    const shapes = shapesOf(inputs);
    const id = `${name} ${JSON.stringify(under("batch", shapes))}`;
    const made = compiled.get(id) ?? (await engine.compile(body, shapes));
    compiled.set(id, made);
    return made;
  }

  /**
   * One value for each row, chunk by chunk. `reduce` makes a chunk's values of draws s = 0, 1, ... of the body, each of so many
   * blocks of noise. The last chunk is filled up with its first row, which is then left out.
   */
  async function rowValues(
    name: string,
    body: Body,
    { split, rows: count, inputs, seed }: EvaluatedRows,
    { rows: chunkRows, blocks = 1 }: { readonly rows: number; readonly blocks?: number } = evaluationChunk,
    reduce: (draw: (s: number) => Promise<Float32Array>, rows: number) => Promise<ArrayLike<number>> = (
      draw,
    ) => draw(0),
  ): Promise<number[]> {
    const rows = chosenRows(task.name, split, task.splits[split], count);
    const size = Math.min(chunkRows, task.splits[split]);
    const values: number[] = [];
    let batch: Arrays | undefined;
    for (let at = 0; at < rows.length; at += size) {
      const part = rows.slice(at, at + size);
      const filled = Int32Array.from({ length: size }, (_, i) => part[i] ?? part[0]!);
      batch = task.gather(split, filled, batch);
      const given = { ...inputs, ...prefixed("batch", batch) };
      const run = await compile(name, body, given);
      const draw = async (s: number) => {
        const outputs = await run.run(
          given,
          noiseOf(task.name, seed, split, { at, size }, s * blocks, blocks),
        );
        return outputs["rows"]!.values;
      };
      values.push(...Array.from(await reduce(draw, size)).slice(0, part.length));
      await new Promise(setImmediate);
    }
    return values;
  }

  const summarise = (values: readonly number[], split: Split): RowMean => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const standardError = Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
    return { value: mean, standardError, rows: values.length, whole: values.length === task.splits[split] };
  };

  return {
    /** The cost of hard samples, one a row: −ELBO for models. `values` are those of the rows. */
    async cost(rows: EvaluatedRows): Promise<RowMean & { readonly values: readonly number[] }> {
      const values = await rowValues("cost", costBody(task), rows);
      return { ...summarise(values, rows.split), values };
    },

    /** A further measure that the task defines, such as the accuracy of a classifier. */
    async measure(name: string, rows: EvaluatedRows): Promise<RowMean> {
      return summarise(await rowValues(name, measureBody(task, name), rows), rows.split);
    },

    /** The estimator's training cost minus the hard cost `sharp` of the same rows. */
    async relaxationGap(rows: EvaluatedRows, sharp: readonly number[]): Promise<RowMean> {
      const soft = await rowValues("own", trainingCostBody(setup), rows);
      return summarise(
        soft.map((x, i) => x - sharp[i]!),
        rows.split,
      );
    },

    /** The m-sample bound of Burda et al. 2015: log (1/m) Σ exp(log weight), mean over rows. `m` is a multiple of 25, or below. */
    async bound(rows: EvaluatedRows, m: number, progress: () => void = () => undefined): Promise<RowMean> {
      const chunk = evaluationChunk.bound;
      const samples = Math.min(chunk.samples, m);
      if (m % samples !== 0)
        throw new Error(`evaluation: samples of the bound must be a multiple of ${samples}, got ${m}`);
      const draws = m / samples;
      let { blocks } = chunk;
      while (draws % blocks !== 0) blocks -= 1;
      const body = weightBody(task, samples * blocks);
      const name = `weight ${samples * blocks}`;
      const values = await rowValues(name, body, rows, { ...chunk, blocks }, async (draw, size) => {
        const sums = logMeanExp(size);
        for (let s = 0; s < draws / blocks; s++) sums.add(await draw(s));
        progress();
        return sums.means();
      });
      return summarise(values, rows.split);
    },

    dispose() {
      for (const made of compiled.values()) made.dispose();
      compiled.clear();
    },
  };
}

/**
 * Noise of the rows from `at` on, in blocks first, first + 1, ... of samples. What belongs to the data (a dynamic
 * binarisation, `data/...`) is the same for every seed, sample and size of chunk; everything else is drawn again for each.
 */
function noiseOf(
  task: string,
  seed: number,
  split: Split,
  { at, size }: { at: number; size: number },
  first: number,
  blocks: number,
): Fill {
  const drawn = Array.from({ length: blocks }, (_, b) =>
    stream("evaluation", task, seed, split, at, first + b),
  );
  return (name, out) => {
    if (name.startsWith("task/data/"))
      fillUniformQuickly(key("evaluation", task, split, name), out, (at / size) * out.length);
    else {
      const length = out.length / blocks;
      drawn.forEach((fill, b) => fill(name, out.subarray(b * length, (b + 1) * length)));
    }
  };
}

/** Log-mean-exp over samples for each row, in double precision. */
function logMeanExp(rows: number) {
  const top = new Float64Array(rows).fill(-Infinity);
  const sum = new Float64Array(rows);
  let count = 0;
  return {
    /** Adds negative log weights [S, B]. */
    add(negative: Float32Array): void {
      for (let i = 0; i < negative.length; i++) {
        const [b, log] = [i % rows, -negative[i]!];
        if (log > top[b]!) {
          sum[b] = sum[b]! * Math.exp(top[b]! - log) + 1;
          top[b] = log;
        } else sum[b]! += Math.exp(log - top[b]!);
      }
      count += negative.length / rows;
    },
    means: (): Float64Array => top.map((t, b) => t + Math.log(sum[b]! / count)),
  };
}
