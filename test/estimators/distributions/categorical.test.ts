import type { Tensor } from "@tensorflow/tfjs";
import test from "ava";
import fc from "fast-check";
import { tf } from "../../../estimators/core/autodiff.ts";
import { categorical, OneHotCategorical } from "../../../estimators/distributions/index.ts";
import {
  property,
  kolmogorov,
  logit,
  logSoftmax,
  near,
  numbers,
  slope,
  sum,
  uniform,
  uniforms,
} from "./brute.ts";

/** One variable of 2 to 8 outcomes. */
const logits = fc.array(logit, { minLength: 2, maxLength: 8 });
const row = (xs: readonly number[]): Tensor => tf.tensor([...xs], [1, xs.length]);
const oneHot = (k: number, K: number): Tensor => row(Array.from({ length: K }, (_, i) => Number(i === k)));
const shaped = (f: (x: Tensor) => Tensor) => (x: Tensor) => f(tf.reshape(x, [1, -1]));

const entropy = (phi: readonly number[]): number => -sum(logSoftmax(phi).map((log) => Math.exp(log) * log));
function kl(q: readonly number[], p: readonly number[]): number {
  const logP = logSoftmax(p);
  return sum(logSoftmax(q).map((log, k) => Math.exp(log) * (log - logP[k]!)));
}

/** Two sets of logits for the same outcomes. */
const pair = fc
  .integer({ min: 2, max: 8 })
  .chain((K) => fc.tuple(...[0, 1].map(() => fc.array(logit, { minLength: K, maxLength: K }))))
  .map((both) => both as [number[], number[]]);

property(
  "OneHotCategorical logProb is log softmax, and sums to 1 by enumeration",
  fc.property(logits, (phi) => {
    const K = phi.length;
    const all = numbers(() => OneHotCategorical({ logits: row(phi) }).logProb(tf.expandDims(tf.eye(K), 1)));
    return (
      logSoftmax(phi).every((log, k) => near(all[k]!, log)) && near(sum(all.map((log) => Math.exp(log))), 1)
    );
  }),
);

property(
  "OneHotCategorical mean is softmax, and its mode the first largest",
  fc.property(logits, (phi) => {
    const mean = numbers(() => OneHotCategorical({ logits: row(phi) }).mean());
    const mode = numbers(() => OneHotCategorical({ logits: row(phi) }).mode());
    const top = phi.indexOf(Math.max(...phi));
    return logSoftmax(phi).every((log, k) => near(mean[k]!, Math.exp(log)) && mode[k] === Number(k === top));
  }),
);

property(
  "OneHotCategorical entropy and KL are sums over the outcomes",
  fc.property(pair, ([q, p]) => {
    const Q = OneHotCategorical({ logits: row(q) });
    const P = OneHotCategorical({ logits: row(p) });
    return (
      near(numbers(() => Q.entropy())[0]!, entropy(q)) &&
      near(numbers(() => Q.kl(P))[0]!, kl(q, p)) &&
      numbers(() => Q.kl(Q))[0] === 0
    );
  }),
);

property(
  "OneHotCategorical entropy and KL have slopes −π(log π + H), q(log q/p − KL) and p − q",
  fc.property(pair, ([q, p]) => {
    const [logQ, logP] = [logSoftmax(q), logSoftmax(p)];
    const entropySlope = slope(
      shaped((x) => categorical.entropy(x)),
      q,
    );
    const klSlope = slope(
      shaped((x) => categorical.kl(x, row(p))),
      q,
    );
    const priorSlope = slope(
      shaped((x) => categorical.kl(row(q), x)),
      p,
    );
    return q.every((_, k) => {
      const mass = Math.exp(logQ[k]!);
      return (
        near(entropySlope[k]!, -mass * (logQ[k]! + entropy(q))) &&
        near(klSlope[k]!, mass * (logQ[k]! - logP[k]! - kl(q, p))) &&
        near(priorSlope[k]!, Math.exp(logP[k]!) - mass)
      );
    });
  }),
);

property(
  "categorical's Jacobian is π ⊙ (v − πᵀv)",
  fc.property(pair, ([phi, v]) => {
    const masses = logSoftmax(phi).map(Math.exp);
    const mean = sum(masses.map((mass, k) => mass * v[k]!));
    const got = numbers(() => categorical.jacobian(categorical.mean(row(phi)), row(v)));
    return masses.every((mass, k) => near(got[k]!, mass * (v[k]! - mean)));
  }),
);

/** Logits with a uniform for each outcome, and one outcome. */
const drawn = fc.integer({ min: 2, max: 8 }).chain((K) =>
  fc.record({
    phi: fc.array(logit, { minLength: K, maxLength: K }),
    v: fc.array(uniform, { minLength: K, maxLength: K }),
    x: fc.nat(K - 1),
  }),
);

