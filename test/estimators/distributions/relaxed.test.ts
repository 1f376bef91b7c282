import type { Tensor } from "@tensorflow/tfjs";
import test from "ava";
import fc from "fast-check";
import { tf } from "../../../estimators/core/autodiff.ts";
import {
  Bernoulli,
  OneHotCategorical,
  RelaxedBernoulli,
  RelaxedOneHotCategorical,
} from "../../../estimators/distributions/index.ts";
import {
  property,
  logit,
  logSoftmax,
  near,
  numbers,
  sigmoid,
  slope,
  softplus,
  sum,
  uniform,
  uniforms,
} from "./brute.ts";

const temperature = fc.double({ min: 0.1, max: 5, noNaN: true });
const row = (xs: readonly number[]): Tensor => tf.tensor([...xs], [1, xs.length]);
const softmax = (xs: readonly number[]): number[] => logSoftmax(xs).map(Math.exp);
const grid = (end: number, step: number): number[] =>
  Array.from({ length: 2 * Math.round(end / step) + 1 }, (_, i) => i * step - end);

/** log p(y) of the relaxed Bernoulli, in float64. */
function logDensity(phi: number, tau: number, y: number): number {
  const a = phi - tau * (Math.log(y) - Math.log1p(-y));
  return Math.log(tau) + a - 2 * softplus(a) - Math.log(y) - Math.log1p(-y);
}

const inner = fc.double({ min: 0.01, max: 0.99, noNaN: true }).map(Math.fround);
property(
  "RelaxedBernoulli logProb is the density's closed form",
  fc.property(logit, temperature, inner, (phi, tau, y) => {
    const got = numbers(() =>
      RelaxedBernoulli({ logits: row([phi]), temperature: tau }).logProb(row([y])),
    )[0]!;
    return near(got, logDensity(phi, tau, y));
  }),
);

test("RelaxedBernoulli's density integrates to 1", (t) => {
  // Trapezoids in s, y = σ(s): the integrand falls off exponentially, so that they converge as fast.
  const [end, step] = [14, 0.05];
  const s = grid(end, step);
  for (const [phi, tau] of [
    [0, 1],
    [-0.5, 0.9],
    [2, 2],
  ] as const) {
    const logs = numbers(() =>
      RelaxedBernoulli({ logits: tf.scalar(phi), temperature: tau }).logProb(tf.tensor1d(s.map(sigmoid))),
    );
    const total = sum(logs.map((log, i) => Math.exp(log) * sigmoid(s[i]!) * sigmoid(-s[i]!) * step));
    t.true(Math.abs(total - 1) < 1e-4, `φ ${phi}, τ ${tau}: ${total}`);
  }
});

test("RelaxedOneHotCategorical's density integrates to 1 for two outcomes and for three", (t) => {
  const [end, step] = [14, 0.2];
  const s = grid(end, step);
  for (const tau of [0.8, 1, 1.5]) {
    const two = s.map((a) => softmax([a, 0]));
    const three = s.flatMap((a) => s.map((b) => softmax([a, b, 0])));
    for (const points of [two, three]) {
      const K = points[0]!.length;
      const logits = row([0.5, -1, 0].slice(0, K));
      const logs = numbers(() =>
        RelaxedOneHotCategorical({ logits, temperature: tau }).logProb(
          tf.tensor(points.flat(), [points.length, 1, K]),
        ),
      );
      // dy₁...dy_{K−1} = Π y ds₁...ds_{K−1}
      const volume = step ** (K - 1);
      const total = sum(logs.map((log, i) => Math.exp(log) * points[i]!.reduce((a, b) => a * b) * volume));
      t.true(Math.abs(total - 1) < 1e-3, `K ${K}, τ ${tau}: ${total}`);
    }
  }
});

property(
  "RelaxedOneHotCategorical of two outcomes is RelaxedBernoulli of the difference",
  fc.property(logit, logit, temperature, inner, (a, b, tau, y) => {
    const two = numbers(() =>
      RelaxedOneHotCategorical({ logits: row([a, b]), temperature: tau }).logProb(row([y, 1 - y])),
    )[0]!;
    return near(two, logDensity(a - b, tau, y));
  }),
);

const noisy = fc.array(fc.tuple(logit, uniform), { minLength: 2, maxLength: 6 });
property(
  "relaxed samples lie in the simplex, and their log density and slopes are finite",
  fc.property(noisy, temperature, (outcomes, tau) => {
    const phi = outcomes.map(([x]) => x);
    const u = row(outcomes.map(([, at]) => at));
    return [RelaxedBernoulli, RelaxedOneHotCategorical].every((family) => {
      const at = (logits: Tensor) => family({ logits: tf.reshape(logits, [1, -1]), temperature: tau });
      const y = numbers(() => at(row(phi)).sample(u));
      const logs = numbers(() => at(row(phi)).logProb(at(row(phi)).sample(u)));
      const slopes = slope((x) => at(x).logProb(at(x).sample(u)), phi);
      const inside = y.every((value) => value >= 0 && value <= 1);
      const whole = family === RelaxedBernoulli || near(sum(y), 1);
      return inside && whole && [...logs, ...slopes].every(Number.isFinite);
    });
  }),
);

test("relaxed samples approach the hard samples of the same noise as τ → 0", (t) => {
  const u = uniforms("limit", [200, 1, 4]);
  const logits = row([1, 0, -1, 2]);
  for (const [hard, soft] of [
    [Bernoulli, RelaxedBernoulli],
    [OneHotCategorical, RelaxedOneHotCategorical],
  ] as const) {
    const far = [1, 0.1, 0.01].map(
      (temperature) =>
        numbers(() =>
          tf.mean(tf.abs(tf.sub(hard({ logits }).sample(u), soft({ logits, temperature }).sample(u)))),
        )[0]!,
    );
    t.true(far[1]! < far[0]! / 3 && far[2]! < far[1]! / 3, far.join(" "));
  }
});

test("relaxed densities are highest where relaxed samples gather", (t) => {
  // Mean log density of own samples is minus the entropy, which no other density's cross-entropy undercuts.
  const u = uniforms("gather", [5000, 1, 3]);
  const own = { logits: row([1, 0, -1]), temperature: 0.7 };
  for (const family of [RelaxedBernoulli, RelaxedOneHotCategorical]) {
    const y = tf.tidy(() => family(own).sample(u));
    const score = (of: typeof own): number => numbers(() => tf.mean(family(of).logProb(y)))[0]!;
    for (const other of [
      { ...own, temperature: 0.9 },
      { ...own, temperature: 0.5 },
      { ...own, logits: row([0.6, 0, -1]) },
    ]) {
      t.true(score(other) < score(own));
    }
  }
});
