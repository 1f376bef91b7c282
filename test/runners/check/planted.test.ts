/**
 * Mistakes of published code that are not an estimator's: planted in a task, an evaluator, data or statistics, and
 * caught by an audit that the right one passes.
 */
import { serial as test } from "../../require.ts";
import { tf } from "../../../estimators/core/autodiff.ts";
import gs from "../../../estimators/gs.ts";
import rloo from "../../../estimators/rloo.ts";
import {
  estimator,
  type Estimator,
  type Named,
  type OptionSpecs,
  type SiteSpec,
  type T,
} from "../../../estimators/estimator.ts";
import { hard, row, score } from "../../../estimators/core/toolkit.ts";
import bern2 from "../../../tasks/bern2.ts";
import bits from "../../../tasks/bits.ts";
import cat10 from "../../../tasks/cat10.ts";
import sbn10 from "../../../tasks/sbn10.ts";
import sbn2 from "../../../tasks/sbn2.ts";
import type { Task, TaskDefinition, Trace } from "../../../tasks/task.ts";
import type { Noise } from "../../../runners/engine/engine.ts";
import { openProgram } from "../../../runners/train/program.ts";
import { noPriors } from "../../estimators/measured.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";
import { evaluator } from "../../../runners/train/evaluation.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { allInputs, firstRows } from "../../../runners/train/step-inputs.ts";
import { setUpTraining, type TrainingSetup } from "../../../runners/train/training-setup.ts";
import { randomTensors } from "../../../runners/train/noise-streams.ts";
import { resultsOf } from "./results.ts";

const create = (definition: TaskDefinition, given: Record<string, number | string>): Promise<Task> =>
  definition.create(resolveOptions(given, { who: definition.name, specs: definition.options }), {});

/** A task's program and its terms, on the reference backend, at random parameters. */
async function built<R>(task: Task, use: (parts: { parameters: Named; batch: Named }) => R): Promise<R> {
  await tf.setBackend("cpu");
  const random = randomTensors("planted", task.name);
  const start = task.init(random);
  const parameters = Object.fromEntries(
    Object.entries(start).map(([name, x]) => [name, tf.add(x, tf.sub(random(`move/${name}`, x.shape), 0.5))]),
  );
  const arrays = task.gather("train", firstRows(task));
  const batch = Object.fromEntries(
    Object.entries(arrays).map(([name, { values, shape }]) => [name, tf.tensor(values, [...shape])]),
  );
  return use({ parameters, batch });
}

const half: Noise = (_name, shape) => tf.fill([...shape], 0.5);

/** Σ_z q(z | x) of the program's values in this form, over all configurations of its one site, with direct terms. [B] */
function expectation(
  task: Task,
  { parameters, batch }: { parameters: Named; batch: Named },
  form: "cost" | "weight",
): T {
  const { family, shape } = task.sites[0]!;
  const [D, K] = [family.variables(shape), family.outcomes(shape)];
  const chosen = Array.from(
    { length: K ** D * D },
    (_, i) => Math.floor(Math.floor(i / D) / K ** (i % D)) % K,
  );
  const table = family.rank === 0 ? tf.tensor1d([0, 1]) : tf.eye(shape.at(-1)!);
  const codes = tf.reshape(tf.gather(table as T, tf.tensor1d(chosen, "int32")), [-1, 1, ...shape]);
  const { run, direct } = openProgram(task, parameters, batch, half, "test", { form });
  const { cost, logp } = run(() => tf.tile(codes, [1, task.rows, ...shape.map(() => 1)]));
  return tf.add(tf.sum(tf.mul(tf.exp(logp), cost), 0), direct() ?? 0);
}

/** |E_q[cost] + direct − E_q[−log weight]|, the largest over rows: two ways to the same −ELBO. */
const elboGap = (task: Task) =>
  built(task, (parts) => {
    const [split, whole] = [expectation(task, parts, "cost"), expectation(task, parts, "weight")];
    return tf.max(tf.abs(tf.sub(split, whole))).dataSync()[0]!;
  });

const vaes = [
  [bern2, { variables: 4 }, "its variables the other way round", (prior: T) => tf.reverse(prior, -1)],
  [
    cat10,
    { variables: 2, categories: 3 },
    "outcome by outcome",
    (prior: T) => tf.reshape(tf.transpose(prior), prior.shape),
  ],
] as const;

for (const [definition, given, how, reordered] of vaes)
  test(`a KL whose prior is laid out in another order than the posterior differs from the log weights, on ${definition.name}: ${how}`, async (t) => {
    const task = await create(definition, { side: "4", batch: 8, prior: "learned", ...given });
    const [site] = task.sites as [SiteSpec];
    const family = { ...site.family, kl: (q: T, p: T) => site.family.kl(q, reordered(p)) };
    const planted: Task = { ...task, sites: [{ ...site, family }] };
    t.true((await elboGap(task)) < 1e-4);
    t.true((await elboGap(planted)) > 1e-2);
  });

/** An answer to a question for a sample, with its leading axis: logits of a second layer have it already. */
const answered = (task: Task, name: string, x: T): T =>
  x.rank === task.sites.find((site) => site.name === name)!.shape.length + 1 ? tf.expandDims(x, 0) : x;

