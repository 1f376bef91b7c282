/** Theorems of redge: its limits, and the law of its samples. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { draw, flat, ownToy, subject } from "./measured.ts";

const site: SiteSpec = { name: "z", family: categorical, shape: [2, 3] };
const phi = [0.7, -1.1, 0.3, -0.4, 0.9, 0.2];
const quartic = (x: T) => tf.pow(tf.sub(tf.sum(tf.mul(x, tf.tensor2d(phi, [2, 3])), [-2, -1]), 0.6), 4);
const close = (a: ArrayLike<number>, b: ArrayLike<number>, within: number): boolean =>
  a.length === b.length &&
  Array.from(a).every((x, i) => Math.abs(x - b[i]!) <= within * (1 + Math.abs(b[i]!)));

/** Gradients and samples of so many rows. */
async function drawn(name: string, options: Settings, rows: number) {
  let samples: number[] = [];
  const task = await ownToy(site, tf.tensor2d(phi, [2, 3]), rows, (x) => {
    samples = [...x.dataSync()];
    return quartic(x);
  });
  return { gradient: flat(await draw(subject(name, options), task)), samples };
}

test("redge with two steps and noise alone before the last is st, and zgr with that as the last step", async (t) => {
  const start = 1 - 1e-7;
  for (const [last, name] of [
    ["pathwise", "st"],
    ["zgr", "zgr"],
  ] as const)
    for (const noise of ["standard", "matched"]) {
      const redge = await drawn("redge", { steps: 2, start, last, noise }, 60);
      const limit = await drawn(name, {}, 60);
      t.deepEqual(redge.samples, limit.samples);
      t.true(close(redge.gradient, limit.gradient, 1e-4));
    }
});

// Paired by noise. False alarm: 6 coordinates beyond 5.5, 6 × 3.8e-8 < 1e-6; 5.5 standard errors are below 3 % of the norm.
test("for a linear cost the mean of ReinDGE over the sample is ReDGE, through all steps", async (t) => {
  const rows = 20_000;
  const weights = [
    [1.5, -1, 0.8],
    [1.2, -0.7, 0.4],
  ];
  const task = await ownToy(site, tf.tensor2d(phi, [2, 3]), rows, (x) =>
    tf.sum(tf.mul(x, weights), [-2, -1]),
  );
  const of = async (last: string) =>
    flat(await draw(subject("redge", { steps: 4, last }), task, { many: true }));
  const [pathwise, zgr] = [await of("pathwise"), await of("zgr")];
  let size = 0;
  for (let k = 0; k < 6; k++) {
    const differences = pathwise.flatMap((x, i) => (i % 6 === k ? [zgr[i]! - x] : []));
    const mean = differences.reduce((a, b) => a + b, 0) / rows;
    const error = Math.sqrt(differences.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / rows;
    t.true(Math.abs(mean) < 5.5 * error && error > 0 && 5.5 * error < 0.03, `${mean} ± ${error}`);
    size += (pathwise.filter((_, i) => i % 6 === k).reduce((a, b) => a + b, 0) / rows) ** 2;
  }
  t.true(Math.sqrt(size) > 0.5);
});

// χ² over 2 degrees of freedom; the 10⁻⁶ quantile is 27.6.
test("redge's samples do not follow the model with three steps, and come closer with more", async (t) => {
  const [rows, logits] = [40_000, [1.6, -1, 0]];
  const exps = logits.map(Math.exp);
  const model = exps.map((x) => x / exps.reduce((a, b) => a + b));
  const chiSquared = async (name: string, options: Settings) => {
    const counts = [0, 0, 0];
    const one: SiteSpec = { name: "z", family: categorical, shape: [1, 3] };
    const task = await ownToy(one, tf.tensor2d([logits]), rows, (x) => {
      x.dataSync().forEach((value, i) => (counts[i % 3]! += value));
      return tf.sum(x, [-2, -1]);
    });
    await draw(subject(name, options), task);
    return model.reduce((sum, p, k) => sum + (counts[k]! - rows * p) ** 2 / (rows * p), 0);
  };
  const st = await chiSquared("st", {});
  t.true(st < 27.6);
  for (const [noise, steps] of [
    ["standard", 8],
    ["matched", 30],
  ] as const) {
    const few = await chiSquared("redge", { noise });
    const many = await chiSquared("redge", { noise, steps });
    t.log(`${noise}: ${few.toFixed(1)} with 3 steps, ${many.toFixed(1)} with ${steps}`);
    t.true(few > 27.6 && many < few / 3, `${st}, ${few}, ${many}`);
  }
});
