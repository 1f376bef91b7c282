/** Theorems of the estimators that move or perturb a maximiser: imle, perturbed, spigot. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import type { Fill } from "../../runners/engine/engine.ts";
import { overCells, type Uniform } from "./cells.ts";
import { sigmoid } from "./closed-forms.ts";
import { draw, flat, lattice, nextState, ownToy, scalar, subject } from "./measured.ts";

const close = (a: ArrayLike<number>, b: ArrayLike<number>, within: number): boolean =>
  a.length === b.length &&
  Array.from(a).every((x, i) => Math.abs(x - b[i]!) <= within * (1 + Math.abs(b[i]!)));
const total = (x: T) => tf.sum(tf.reshape(x, [x.shape[0], x.shape[1]!, -1]), -1);
const softmax = (xs: readonly number[]) => {
  const exps = xs.map(Math.exp);
  return exps.map((x) => x / exps.reduce((a, b) => a + b));
};

const phis = [0.7, -1.1];
const bitWeights = [1.5, -0.8];
const bits: SiteSpec = { name: "b", family: bernoulli, shape: [2] };
/** The cost wᵀb of two bits. */
const linearBits = (rows: number, scale = 1) =>
  ownToy(bits, tf.tensor1d(phis), rows, (x) => total(tf.mul(x, tf.mul(scale, bitWeights))));
const cutAt = (moves: readonly number[]): Uniform[] =>
  phis.map((phi, index) => ({
    name: "b",
    index,
    cuts: moves.map((move) => 1 - sigmoid(phi + move * bitWeights[index]!)),
  }));

const phi = [0.7, -0.4, 0.2];
const weights = [1.5, -1, 0.8];
const one: SiteSpec = { name: "z", family: categorical, shape: [1, 3] };
const linearOfThree = (rows: number) =>
  ownToy(one, tf.tensor2d([phi]), rows, (x) => total(tf.mul(x, weights)));

test("imle's mean for a linear cost of bits is (σ(φ) − σ(φ − λw))/λ, and the exact gradient as λ → 0", async (t) => {
  for (const lambda of [2, 0.5, 0.01]) {
    const meanOf = async (options: Settings, moves: readonly number[]) =>
      (await overCells(subject("imle", { lambda, ...options }), cutAt(moves), { b: 2 }, linearBits)).mean;
    const difference = (up: number, down: number) =>
      phis.map(
        (p, i) => (sigmoid(p + up * bitWeights[i]!) - sigmoid(p + down * bitWeights[i]!)) / (up - down),
      );
    t.true(close(await meanOf({}, [0, -lambda]), difference(0, -lambda), 1e-5));
    t.true(close(await meanOf({ symmetric: true }, [0, lambda, -lambda]), difference(lambda, -lambda), 1e-5));
    const exact = phis.map((p, i) => sigmoid(p) * (1 - sigmoid(p)) * bitWeights[i]!);
    t.is(close(await meanOf({}, [0, -lambda]), exact, 2e-3), lambda === 0.01);
  }
});

test("imle's mean for a linear cost of one category is (softmax(φ) − softmax(φ − λw))/λ", async (t) => {
  // The frequency of a region misses its volume by about n^−⅔, 2e-4, divided by λ.
  const [rows, lambda] = [400_000, 0.8];
  const points = lattice(rows, 3);
  const fill: Fill = (_name, out) => out.set(points.subarray(0, out.length));
  const rowsOf = flat(
    await draw(subject("imle", { lambda }), await linearOfThree(rows), { fill, many: true }),
  );
  const mean = [0, 1, 2].map((k) => rowsOf.filter((_, i) => i % 3 === k).reduce((a, b) => a + b, 0) / rows);
  const [p, moved] = [softmax(phi), softmax(phi.map((x, i) => x - lambda * weights[i]!))];
  t.true(close(mean, p.map((x, i) => (x - moved[i]!) / lambda), 1e-3), mean.join()); // prettier-ignore
});

test("adaptive imle divides by a λ that scales with the logits over the derivative, so that 10 f has 10 times the gradient", async (t) => {
  const aimle = subject("imle", { adaptive: true });
  const [plain, tenfold] = [
    flat(await draw(aimle, await linearBits(60))),
    flat(await draw(aimle, await linearBits(60, 10))),
  ];
  t.true(plain.some((x) => x !== 0));
  t.true(close(tenfold, plain.map((x) => 10 * x), 1e-5)); // prettier-ignore
  const lambda = Math.hypot(...phis) / Math.hypot(...bitWeights);
  const fixed = flat(await draw(subject("imle", { lambda }), await linearBits(60)));
  t.true(close(plain, fixed, 1e-5), "at β = 1 λ is ‖φ‖/‖f′‖");
});