/** Share of a layer's logits below zero at random parameters: about a half for an affine last layer. */
const negativeShare = (task: Task, layer: string) =>
  built(task, ({ parameters, batch }) => {
    let share = 0;
    task.model(parameters, batch, half).program({
      ...noPriors,
      sample(name, logits) {
        if (name === layer) share = tf.mean(tf.cast(tf.less(logits, 0), "float32")).dataSync()[0]!;
        return answered(task, name, tf.sigmoid(logits));
      },
    });
    return share;
  });

const small = { side: "4", batch: 8 };
const models = [
  [bern2, { ...small, variables: 4 }],
  [cat10, { ...small, variables: 3, categories: 4 }],
  [sbn2, { ...small, variables: 4 }],
  [sbn10, { ...small, variables: 3, categories: 4 }],
] as const;

for (const [definition, given] of models)
  test(`an encoder with a ReLU on its logits has none below zero, on ${definition.name}`, async (t) => {
    const task = await create(definition, given);
    const planted: Task = {
      ...task,
      model(parameters, batch, random) {
        const { program } = task.model(parameters, batch, random);
        return {
          program: (trace) =>
            program({ ...trace, sample: (name, logits) => trace.sample(name, tf.relu(logits)) }),
        };
      },
    };
    for (const { name } of task.sites) {
      const share = await negativeShare(task, name);
      t.true(share > 0.1 && share < 0.9, `share ${share} of ${name}`);
      t.is(await negativeShare(planted, name), 0);
    }
  });

/** Whether two steps see different targets: the cost at the same code differs. */
const redraws = (task: Task) =>
  built(task, ({ parameters, batch }) => {
    const costOf = (step: number) => {
      const { program } = task.model(parameters, batch, randomTensors("step", step));
      const sample: Trace["sample"] = (name, logits) => answered(task, name, tf.zerosLike(logits));
      return (program({ ...noPriors, sample }) as T).dataSync();
    };
    const [first, second] = [costOf(0), costOf(1)];
    return first.some((x, i) => x !== second[i]);
  });

for (const [definition, given] of models)
  test(`a binarisation that is dynamic in name, but done once, gives two steps the same targets, on ${definition.name}`, async (t) => {
    const task = await create(definition, { ...given, binarisation: "dynamic" });
    const planted: Task = {
      ...task,
      model: (parameters, batch) => task.model(parameters, batch, randomTensors("once")),
    };
    t.true(await redraws(task));
    t.false(await redraws(planted));
    t.false(await redraws(await create(definition, { ...given, binarisation: "fixed" })));
  });

async function sourceOf(task: Task, of: Estimator): Promise<TrainingSetup> {
  const settings = resolveOptions({}, { who: of.name, specs: of.options as OptionSpecs });
  return setUpTraining(task, of, settings, 0);
}

interface Evaluated {
  readonly cost: () => Promise<number>;
  readonly bound: (m: number) => Promise<number>;
  readonly gap: () => Promise<number>;
}

async function evaluated(of: Estimator): Promise<Evaluated> {
  const task = await create(bits, { rows: 500, p: 0.3, t: 0.1 });
  const source = await sourceOf(task, of);
  const rows = { split: "train", rows: 200, inputs: allInputs(source), seed: 0 } as const;
  const evaluate = evaluator(await wasmEngine(), source);
  return {
    cost: async () => (await evaluate.cost(rows)).value,
    bound: async (m) => (await evaluate.bound(rows, m)).value,
    gap: async () => (await evaluate.relaxationGap(rows, (await evaluate.cost(rows)).values)).value,
  };
}

/** Whether an evaluation gives two estimators the same number at the same parameters, bit for bit. */
async function impartial(evaluate: (of: Estimator, ready: Evaluated) => Promise<number>): Promise<boolean> {
  const values = [];
  for (const of of [gs, rloo]) values.push(await evaluate(of, await evaluated(of)));
  return values[0] === values[1];
}

test("an evaluation that is partial to some estimators is told from the one evaluator", async (t) => {
  t.true(await impartial((_of, { cost }) => cost()));
  const relaxed = async ({ claims }: Estimator, { cost, gap }: Evaluated) =>
    (await cost()) + (claims.relaxed ? await gap() : 0);
  t.false(await impartial(relaxed));
  t.true(await impartial((_of, { bound }) => bound(50)));
  t.false(await impartial(({ name }, { bound }) => bound(name === "rloo" ? 100 : 50)));
});

/** REINFORCE with a bias of ±.1 that cancels in the mean over coordinates. */
const opposed = estimator({
  name: "opposed",
  title: "Opposite biases",
  options: {},
  claims: {
    requires: ["bits"],
    sites: "one",
    unbiased: true,
    needs: "values",
    evaluations: () => ({ forward: 1, backward: 0 }),
  },
  estimate({ run, uniform }) {
    const { cost, logp, drawn } = run((site) => hard(site, uniform(site)));
    const { logits } = drawn[0]!.site;
    const D = logits.shape.at(-1)!;
    const shift = tf.tensor1d(Array.from({ length: D }, (_, d) => (D === 1 ? 0 : d % 2 === 0 ? 0.3 : -0.3)));
    return { surrogate: tf.add(score(cost, cost, logp), tf.mean(row(tf.mul(shift, logits)))) };
  },
});

test("opposite biases, which cancel in the mean over parameters, are found by coordinate", async (t) => {
  const { failed, text } = await resultsOf(opposed, ["bias"]);
  t.deepEqual(failed, ["bias"], text);
});
