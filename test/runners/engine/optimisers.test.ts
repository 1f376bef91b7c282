/** The optimisers against their formulas in plain numbers, and the compiled loop against the function that it was made from. */
import test from "ava";
import { tf } from "../../../estimators/core/autodiff.ts";
import type { T } from "../../../estimators/estimator.ts";
import { slotName, update, updateRule } from "../../../runners/engine/optimisers.ts";
import { updateLoop } from "../../../runners/engine/onnx/update-loop.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import quadratic from "../../../tasks/quadratic.ts";
import type { Optimiser } from "../../../tasks/task.ts";

const rate = 0.01;
const sgd: Optimiser = { kind: "sgd", momentum: 0.9 };
const rmsprop: Optimiser = { kind: "rmsprop", decay: 0.9, epsilon: 1e-7 };
const constants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const adam: Optimiser = { kind: "adam", ...constants };
const radam: Optimiser = { kind: "radam", ...constants };

/** The step at the t-th gradient, t from 1, from sums over all gradients so far. */
const formulas: Record<string, (gradients: number[]) => number> = {
  sgd: (g) => g.reduce((v, x) => 0.9 * v + x, 0),
  rmsprop: (g) => g.at(-1)! / (Math.sqrt(decayed(g.map(square), 0.9)) + 1e-7),
  adam: (g) => unbiased(g, 0.9) / (Math.sqrt(unbiased(g.map(square), 0.999)) + 1e-8),
  radam(g) {
    const t = g.length;
    const [limit, power] = [2 / (1 - 0.999) - 1, 0.999 ** t];
    const length = limit - (2 * t * power) / (1 - power);
    if (length <= 5) return unbiased(g, 0.9);
    const r = Math.sqrt(((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length));
    return (r * unbiased(g, 0.9)) / (Math.sqrt(unbiased(g.map(square), 0.999)) + 1e-8);
  },
};
const square = (x: number) => x ** 2;
/** (1 − β) Σ βᵗ⁻ⁱ xᵢ */
const decayed = (x: number[], beta: number) => x.reduce((sum, y) => beta * sum + (1 - beta) * y, 0);
const unbiased = (x: number[], beta: number) => decayed(x, beta) / (1 - beta ** x.length);

for (const optimiser of [sgd, rmsprop, adam, radam])
  test.serial(`${optimiser.kind} follows its formula`, async (t) => {
    await tf.setBackend("cpu");
    let p = 0;
    let held: Record<string, T> = { p: tf.scalar(0) };
    for (const slot of updateRule(optimiser).slots) held[slotName(slot, "p")] = tf.scalar(0);
    const gradients = [2e-6, -3e-6, 0.5, 1e-7, 0.2, -0.1, 0.3, 1];
    for (const [i, g] of gradients.entries()) {
      p -= rate * formulas[optimiser.kind]!(gradients.slice(0, i + 1));
      held = update(optimiser, "p", held, tf.scalar(g), tf.scalar(rate), i + 1);
      const [got = NaN] = held["p"]!.dataSync();
      t.true(Math.abs(got - p) <= 3e-6 * Math.abs(p), `after ${i + 1}: ${got} against ${p}`);
    }
  });

for (const optimiser of [sgd, rmsprop, adam, radam])
  test.serial(`${optimiser.kind} has the same bits as a function of tensors and as a loop`, async (t) => {
    await tf.setBackend("cpu");
    const names = ["parameter", "gradient", ...updateRule(optimiser).slots];
    const memory = new WebAssembly.Memory({ initial: 1 });
    const length = 40;
    const views = names.map((_, i) => new Float32Array(memory.buffer, 256 * i, length));
    const addresses = Object.fromEntries(views.map(({ byteOffset }, i) => [names[i]!, byteOffset]));
    const loop = updateLoop(optimiser, { addresses, bytes: 4 * length }, memory);
    let held: Record<string, T> = { parameter: tf.tensor(views[0]!.map((_, i) => Math.cos(i))) };
    views[0]!.set(held["parameter"]!.dataSync());
    for (const slot of updateRule(optimiser).slots) held[slotName(slot, "parameter")] = tf.zeros([length]);
    for (let step = 1; step <= 12; step++) {
      views[1]!.forEach((_, i, g) => (g[i] = Math.sin(i * step) * 10 ** ((i % 9) - 6)));
      held = update(optimiser, "parameter", held, tf.tensor(views[1]!.slice()), tf.scalar(rate), step);
      loop(rate, step);
      for (const [i, name] of names.entries())
        if (name !== "gradient")
          t.deepEqual(views[i], (held[name] ?? held[slotName(name, "parameter")]!).dataSync<"float32">(), `${name} after ${step}`); // prettier-ignore
    }
  });

test("quadratic is trained by RMSprop at the rate 0.01", async (t) => {
  const { options } = quadratic;
  const task = await quadratic.create(resolveOptions({}, { who: "quadratic", specs: options }), {});
  t.deepEqual([task.optimiser, task.learningRate(0)], [rmsprop, rate]);
});
