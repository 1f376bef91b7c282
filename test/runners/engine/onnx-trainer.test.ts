import test from "ava";
import { createHash } from "node:crypto";
import type * as ort from "onnxruntime-node";
import { gradients, onTape, tf } from "../../../estimators/core/autodiff.ts";
import { cpuEngine } from "../../../runners/engine/eager.ts";
import type { Arrays, Engine, Fill, Trainer, Training } from "../../../runners/engine/engine.ts";
import { createTrainer } from "../../../runners/engine/onnx/onnx-trainer.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { createSessionCache, type SessionCache } from "../../../runners/engine/onnx/session-cache.ts";
import type { Optimiser } from "../../../tasks/task.ts";
import { differences } from "./short-training.ts";

const [rows, width, latents] = [4, 6, 3];
const adam: Optimiser = { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const radam: Optimiser = { ...adam, kind: "radam" };
const rmsprop: Optimiser = { kind: "rmsprop", decay: 0.9, epsilon: 1e-7 };
const sgd: Optimiser = { kind: "sgd", momentum: 0.9 };

const spread = (size: number, seed: number) => Float32Array.from({ length: size }, (_, i) => ((i + 1) * 0.6180339887 + seed * 0.37) % 1); // prettier-ignore
const weights = (shape: number[], seed: number) => ({ shape, values: spread(shape.reduce((a, b) => a * b, 1), seed).map((x) => x - 0.5) }); // prettier-ignore

/** A linear VAE with Bernoulli latents by Gumbel-Softmax, and a moving average of its cost as state. */
function training(optimiser: Optimiser): Training {
  const parameters: Arrays = {
    encoder: weights([width, latents], 1),
    "encoder bias": weights([latents], 2),
    decoder: weights([latents, width], 3),
    "decoder bias": weights([width], 4),
    scale: weights([], 5),
    unused: weights([5], 6),
  };
  return {
    parameters,
    state: { average: { shape: [], values: Float32Array.of(2) } },
    inputs: { features: [rows, width], rate: [], slow: [], temperature: [] },
    groups: [
      { names: Object.keys(parameters).slice(0, 4), optimiser, rate: "rate" },
      { names: ["scale", "unused"], optimiser: adam, rate: "slow" },
    ],
    body: (x, noise) =>
      onTape(() => {
        const p = Object.fromEntries(Object.keys(parameters).map((name) => [name, tf.clone(x[name]!)]));
        const logits = tf.add(tf.matMul(x["features"]!, p["encoder"]!), p["encoder bias"]!);
        const u = noise("z", [rows, latents]);
        const z = tf.sigmoid(tf.div(tf.add(logits, tf.log(tf.div(u, tf.sub(1, u)))), x["temperature"]!));
        const out = tf.add(tf.matMul(z, p["decoder"]!), p["decoder bias"]!);
        const cost = tf.sum(tf.sub(tf.softplus(out), tf.mul(x["features"]!, out)), -1);
        const loss = tf.mul(tf.mean(cost), tf.exp(p["scale"]!));
        const made = gradients(loss, Object.values(p));
        return {
          ...Object.fromEntries(Object.keys(p).map((name, i) => [`gradient/${name}`, made[i]!])),
          "state/average": tf.add(tf.mul(x["average"]!, 0.9), tf.mul(tf.mean(cost), 0.1)),
          "log/cost": tf.mean(cost),
        };
      }),
  };
}

const inputsAt = (step: number): Arrays => ({
  features: { shape: [rows, width], values: spread(rows * width, step).map(Math.round) },
  rate: { shape: [], values: Float32Array.of(0.05 / (1 + step)) },
  slow: { shape: [], values: Float32Array.of(0.01) },
  temperature: { shape: [], values: Float32Array.of(0.7) },
});
const fillAt = (step: number): Fill => (_name, out) => out.set(spread(out.length, 100 + step).map((u) => 0.05 + 0.9 * u)); // prettier-ignore

async function advance(
  trainer: Trainer,
  from: number,
  to: number,
  log: (step: number) => boolean = () => false,
) {
  const logged = [];
  for (let step = from; step < to; step++)
    logged.push(await trainer.step(inputsAt(step), fillAt(step), log(step)));
  return logged;
}

const flatten = (arrays: Arrays) => Object.entries(arrays).map(([name, { shape, values }]) => ({ name, shape: [...shape], bits: [...new Uint32Array(values.slice().buffer)] })).sort((a, b) => a.name.localeCompare(b.name)); // prettier-ignore

for (const [name, optimiser] of Object.entries({ adam, radam, rmsprop, sgd }))
  test(`a compiled training by ${name} follows the cpu engine step by step`, async (t) => {
    const engines: Engine[] = [await cpuEngine(), await createOnnxEngine()];
    const [eager, compiled] = [await engines[0]!.train(training(optimiser)), await engines[1]!.train(training(optimiser))]; // prettier-ignore
    for (let step = 0; step < 20; step++) {
      const [expected] = await advance(eager, step, step + 1, () => true);
      const [got] = await advance(compiled, step, step + 1, () => true);
      t.true(Math.abs(expected!["cost"]! - got!["cost"]!) <= 1e-5 * (1 + Math.abs(expected!["cost"]!)), `step ${step}: ${got!["cost"]} and ${expected!["cost"]}`); // prettier-ignore
      const [one, two] = [eager.save(), compiled.save()];
      t.is(two.step, step + 1);
      t.deepEqual(Object.keys(two.arrays).sort(), Object.keys(one.arrays).sort());
      t.deepEqual(differences(one.arrays, two.arrays), [], `step ${step}`);
      // The next step starts from a shared state: rounding is compared once, not piled up.
      compiled.restore(one);
    }
  });

test("a compiled training repeats its bits, whether or not it logs", async (t) => {
  const engine = await createOnnxEngine();
  const [one, two] = [await engine.train(training(adam)), await engine.train(training(adam))];
  await advance(one, 0, 30);
  const logged = await advance(two, 0, 30, (step) => step % 3 === 0);
  t.deepEqual(flatten(two.save().arrays), flatten(one.save().arrays));
  t.is(logged.filter((x) => x !== undefined).length, 10);
});

test("a compiled training goes on from a snapshot bit for bit", async (t) => {
  const engine = await createOnnxEngine();
  const [whole, resumed] = [await engine.train(training(sgd)), await engine.train(training(sgd))];
  await advance(whole, 0, 7);
  const snapshot = whole.save();
  await advance(whole, 7, 20);
  resumed.restore(snapshot);
  await advance(resumed, 7, 20);
  t.deepEqual(flatten(resumed.save().arrays), flatten(whole.save().arrays));
});

test("a compiled training refuses a gradient that is missing and a batch of another size", async (t) => {
  const engine = await createOnnxEngine();
  const whole = training(sgd);
  const lacking: Training = {
    ...whole,
    body: (x, noise) =>
      Object.fromEntries(
        Object.entries(whole.body(x, noise)).filter(([name]) => name !== "gradient/decoder"),
      ),
  };
  await t.throwsAsync(engine.train(lacking), { message: /must give gradient\/decoder of shape \[3,6\]/ });
  const trainer = await engine.train(whole);
  const short = { ...inputsAt(0), features: { shape: [2, width], values: new Float32Array(2 * width) } };
  await t.throwsAsync(trainer.step(short, fillAt(0), false), {
    message: /"features" must have shape \[4,6\]/,
  });
});

test("parameters of a compiled training feed another compiled body", async (t) => {
  const engine = await createOnnxEngine();
  const trainer = await engine.train(training(sgd));
  const sum = await engine.compile(({ decoder }) => ({ total: tf.sum(decoder!) }), {
    decoder: [latents, width],
  });
  const { total } = await sum.run({ decoder: trainer.parameters()["decoder"]! }, () => undefined);
  const expected = training(sgd).parameters["decoder"]!.values.reduce((a, b) => a + b, 0);
  t.true(Math.abs(total!.values[0]! - expected) < 1e-5);
});

test("outputs left in place and outputs copied are the same bits, and the engine says which it does", async (t) => {
  const [inPlace, copied] = [await createOnnxEngine(), await createOnnxEngine({ outputs: "copied" })];
  t.regex(String(inPlace.description["outputs"]), /^in place$|^copied \(.+\)$/);
  t.is(copied.description["outputs"], "copied");
  const [one, two] = [await inPlace.train(training(adam)), await copied.train(training(adam))];
  const [first, second] = [await advance(one, 0, 10, () => true), await advance(two, 0, 10, () => true)];
  t.deepEqual(first, second);
  t.deepEqual(flatten(two.save().arrays), flatten(one.save().arrays));
});

test.serial("a step with copied outputs leaves none of the copies behind", async (t) => {
  const engine = await createOnnxEngine({ outputs: "copied" });
  const trainer = await engine.train(large());
  const step = () => trainer.step(largeInputs, () => undefined, false);
  const grown: number[] = [];
  await step();
  for (let i = 0; i < 10; i++) {
    const before = process.memoryUsage().arrayBuffers;
    await step();
    grown.push(process.memoryUsage().arrayBuffers - before);
  }
  // The two gradients of a step are 627,200 bytes. The median: whatever else the process does may allocate beside a step.
  t.true(grown.sort((a, b) => a - b)[5]! < 100_000, `bytes left by each step: ${grown.join(", ")}`);
  trainer.dispose();
  await engine.close();
});

test("cells that differ only in numbers share a session, which a closed engine releases", async (t) => {
  const opened: ort.InferenceSession[] = [];
  const sessions = createSessionCache({ device: "cpu", threads: 1 });
  const watched: SessionCache = {
    ...sessions,
    async get(graph, sequenceFirst) {
      const shared = await sessions.get(graph, sequenceFirst);
      opened.push(shared.session);
      return shared;
    },
  };
  const [first, second] = [await createTrainer(training(sgd), watched), await createTrainer(training(sgd), watched)]; // prettier-ignore
  t.is(opened.length, 2);
  t.is(new Set(opened).size, 1, "the second compiles nothing");
  first.dispose();
  await advance(second, 0, 1);
  t.is((await advance(second, 1, 2, () => true)).length, 1, "the session outlives one of its holders");
  second.dispose();
  let released = 0;
  const release = opened[0]!.release.bind(opened[0]);
  opened[0]!.release = () => (released++, release());
  await sessions.close();
  t.is(released, 1);
});

test("a training whose logged step cannot open a session is disposed of in silence, and none is kept", async (t) => {
  const sessions = createSessionCache({ device: "cpu", threads: 1 });
  let count = 0;
  const failing: SessionCache = {
    ...sessions,
    get: (graph, sequenceFirst) =>
      ++count === 2 ? Promise.reject(new Error("no session today")) : sessions.get(graph, sequenceFirst),
  };
  const trainer = await createTrainer(training(sgd), failing);
  await t.throwsAsync(
    advance(trainer, 0, 1, () => true),
    { message: "no session today" },
  );
  trainer.dispose();
  await new Promise(setImmediate);
  await sessions.close();
});

/** Large enough that ONNX Runtime shares products and sums out among its threads. */
function large(): Training {
  const [batch, wide, narrow] = [100, 392, 200];
  return {
    parameters: { encoder: weights([wide, narrow], 1), decoder: weights([narrow, wide], 2) },
    state: {},
    inputs: { features: [batch, wide], rate: [] },
    groups: [{ names: ["encoder", "decoder"], optimiser: adam, rate: "rate" }],
    body: (x) =>
      onTape(() => {
        const [a, b] = [tf.clone(x["encoder"]!), tf.clone(x["decoder"]!)];
        const codes = tf.softmax(tf.reshape(tf.matMul(x["features"]!, a), [batch, 20, 10]));
        const out = tf.matMul(tf.reshape(codes, [batch, narrow]), b);
        const cost = tf.mean(tf.sum(tf.sub(tf.softplus(out), tf.mul(x["features"]!, out)), -1));
        const [first, second] = gradients(cost, [a, b]);
        return { "gradient/encoder": first!, "gradient/decoder": second!, "log/cost": cost };
      }),
  };
}

const largeInputs: Arrays = {
  features: { shape: [100, 392], values: spread(39200, 9).map(Math.round) },
  rate: { shape: [], values: Float32Array.of(0.01) },
};

const digest = (arrays: Arrays) =>
  createHash("sha256")
    .update(JSON.stringify(flatten(arrays)))
    .digest("hex");

/** Three threads share the columns of a product out otherwise than one: that is why a cell's hash has their number. */
test("a number of threads repeats its bits, and all numbers agree to rounding", async (t) => {
  const run = async (threads: number) => {
    const engine = await createOnnxEngine({ threads });
    t.is(engine.description["threads"], threads);
    const trainer = await engine.train(large());
    let cost = NaN;
    for (let step = 0; step < 3; step++)
      cost = (await trainer.step(largeInputs, () => undefined, true))!["cost"]!;
    const bits = digest(trainer.save().arrays);
    await engine.close();
    return { cost, bits };
  };
  const one = await run(1);
  const bits = new Map<number, string>();
  for (const threads of [1, 2, 3]) {
    const [first, second] = [await run(threads), await run(threads)];
    t.is(first.bits, second.bits, `${threads} threads`);
    t.true(Math.abs(first.cost - one.cost) <= 1e-5 * (1 + one.cost), `${threads} threads`);
    bits.set(threads, first.bits);
  }
  t.is(bits.get(1), one.bits);
  t.true([2, 3].some((threads) => bits.get(threads) !== one.bits), "no number of threads moves a bit here: the hash need not have it"); // prettier-ignore
});

test("a compiled training keeps its memory over thousands of steps", async (t) => {
  const trainer = await (await createOnnxEngine()).train(training(sgd));
  await advance(trainer, 0, 1000, (step) => step % 100 === 0);
  const before = process.memoryUsage().rss;
  await advance(trainer, 1000, 6000, (step) => step % 100 === 0);
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  // 5000 steps that leaked as little as one gradient each would grow by more.
  t.true(grown < 20, `the process grew by ${grown.toFixed(1)} MiB in 5000 steps`);
});
