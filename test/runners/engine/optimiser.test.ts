/** The optimisers against their rules in plain numbers. */
import test from "ava";
import { tf } from "../../../estimators/core/autodiff.ts";
import type { T } from "../../../estimators/estimator.ts";
import { slotNames, update } from "../../../runners/engine/optimiser.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import quadratic from "../../../tasks/quadratic.ts";

test("quadratic is trained by RMSprop: v ← .9v + .1g², p ← p − .01 g / (√v + 1e-7)", async (t) => {
  await tf.setBackend("cpu");
  const { options } = quadratic;
  const task = await quadratic.create(resolveOptions({}, { who: "quadratic", specs: options }), {});
  const rate = task.learningRate(0);
  t.is(rate, 0.01);
  let [p, v] = [0, 0];
  let held: Record<string, T> = { p: tf.scalar(0) };
  for (const slot of slotNames(task.optimiser, "p")) held[slot] = tf.scalar(0);
  [2e-6, -3e-6, 0.5, 1e-7].forEach((g, i) => {
    v = 0.9 * v + 0.1 * g ** 2;
    p -= (0.01 * g) / (Math.sqrt(v) + 1e-7);
    held = update(task.optimiser, "p", held["p"]!, tf.scalar(g), held, tf.scalar(rate), i + 1);
    const got = held["p"]!.dataSync()[0]!;
    t.true(Math.abs(got - p) <= 1e-6 * Math.abs(p), `after ${i + 1}: ${got} against ${p}`);
  });
});
