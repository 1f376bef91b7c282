import type { Tensor } from "@tensorflow/tfjs";
import test from "ava";
import fc from "fast-check";
import { tf } from "../../../estimators/core/autodiff.ts";
import { bernoulli, counts, type Family } from "../../../estimators/distributions/index.ts";
import { chiSquaredP } from "../chi-squared.ts";
import { logit, logSoftmax, near, numbers, property, slope, sum, uniform, uniforms } from "./brute.ts";

const one = (x: number): Tensor => tf.tensor1d([x]);

/** log q of 0 … m in float64. */
function law(phi: number, most: number): number[] {
  const factorials = [0];
  for (let j = 1; j <= most; j++) factorials.push(factorials[j - 1]! + Math.log(j));
  return logSoftmax(factorials.map((factorial, j) => j * phi - factorial));
}
const mean = (logq: readonly number[]) => sum(logq.map((log, j) => j * Math.exp(log)));

const cases = fc.record({ phi: logit, other: logit, most: fc.integer({ min: 1, max: 12 }) });

property(
  "count logProb, mean, entropy and KL are sums over the counts, and the score is z − E z",
  fc.property(cases, ({ phi, other, most }) => {
    const [q, p] = [law(phi, most), law(other, most)];
    const family = counts(most);
    const scalar = (f: () => Tensor, expected: number) => near(numbers(f)[0]!, expected);
    return (
      q.every((log, j) => scalar(() => family.logProb(one(phi), one(j)), log)) &&
      q.every((_, j) => near(slope((x) => family.logProb(x, one(j)), [phi])[0]!, j - mean(q))) &&
      scalar(() => family.mean(one(phi)), mean(q)) &&
      scalar(() => family.entropy(one(phi)), -sum(q.map((log) => Math.exp(log) * log))) &&
      scalar(() => family.kl(one(phi), one(other)), sum(q.map((log, j) => Math.exp(log) * (log - p[j]!))))
    );
  }),
);

property(
  "the rise of a count is −∇F(z)/q(z), by differences",
  fc.property(fc.double({ min: -2, max: 2, noNaN: true }), fc.integer({ min: 1, max: 6 }), (phi, most) => {
    const F = (at: number, z: number) => sum(law(at, most).slice(0, z + 1).map(Math.exp)); // prettier-ignore
    const h = 1e-5;
    return law(phi, most).every((log, z) => {
      const expected = -(F(phi + h, z) - F(phi - h, z)) / (2 * h) / Math.exp(log);
      const [rise] = numbers(() => counts(most).rise(one(phi), one(z)));
      return Math.abs(rise! - expected) < 1e-4 * (1 + Math.exp(-log));
    });
  }),
);

property(
  "a count up to 1 is a bit, for the same uniform too",
  fc.property(cases, uniform, ({ phi, other }, u) => {
    // At the threshold float32 may decide either way.
    fc.pre(Math.abs(1 / (1 + Math.exp(phi)) - u) > 1e-6);
    const functions: ((family: Family) => Tensor)[] = [
      (family) => family.sample(one(phi), one(u)),
      (family) => family.mean(one(phi)),
      (family) => family.entropy(one(phi)),
      (family) => family.kl(one(phi), one(other)),
      (family) => family.logProb(one(phi), one(1)),
      (family) => family.rise(one(phi), one(0)),
    ];
    return functions.every((f) => near(numbers(() => f(counts(1)))[0]!, numbers(() => f(bernoulli))[0]!));
  }),
);

test("a count up to 40 has the mean and variance of Poisson's law at rates up to 8", (t) => {
  for (const rate of [0.5, 3, 8]) {
    const phi = Math.log(rate);
    t.true(Math.abs(numbers(() => counts(40).mean(one(phi)))[0]! - rate) < 1e-4);
    t.true(Math.abs(slope((x) => counts(40).mean(x), [phi])[0]! - rate) < 1e-3);
  }
});

// False alarm 10⁻⁶; a law q with Σ (q − p)²/p ≥ .01 has a noncentrality of 400 and is missed with probability below 10⁻⁵. That at
// φ + .1 is planted as such a law. The least expected count is 40.
test("samples of counts follow the law", (t) => {
  const draws = 40_000;
  const judged = (from: number, expected: number) => {
    const sample = numbers(() => counts(5).sample(tf.fill([draws], from), uniforms("counts", [draws])));
    const observed = law(0, 5).map((_, j) => sample.filter((z) => z === j).length);
    t.is(sum(observed), draws);
    return chiSquaredP(
      observed,
      law(expected, 5).map((log) => draws * Math.exp(log)),
    );
  };
  for (const phi of [0, 0.8]) {
    t.true(judged(phi, phi) > 1e-6);
    t.true(judged(phi + 0.1, phi) < 1e-6);
  }
});
