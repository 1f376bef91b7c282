/**
 * The one evaluator: hard samples, the same rows, the same noise and the same m for every estimator. It never sees
 * the estimator, save for the relaxation gap, where it compares the estimator's own training cost with the hard one.
 */
import { onTape, tf } from "../../estimators/core/autodiff.ts";
import type { T } from "../../estimators/estimator.ts";
import { hard } from "../../estimators/core/toolkit.ts";
import type { Arrays, Split, Task } from "../../tasks/task.ts";
import { key } from "../../tasks/noise.ts";
import type { Body, Compiled, Engine, Fill, Noise } from "../engine/engine.ts";
import { fillUniform } from "../engine/wasm/threefry.ts";
import { play, player, stepOptions, taskRandom } from "./program.ts";
import { prefixed, scalarShapes, type StepSource, under } from "./step.ts";
import { chosenRows, stream } from "./noise-streams.ts";

export interface Estimated {
  readonly value: number;
  /** Of the mean over rows. */
  readonly standardError: number;
  readonly rows: number;
  readonly whole: boolean;
}

/** Rows of one evaluation of a body, and rows × samples of the bound: few enough to stay in the cache. */
const chunk = { rows: 100, bound: { rows: 10, samples: 25 } };

/** Hard samples from the noise named after each site. */
const hardSampler = (noise: Noise, rows: number, samples: number) => (site: Parameters<typeof hard>[0]) =>
  hard(site, noise(site.name, [samples, rows, ...site.shape]));

/** −ELBO per row with one hard sample and the direct terms [B]. */
function costBody(task: Task): Body {
  return (inputs, noise) => {
    const batch = under("batch", inputs);
    const rows = batch["features"]!.shape[0];
    const built = task.build(under("task", inputs), batch, taskRandom(noise));
    const { cost } = player(task, built, {}, rows, "evaluation")(hardSampler(noise, rows, 1));
    const mean = tf.mean(cost, 0);
    return { cost: built.direct ? tf.add(mean, built.direct) : mean };
  };
}

/** −log weights of hard samples [S, B]. */
function weightBody(task: Task, samples: number): Body {
  return (inputs, noise) => {
    const batch = under("batch", inputs);
    const rows = batch["features"]!.shape[0];
    const program = task.negativeLogWeight(under("task", inputs), batch, taskRandom(noise));
    return {
      weight: player(task, { program }, {}, rows, "evaluation")(hardSampler(noise, rows, samples)).cost,
    };
  };
}

/** A further measure of the task's, per row [B]. */
function measureBody(task: Task, name: string): Body {
  return (inputs, noise) => ({
    cost: task.measures![name]!(under("task", inputs), under("batch", inputs), taskRandom(noise)),
  });
}

/** The estimator's own training cost per row [B], at its own samples. */
function ownBody({ task, estimator, settings }: StepSource): Body {
  return (inputs, noise) => ({
    cost: onTape(
      (): T =>
        play(task, estimator, {
          parameters: under("task", inputs),
          own: under("own", inputs),
          state: under("state", inputs),
          batch: under("batch", inputs),
          options: stepOptions(estimator, settings, inputs),
          noise,
        }).rowCosts,
    ),
  });
}