property(
  "categorical's conditional is finite, with finite slopes, and no outcome is above the sample's",
  fc.property(drawn, ({ phi, v, x }) => {
    const of = (at: Tensor): Tensor => categorical.conditional(at, oneHot(x, phi.length), row(v));
    const z = numbers(() => of(row(phi)));
    return [...z, ...slope(shaped(of), phi)].every(Number.isFinite) && Math.max(...z) === z[x];
  }),
);

const modest = fc.double({ min: -3, max: 3, noNaN: true }).map(Math.fround);
const inner = fc.double({ min: 0.05, max: 0.95, noNaN: true });
property(
  "categorical's conditional undoes Gumbel-Max: the noise that gave a sample comes back",
  fc.property(fc.array(fc.tuple(modest, inner), { minLength: 2, maxLength: 6 }), (outcomes) => {
    const times = outcomes.map(([phi, u]) => -Math.log(u) / Math.exp(phi));
    const first = Math.min(...times);
    const x = times.indexOf(first);
    const total = sum(outcomes.map(([phi]) => Math.exp(phi)));
    // The winner's uniform is that of its time under the sum of rates, the others' of their time after it.
    const v = outcomes.map(([phi], k) =>
      Math.exp(k === x ? -total * first : -Math.exp(phi) * (times[k]! - first)),
    );
    if (v.some((at) => at < 1e-6 || at > 1 - 1e-3)) return true;
    const z = numbers(() =>
      categorical.conditional(row(outcomes.map(([phi]) => phi)), oneHot(x, v.length), row(v)),
    );
    // 1 − v holds four digits at worst, and so do the times.
    return z.every((at, k) => Math.abs(at + Math.log(times[k]!)) < 1e-3);
  }),
);

test("categorical's conditional, given its own sample, is distributed as the perturbed logits", (t) => {
  const n = 20_000;
  const phi = [1, -1, 0.5];
  const z = numbers(() => {
    const x = categorical.harden(categorical.perturb(row(phi), uniforms("x", [n, 1, 3])));
    return categorical.conditional(row(phi), x, uniforms("v", [n, 1, 3]));
  });
  phi.forEach((shift, k) => {
    const marginal = z.filter((_, i) => i % 3 === k);
    t.true(kolmogorov(marginal, (at) => Math.exp(-Math.exp(shift - at))) < 2.7, `outcome ${k}`);
  });
});

test("Gumbel-Max draws each outcome as often as softmax says", (t) => {
  // Fixed noise; 33.4 is the 1 − 1e-6 quantile of chi-square with 4 degrees of freedom.
  const n = 100_000;
  for (const phi of [
    [0, 0, 0, 0, 0],
    [2, -1, 0.5, -3, 1],
  ]) {
    const counts = numbers(() =>
      tf.sum(OneHotCategorical({ logits: row(phi) }).sample(uniforms("max", [n, 1, 5])), [0, 1]),
    );
    const chi = sum(
      logSoftmax(phi).map((log, k) => (counts[k]! - n * Math.exp(log)) ** 2 / (n * Math.exp(log))),
    );
    t.is(sum(counts), n);
    t.true(chi < 33.4, String(chi));
  }
});

test("a thousand outcomes with logits to ±50 stay finite and right", (t) => {
  const K = 1000;
  const phi = numbers(() => tf.mul(tf.sub(uniforms("logits", [K]), 0.5), 100));
  const other = numbers(() => tf.mul(tf.sub(uniforms("others", [K]), 0.5), 100));
  phi[0] = 50;
  phi[1] = -50;
  const [Q, P] = [phi, other].map((at) => OneHotCategorical({ logits: row(at) }));
  const logs = numbers(() => Q!.logProb(tf.expandDims(tf.eye(K), 1)));
  t.true(logSoftmax(phi).every((log, k) => near(logs[k]!, log)));
  t.true(near(sum(logs.map((log) => Math.exp(log))), 1));
  t.true(near(numbers(() => Q!.entropy())[0]!, entropy(phi)));
  t.true(near(numbers(() => Q!.kl(P!))[0]!, kl(phi, other)));
  const flat = OneHotCategorical({ logits: tf.zeros([1, K]) });
  t.true(near(numbers(() => flat.entropy())[0]!, Math.log(K)));
  const sample = numbers(() => Q!.sample(uniforms("sample", [1, K])));
  t.deepEqual([sum(sample), Math.max(...sample)], [1, 1]);
  for (const f of [
    (x: Tensor) => categorical.entropy(x),
    (x: Tensor) => categorical.kl(x, row(other)),
    (x: Tensor) => categorical.logProb(x, oneHot(1, K)),
    (x: Tensor) => categorical.conditional(x, oneHot(1, K), uniforms("v", [1, K])),
    (x: Tensor) => tf.square(categorical.soften(categorical.perturb(x, uniforms("u", [1, K])), 0.1)),
  ]) {
    t.true(slope(shaped(f), phi).every(Number.isFinite));
  }
});