test("adaptive imle raises β while fewer than one entry of a row is not zero, lowers it otherwise, and not below 0", async (t) => {
  const aimle = subject("imle", { adaptive: true, "beta-rate": 0.25 });
  const after = async (beta: number, nonzero: number) => {
    const { state } = await nextState(aimle, await linearBits(60), {
      state: { beta: scalar(beta), nonzero: scalar(nonzero) },
    });
    return [state["beta"]!.values[0]!, state["nonzero"]!.values[0]!] as const;
  };
  t.true(close(await after(0, 0.5), [0.25, 0.45], 1e-6), "with β = 0 nothing changes");
  t.is((await after(2, 3))[0], 1.75);
  t.is((await after(0.1, 3))[0], 0);
});

test("perturbed with ε = 1 is unbiased for a linear cost", async (t) => {
  const uniforms: Uniform[] = phis.flatMap((p, index) =>
    [0, 1].map((draw) => ({ name: "b", index: draw * 2 + index, cuts: [1 - sigmoid(p)] })),
  );
  const { mean } = await overCells(subject("perturbed", { draws: 2 }), uniforms, { b: 2 }, linearBits);
  const exact = phis.map((p, i) => sigmoid(p) * (1 - sigmoid(p)) * bitWeights[i]!);
  t.true(close(mean, exact, 1e-6), mean.join());
  const draws = 100_000;
  const fill: Fill = (_name, out) => out.set(lattice(draws, 3));
  const found = flat(await draw(subject("perturbed", { draws: 10_000 }), await linearOfThree(10), { fill, many: true })); // prettier-ignore
  const averaged = [0, 1, 2].map((k) => found.filter((_, i) => i % 3 === k).reduce((a, b) => a + b, 0) / 10);
  const p = softmax(phi);
  const expected = p.reduce((sum, q, i) => sum + q * weights[i]!, 0);
  t.true(close(averaged, p.map((q, i) => q * (weights[i]! - expected)), 1e-2), averaged.join()); // prettier-ignore
});

test("spigot of a bit is z − clip(z − ηf′), and of two outcomes that at half η", async (t) => {
  const fill: Fill = (_name, out) => out.set([0.999, 0.001, 0.001, 0.999].slice(0, out.length));
  const bit: SiteSpec = { name: "b", family: bernoulli, shape: [1] };
  const two: SiteSpec = { name: "z", family: categorical, shape: [1, 2] };
  for (const slope of [0.4, -0.4, 3, -3]) {
    const ofBit = await ownToy(bit, tf.tensor1d([0.3]), 2, (x) => total(tf.mul(x, slope)));
    const found = flat(await draw(subject("spigot"), ofBit, { fill }));
    const clip = (x: number) => Math.min(1, Math.max(0, x));
    t.true(close(found, [1 - clip(1 - slope), 0 - clip(0 - slope)], 1e-6));
    const ofTwo = await ownToy(two, tf.tensor2d([[0.3, 0]]), 2, (x) => total(tf.mul(x, [2 * slope, 0])));
    const pairs = flat(await draw(subject("spigot"), ofTwo, { fill }));
    t.true(close(pairs, found.flatMap((x) => [x, -x]), 1e-6)); // prettier-ignore
  }
});

test("spigot projects onto the simplex: the step less a threshold, cut at 0, sums to one", async (t) => {
  for (const step of [0.1, 1, 7]) {
    const task = await linearOfThree(30);
    let samples: number[] = [];
    const seen = await ownToy(one, tf.tensor2d([phi]), 30, (x) => {
      samples = [...x.dataSync()];
      return total(tf.mul(x, weights));
    });
    await draw(subject("spigot", { step }), seen);
    const gradient = flat(await draw(subject("spigot", { step }), task));
    for (let b = 0; b < 30; b++) {
      const D = samples.slice(3 * b, 3 * b + 3);
      const v = D.map((d, i) => d - step * weights[i]!);
      let [low, high] = [Math.min(...v) - 1, Math.max(...v)];
      for (let i = 0; i < 60; i++) {
        const middle = (low + high) / 2;
        if (v.reduce((sum, x) => sum + Math.max(0, x - middle), 0) > 1) low = middle;
        else high = middle;
      }
      const expected = D.map((d, i) => d - Math.max(0, v[i]! - low));
      t.true(close(gradient.slice(3 * b, 3 * b + 3), expected, 1e-5), `${step}`);
    }
  }
});
