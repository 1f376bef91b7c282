import test from "ava";
import fc from "fast-check";
import { tf } from "../../../estimators/core/autodiff.ts";
import { bernoulli, Bernoulli } from "../../../estimators/distributions/index.ts";
import {
  property,
  kolmogorov,
  logit,
  near,
  numbers,
  sigmoid,
  slope,
  softplus,
  uniform,
  uniforms,
} from "./brute.ts";

const logits = fc.array(logit, { minLength: 1, maxLength: 4 });
const row = (xs: readonly number[]) => tf.tensor1d([...xs]);
const entropy = (x: number): number => sigmoid(x) * softplus(-x) + sigmoid(-x) * softplus(x);
const kl = (q: number, p: number): number =>
  sigmoid(q) * (softplus(-p) - softplus(-q)) + sigmoid(-q) * (softplus(p) - softplus(q));

property(
  "Bernoulli logProb is log σ(φ) and log σ(−φ), and sums to 1 by enumeration",
  fc.property(logits, (phi) => {
    const one = numbers(() => Bernoulli({ logits: row(phi) }).logProb(tf.onesLike(row(phi))));
    const zero = numbers(() => Bernoulli({ logits: row(phi) }).logProb(tf.zerosLike(row(phi))));
    return phi.every(
      (x, i) =>
        near(one[i]!, -softplus(-x)) &&
        near(zero[i]!, -softplus(x)) &&
        near(Math.exp(one[i]!) + Math.exp(zero[i]!), 1),
    );
  }),
);

property(
  "Bernoulli mean is σ(φ), and its mode 1 where φ > 0",
  fc.property(logits, (phi) => {
    const mean = numbers(() => Bernoulli({ logits: row(phi) }).mean());
    const mode = numbers(() => Bernoulli({ logits: row(phi) }).mode());
    return phi.every((x, i) => near(mean[i]!, sigmoid(x)) && mode[i] === (x > 0 ? 1 : 0));
  }),
);

property(
  "Bernoulli entropy is −Σ p log p, to four digits even where it is 1e-20",
  fc.property(logits, (phi) => {
    const got = numbers(() => Bernoulli({ logits: row(phi) }).entropy());
    return phi.every((x, i) => Math.abs(got[i]! / entropy(x) - 1) < 1e-4);
  }),
);

property(
  "Bernoulli KL is Σ q log q/p, and 0 from itself",
  fc.property(logit, logit, (q, p) => {
    const of = (a: number, b: number): number =>
      numbers(() => Bernoulli({ logits: row([a]) }).kl(Bernoulli({ logits: row([b]) })))[0]!;
    return near(of(q, p), kl(q, p)) && of(q, q) === 0;
  }),
);

const slopeOfSigmoid = (x: number): number => sigmoid(x) * sigmoid(-x);
property(
  "Bernoulli entropy and KL have slopes −φσ′(φ) and (q − p)σ′(q)",
  fc.property(logit, logit, (q, p) => {
    const entropySlope = slope((x) => bernoulli.entropy(x), [q])[0]!;
    const klSlope = slope((x) => bernoulli.kl(x, row([p])), [q])[0]!;
    const priorSlope = slope((x) => bernoulli.kl(row([q]), x), [p])[0]!;
    return (
      near(entropySlope, -q * slopeOfSigmoid(q)) &&
      near(klSlope, (q - p) * slopeOfSigmoid(q)) &&
      near(priorSlope, sigmoid(p) - sigmoid(q))
    );
  }),
);

property(
  "bernoulli's Jacobian is p(1 − p)v",
  fc.property(logit, logit, (phi, v) => {
    const p = row([phi]);
    return near(
      numbers(() => bernoulli.jacobian(bernoulli.mean(p), row([v])))[0]!,
      sigmoid(phi) * sigmoid(-phi) * v,
    );
  }),
);

property(
  "bernoulli samples 1 exactly where u > σ(−φ), away from the threshold",
  fc.property(logit, uniform, (phi, u) => {
    if (Math.abs(u - sigmoid(-phi)) < 1e-6) return true;
    const x = numbers(() => Bernoulli({ logits: row([phi]) }).sample(row([u])))[0];
    return x === (u > sigmoid(-phi) ? 1 : 0);
  }),
);

property(
  "bernoulli's conditional lies on the sample's side of zero, finite, with finite slope",
  fc.property(logit, uniform, fc.constantFrom(0, 1), (phi, v, x) => {
    const z = numbers(() => bernoulli.conditional(row([phi]), row([x]), row([v])))[0]!;
    const dz = slope((at) => bernoulli.conditional(at, row([x]), row([v])), [phi])[0]!;
    return Number.isFinite(z) && Number.isFinite(dz) && (x === 1 ? z > 0 : z <= 0);
  }),
);

// Logits up to 8, where float64 still tells v′ from 1.
const modest = fc.double({ min: -8, max: 8, noNaN: true }).map(Math.fround);
const closed = (phi: number, x: number, v: number): number => {
  const p = sigmoid(phi);
  const w = x === 1 ? v * p + sigmoid(-phi) : v * sigmoid(-phi);
  const rest = x === 1 ? p * (1 - v) : 1 - w;
  return phi + Math.log(w) - Math.log(rest);
};
property(
  "bernoulli's conditional is φ + logit(v′), v′ = vp + 1 − p or v(1 − p), and its slope follows",
  fc.property(modest, uniform, fc.constantFrom(0, 1), (phi, v, x) => {
    const z = numbers(() => bernoulli.conditional(row([phi]), row([x]), row([v])))[0]!;
    const dz = slope((at) => bernoulli.conditional(at, row([x]), row([v])), [phi])[0]!;
    const step = 1e-4;
    const difference = (closed(phi + step, x, v) - closed(phi - step, x, v)) / (2 * step);
    return near(z, closed(phi, x, v)) && near(dz, difference);
  }),
);

test("bernoulli's conditional, given its own sample, is distributed as the perturbed logits", (t) => {
  for (const phi of [-2, 0.3, 3]) {
    const sample = numbers(() => {
      const x = bernoulli.harden(bernoulli.perturb(tf.scalar(phi), uniforms("x", [20_000])));
      return bernoulli.conditional(tf.scalar(phi), x, uniforms("v", [20_000]));
    });
    t.true(kolmogorov(sample, (z) => sigmoid(z - phi)) < 2.7);
  }
});

test("bernoulli samples 1 as often as σ(φ) says", (t) => {
  // Fixed noise; the bound is 5 deviations of a binomial of 100,000.
  for (const phi of [-3, -0.5, 0, 2]) {
    const n = 100_000;
    const ones = numbers(() =>
      tf.sum(Bernoulli({ logits: tf.fill([n], phi) }).sample(uniforms("often", [n]))),
    )[0]!;
    t.true(Math.abs(ones - n * sigmoid(phi)) < 5 * Math.sqrt(n * sigmoid(phi) * sigmoid(-phi)), String(phi));
  }
});
