import type { Tensor } from "@tensorflow/tfjs";
import test from "ava";
import fc from "fast-check";
import { tf } from "../../../estimators/core/autodiff.ts";
import { categorical, subset } from "../../../estimators/distributions/index.ts";
import { chiSquaredP } from "../chi-squared.ts";
import { logit, logSoftmax, near, numbers, property, slope, sum, uniform, uniforms } from "./brute.ts";

const row = (xs: readonly number[]): Tensor => tf.tensor([...xs], [1, xs.length]);

/** Each z with zᵀφ and log q(z), by enumeration in float64. */
function enumerated(phi: readonly number[], k: number) {
  const n = phi.length;
  const all = Array.from({ length: 2 ** n }, (_, mask) => phi.map((_x, i) => (mask >> i) & 1));
  const zs = all.filter((z) => sum(z) === k);
  const inner = zs.map((z) => sum(z.map((x, i) => x * phi[i]!)));
  const logq = logSoftmax(inner);
  const mean = phi.map((_, i) => sum(zs.map((z, j) => z[i]! * Math.exp(logq[j]!))));
  return { zs, logq, mean };
}

/** Two sets of logits, and k up to their number. */
const casesUpTo = (most: number) =>
  fc.integer({ min: 2, max: most }).chain((n) => {
    const logits = fc.array(logit, { minLength: n, maxLength: n });
    return fc.record({ phi: logits, other: logits, k: fc.integer({ min: 1, max: n }) });
  });
const cases = casesUpTo(6);

property(
  "subset logProb, mean, entropy and KL are those by enumeration, at logits of ±50",
  fc.property(cases, ({ phi, other, k }) => {
    const { zs, logq, mean } = enumerated(phi, k);
    const p = enumerated(other, k).logq;
    const found = (f: (family: ReturnType<typeof subset>) => Tensor) => numbers(() => f(subset(k)));
    const logs = found((family) =>
      family.logProb(row(phi), tf.tensor(zs.flat(), [zs.length, 1, phi.length])),
    );
    // A mean that is right to 10⁻⁵ is multiplied by each of these.
    const close = (got: number, expected: number, factors: readonly number[]) =>
      Math.abs(got - expected) <= 2e-5 * (1 + sum(factors.map(Math.abs)));
    return (
      logq.every((log, j) => near(logs[j]!, log)) &&
      found((family) => family.mean(row(phi))).every((m, i) => near(m, mean[i]!)) &&
      close(
        found((family) => family.entropy(row(phi)))[0]!,
        -sum(logq.map((log) => Math.exp(log) * log)),
        phi,
      ) &&
      close(
        found((family) => family.kl(row(phi), row(other)))[0]!,
        sum(logq.map((log, j) => Math.exp(log) * (log - p[j]!))),
        phi.map((x, i) => x - other[i]!),
      )
    );
  }),
);

property(
  "the score of a subset is z − E z, and the derivative of its mean is symmetric",
  fc.property(casesUpTo(4), ({ phi, k }) => {
    const { zs, mean } = enumerated(phi, k);
    const score = slope((x) => subset(k).logProb(tf.reshape(x, [1, -1]), row(zs[0]!)), phi);
    const rows = phi.map((_, i) =>
      slope((x) => tf.slice(subset(k).mean(tf.reshape(x, [1, -1])), [0, i], [1, 1]), phi),
    );
    return (
      score.every((s, i) => near(s, zs[0]![i]! - mean[i]!)) &&
      rows.every((own, i) => own.every((x, j) => near(x, rows[j]![i]!) && (i !== j || x >= -1e-6)))
    );
  }),
);

property(
  "a sample of a subset has k ones for all uniforms, and its mode is the k largest logits",
  fc.property(
    cases.chain((one) =>
      fc.record({
        one: fc.constant(one),
        u: fc.array(uniform, { minLength: one.phi.length, maxLength: one.phi.length }),
      }),
    ),
    ({ one: { phi, k }, u }) => {
      const z = numbers(() => subset(k).sample(row(phi), row(u)));
      const mode = numbers(() => subset(k).mode(row(phi)));
      const chosen = phi.filter((_, i) => mode[i] === 1);
      const others = phi.filter((_, i) => mode[i] === 0);
      return (
        z.every((x) => x === 0 || x === 1) &&
        sum(z) === k &&
        chosen.length === k &&
        Math.min(...chosen) >= Math.max(-Infinity, ...others)
      );
    },
  ),
);