/** Compiles bodies when first wanted and keeps them. */
export function evaluator(engine: Engine, source: StepSource) {
  const { task } = source;
  const compiled = new Map<string, Promise<Compiled>>();
  const arrayShapes = (arrays: Arrays) =>
    Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, a.shape]));
  const get = (name: string, split: Split, body: Body, size: number): Promise<Compiled> => {
    const batch = prefixed("batch", arrayShapes(task.gather(split, new Int32Array(size))));
    const id = `${name} ${JSON.stringify(batch)}`;
    const known = compiled.get(id);
    if (known) return known;
    const { initial } = source;
    const made = engine.compile(body, {
      ...scalarShapes(source),
      ...batch,
      ...prefixed("task", arrayShapes(initial.parameters)),
      ...prefixed("own", arrayShapes(initial.own)),
      ...prefixed("state", arrayShapes(initial.state)),
    });
    compiled.set(id, made);
    return made;
  };

  /** Runs over the chosen rows; the last chunk is filled up with its first row, which is then left out. */
  async function* overRows(split: Split, wanted: number | "all", inputs: Arrays, size: number) {
    const rows = chosenRows(task.name, split, task.splits[split], wanted);
    let batch: Arrays | undefined;
    for (let at = 0; at < rows.length; at += size) {
      const part = rows.slice(at, at + size);
      const filled = Int32Array.from({ length: size }, (_, i) => part[i] ?? part[0]!);
      batch = task.gather(split, filled, batch);
      yield {
        given: { ...inputs, ...prefixed("batch", batch) },
        count: part.length,
        at,
      };
      await new Promise(setImmediate);
    }
  }

  const summarise = (values: readonly number[], split: Split): Estimated => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const standardError = Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
    return { value: mean, standardError, rows: values.length, whole: values.length === task.splits[split] };
  };

  async function rowValues(
    name: string,
    body: Body,
    split: Split,
    wanted: number | "all",
    inputs: Arrays,
    seed: number,
  ) {
    const size = Math.min(chunk.rows, task.splits[split]);
    const run = await get(name, split, body, size);
    const values: number[] = [];
    for await (const { given, count, at } of overRows(split, wanted, inputs, size)) {
      const { cost } = await run.run(given, noiseOf(task.name, seed, split, { at, size }, 0));
      values.push(...cost!.values.subarray(0, count));
    }
    return values;
  }

  return {
    /** The cost of hard samples, one a row: −ELBO for models. */
    async cost(split: Split, wanted: number | "all", inputs: Arrays, seed: number): Promise<Estimated> {
      return summarise(await rowValues("cost", costBody(task), split, wanted, inputs, seed), split);
    },

    /** One of the task's own measures. */
    async measure(
      name: string,
      split: Split,
      wanted: number | "all",
      inputs: Arrays,
      seed: number,
    ): Promise<Estimated> {
      return summarise(await rowValues(name, measureBody(task, name), split, wanted, inputs, seed), split);
    },

    /** Soft training cost minus hard cost on the same rows. */
    async relaxationGap(split: Split, wanted: number, inputs: Arrays, seed: number): Promise<Estimated> {
      const soft = await rowValues("own", ownBody(source), split, wanted, inputs, seed);
      const sharp = await rowValues("cost", costBody(task), split, wanted, inputs, seed);
      return summarise(
        soft.map((x, i) => x - sharp[i]!),
        split,
      );
    },

    /** log (1/m) Σ exp(log weight), mean over rows: the m-sample bound. */
    async bound(
      split: Split,
      wanted: number | "all",
      m: number,
      inputs: Arrays,
      seed: number,
      progress: (share: number) => void = () => undefined,
    ): Promise<Estimated> {
      const samples = Math.min(chunk.bound.samples, m);
      const size = Math.min(chunk.bound.rows, task.splits[split]);
      if (m % samples !== 0)
        throw new Error(`evaluation: samples of the bound must be a multiple of ${samples}, got ${m}`);
      const run = await get(`weight ${samples}`, split, weightBody(task, samples), size);
      const values: number[] = [];
      const total = wanted === "all" ? task.splits[split] : Math.min(wanted, task.splits[split]);
      for await (const { given, count, at } of overRows(split, wanted, inputs, size)) {
        const sums = logMeanExp(size);
        for (let s = 0; s < m / samples; s++) {
          const { weight } = await run.run(given, noiseOf(task.name, seed, split, { at, size }, s));
          sums.add(weight!.values);
        }
        values.push(...sums.means().subarray(0, count));
        progress(values.length / total);
      }
      return summarise(values, split);
    },

    dispose() {
      // Who asked for what did not compile was told.
      for (const made of compiled.values())
        void made.then(
          (c) => c.dispose(),
          () => undefined,
        );
      compiled.clear();
    },
  };
}

/**
 * Noise of the rows from `at` on. What belongs to the data (a dynamic binarisation, `data/...`) is the same for every
 * seed, sample and size of chunk; everything else is drawn anew.
 */
function noiseOf(
  task: string,
  seed: number,
  split: Split,
  { at, size }: { at: number; size: number },
  s: number,
): Fill {
  const drawn = stream("evaluation", task, seed, split, at, s);
  return (name, out) => {
    if (!name.startsWith("task/data/")) drawn(name, out);
    else fillUniform(key("evaluation", task, split, name), out, (at / size) * out.length);
  };
}

/** Log-mean-exp over samples for each row, in double precision. */
function logMeanExp(rows: number) {
  const top = new Float64Array(rows).fill(-Infinity);
  const sum = new Float64Array(rows);
  let count = 0;
  return {
    /** Negative log weights [S, B]. */
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