// False alarm 10⁻⁶; a law q with Σ (q − p)²/p ≥ .01 has a noncentrality of 200 and is missed with probability below 10⁻⁵ (at most
// 35 degrees of freedom). The least expected count is 47. Gumbel top-k is planted as such a law.
test("samples of subsets follow the law, for two variables at once, and Gumbel top-k does not", (t) => {
  const draws = 20_000;
  const phi = [
    [1, -0.8, 0.4, -0.2, 0.1, -0.5, 0.3],
    [0, 1.5, -0.5, 0.5, -1, 0.2, -0.3],
  ];
  const logits = tf.tensor2d(phi);
  for (const k of [1, 2, 3]) {
    const u = uniforms(`subset ${k}`, [draws, 2, 7]);
    const judged = (x: Tensor, d: number) => {
      const values = numbers(() => tf.slice(x, [0, d, 0], [-1, 1, -1]));
      const { zs, logq } = enumerated(phi[d]!, k);
      const counts = new Map<string, number>();
      for (let b = 0; b < draws; b++) {
        const key = values.slice(b * 7, b * 7 + 7).join("");
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return chiSquaredP(
        zs.map((z) => counts.get(z.join("")) ?? 0),
        logq.map((log) => draws * Math.exp(log)),
      );
    };
    const family = subset(k);
    const [drawn, top] = [family.sample(logits, u), family.harden(family.perturb(logits, u))];
    for (const d of [0, 1]) {
      const p = judged(drawn, d);
      t.true(p > 1e-6, `k = ${k}: p = ${p}`);
      const topk = judged(top, d);
      t.is(topk < 1e-6, k > 1, `Gumbel top-k at k = ${k}: p = ${topk}`);
    }
  }
});

property(
  "a subset of one is the categorical distribution",
  fc.property(cases, ({ phi, other }) => {
    const both = (f: (family: typeof categorical) => Tensor) =>
      [subset(1), categorical].map((one) => numbers(() => f(one)));
    const functions: ((family: typeof categorical) => Tensor)[] = [
      (family) => family.mean(row(phi)),
      (family) => family.entropy(row(phi)),
      (family) => family.kl(row(phi), row(other)),
      (family) => family.mode(row(phi)),
      (family) => family.soften(row(phi), 0.7),
      (family) => family.logProb(row(phi), tf.expandDims(tf.eye(phi.length), 1)),
    ];
    return functions.every((f) => {
      const [a, b] = both(f);
      return a!.every((x, i) => Math.abs(x - b![i]!) <= 1e-4 * (1 + Math.abs(b![i]!)));
    });
  }),
);

property(
  "the relaxation of a subset adds k softmaxes, each with the logits lowered by log(1 − y) of those before",
  fc.property(
    fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 3, maxLength: 6 }),
    fc.integer({ min: 1, max: 3 }),
    (phi, k) => {
      let x = phi;
      let expected = phi.map(() => 0);
      for (let i = 0; i < k; i++) {
        const y = logSoftmax(x.map((one) => one / 0.9)).map(Math.exp);
        expected = expected.map((sum, j) => sum + y[j]!);
        x = x.map((one, j) => one + Math.log(1 - y[j]!));
      }
      return numbers(() => subset(k).soften(row(phi), 0.9)).every(
        (y, j) => Math.abs(y - expected[j]!) < 1e-3,
      );
    },
  ),
);

test("the relaxation of a subset sums to k, and goes to the k largest as τ → 0", (t) => {
  const x = [0.3, 1.2, -0.4, 0.8, 2];
  for (const k of [1, 2, 3]) {
    const family = subset(k);
    t.true(Math.abs(sum(numbers(() => family.soften(row(x), 1))) - k) < 1e-5);
    const hard = numbers(() => family.harden(row(x)));
    const errors = [0.2, 0.1, 0.05].map((tau) =>
      Math.max(...numbers(() => family.soften(row(x), tau)).map((y, i) => Math.abs(y - hard[i]!))),
    );
    t.true(errors[2]! < errors[1]! && errors[1]! < errors[0]! && errors[2]! < 0.01, errors.join(" "));
  }
});

test("the marginals of 20 of 200 elements, logits ±5, sum to 20 within 10⁻⁴", (t) => {
  const mean = numbers(() => subset(20).mean(row(Array.from({ length: 200 }, (_, i) => 5 * Math.sin(i)))));
  t.true(mean.every((x) => x >= 0 && x <= 1 + 1e-4));
  t.true(Math.abs(sum(mean) - 20) < 1e-4 * 20, String(sum(mean)));
});

test("a subset of more elements than there are is refused", (t) => {
  t.throws(() => subset(3).variables([1, 2]), { message: "a subset of 3 needs at least 3 elements, got 2" });
});
