/** Every identity that an estimator states, in numbers. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import { subset } from "../../estimators/distributions/subset.ts";
import type { Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { estimators } from "../../estimators/index.ts";
import { openRegistry } from "../../runners/plan/registry.ts";
import { matching } from "../../runners/options/selection.ts";
import { draw, flat, ownToy, subject, toy } from "./measured.ts";

const [rows, D, K] = [40, 2, 3];
const size = D * K;
const trits: SiteSpec = { name: "z", family: categorical, shape: [D, K] };
const logits = [0.7, -1.1, 0.3, -0.4, 0.9, 0.2];
const weights = [1.5, -1, 0.8, 1.2, -0.7, 0.4];
const inner = (x: readonly number[]) => x.reduce((sum, value, i) => sum + value * weights[i]!, 0);
const cost = (x: readonly number[]) => (inner(x) - 0.6) ** 2;
const costTensor = (x: T) => tf.square(tf.sub(tf.sum(tf.mul(x, tf.tensor(weights, [D, K])), [-2, -1]), 0.6));

const softmax = (xs: readonly number[]) => {
  const exps = xs.map(Math.exp);
  return exps.map((x) => x / exps.reduce((a, b) => a + b));
};
const perVariable = <X>(f: (d: number) => X) => Array.from({ length: D }, (_, d) => f(d));
const variable = (xs: readonly number[], d: number) => xs.slice(d * K, (d + 1) * K);
const probabilities = (phi: readonly number[]) => perVariable((d) => softmax(variable(phi, d))).flat();

/** Each row's gradient, and the samples of the first run [samples][rows]. */
async function drawn(name: string, options: Settings = {}, site = trits) {
  let samples: number[] | undefined;
  const task = await ownToy(site, tf.tensor2d(logits, [D, K]), rows, (x) => {
    samples ??= [...x.dataSync()];
    return costTensor(x);
  });
  const found = flat(await draw(subject(name, options), task));
  const S = samples!.length / (rows * size);
  const at = (s: number, b: number) => samples!.slice((s * rows + b) * size, (s * rows + b + 1) * size);
  const sampled = Array.from({ length: rows }, (_, b) => Array.from({ length: S }, (_x, s) => at(s, b)));
  return { found, sampled };
}

/** Central differences of a function of the logits. */
const slopes = (f: (phi: readonly number[]) => number, step = 1e-5) =>
  logits.map((_, i) => {
    const moved = (by: number) => f(logits.map((x, j) => (i === j ? x + by : x)));
    return (moved(step) - moved(-step)) / (2 * step);
  });

type Pair = readonly [found: readonly number[], expected: readonly number[]];

/** Two registered estimators on toys. */
const alike =
  (a: string, ofA: Settings, b: string, ofB: Settings, toys: readonly string[]) =>
  async (): Promise<Pair> => {
    const of = async (name: string, options: Settings) => {
      const all = await Promise.all(
        toys.map(async (on) => flat(await draw(subject(name, options), await toy(on, rows)))),
      );
      return all.flat();
    };
    return [await of(a, ofA), await of(b, ofB)];
  };

const every = ["coupled-bits", "coupled-categorical", "layered-bits"];
const ofBits = ["coupled-bits", "layered-bits"];

/** What the estimator gives, and what the other one does by its own formula. */
const proofs: Readonly<Record<string, () => Promise<Pair>>> = {
  /** Σ_d Σ_k ∇π_d(k) f(z_−d, k). */
  "local-expectation is IndeCateR": async () => {
    const { found, sampled } = await drawn("local-expectation");
    const expected = sampled.flatMap(([z]) =>
      slopes((phi) => {
        const p = probabilities(phi);
        const changed = (d: number, k: number) =>
          z!.map((x, i) => (Math.floor(i / K) === d ? Number(i % K === k) : x));
        return perVariable((d) =>
          variable(p, d).reduce((sum, q, k) => sum + q * cost(changed(d, k)), 0),
        ).reduce((a, b) => a + b);
      }),
    );
    return [found, expected];
  },
  /** ∂z is taken for ∂μ with the marginals μ = ∂ log Z_k/∂φ of subsets of k elements, here two of three. */
  "st is SIMPLE": async () => {
    const { found, sampled } = await drawn("st", {}, { ...trits, family: subset(2) });
    const logZ = (phi: readonly number[]) =>
      perVariable((d) => {
        const [a, b, c] = variable(phi, d) as [number, number, number];
        return Math.log(Math.exp(a + b) + Math.exp(a + c) + Math.exp(b + c));
      }).reduce((a, b) => a + b);
    const step = 1e-4;
    const marginals = (phi: readonly number[]) =>
      phi.map((_, i) => {
        const moved = (by: number) => logZ(phi.map((x, j) => (i === j ? x + by : x)));
        return (moved(step) - moved(-step)) / (2 * step);
      });
    const expected = sampled.flatMap(([z]) => {
      const derivative = weights.map((w) => 2 * w * (inner(z!) - 0.6));
      return slopes((phi) => marginals(phi).reduce((sum, m, i) => sum + m * derivative[i]!, 0), 1e-3);
    });
    return [found, expected];
  },
  /** The derivative of half the variance of log q(z) − log p at fixed samples. */
  "rloo is VarGrad": async () => {
    const { found, sampled } = await drawn("rloo");
    const logq = (phi: readonly number[], z: readonly number[]) =>
      probabilities(phi).reduce((sum, p, i) => sum + z[i]! * Math.log(p), 0);
    const expected = sampled.flatMap((zs) =>
      slopes((phi) => {
        const losses = zs.map((z) => cost(z) + logq(phi, z) - logq(logits, z));
        const mean = losses.reduce((a, b) => a + b) / losses.length;
        return losses.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (losses.length - 1) / 2;
      }),
    );
    return [found, expected];
  },
  /** w_i = p_i 1[b_i = 0], times f(b) with bit i raised less f(b). */
  "go is stochastic triples": async () => {
    const phi = logits.slice(0, 4);
    const target = (b: readonly number[]) => (b.reduce((sum, x, i) => sum + x * weights[i]!, 0) - 0.6) ** 2;
    let samples: number[] | undefined;
    const site: SiteSpec = { name: "b", family: bernoulli, shape: [4] };
    const task = await ownToy(site, tf.tensor1d(phi), rows, (x) => {
      samples ??= [...x.dataSync()];
      return tf.square(tf.sub(tf.sum(tf.mul(x, weights.slice(0, 4)), -1), 0.6));
    });
    const found = flat(await draw(subject("go"), task));
    const expected = Array.from({ length: rows }, (_, row) => {
      const b = samples!.slice(4 * row, 4 * row + 4);
      return b.map((x, i) => {
        const raised = b.map((y, j) => (i === j ? 1 : y));
        return ((1 - x) / (1 + Math.exp(-phi[i]!))) * (target(raised) - target(b));
      });
    }).flat();
    return [found, expected];
  },
  "rloo is optimal-baseline": alike("rloo", { samples: 2 }, "optimal-baseline", { samples: 2 }, every),
  "zgr is reinmax": alike("zgr", {}, "reinmax", {}, every),
  "zgr is darn": alike("zgr", {}, "darn", {}, ofBits),
  /**
   * One layer: below it, arms draws independently. Its uniforms are u′ = E₂/(E₁ + E₂) and 1 − u′ of two exponentials, and it
   * sets an unlikely bit where u′ < p, disarm where u > 1 − p.
   */
  "disarm is arms": async () => {
    const unlikely = [true, false, false, true];
    const u = (i: number) => ((i * 0.618034 + 0.123) % 0.98) + 0.01;
    const fill = (_name: string, out: Float32Array) => {
      const n = rows * unlikely.length;
      for (let i = 0; i < n; i++) {
        const mirrored = unlikely[i % unlikely.length]! ? 1 - u(i) : u(i);
        if (out.length === n) out[i] = u(i);
        else [out[i], out[n + i]] = [Math.exp(mirrored - 1), Math.exp(-mirrored)];
      }
    };
    const task = await toy("coupled-bits", rows);
    const of = async (name: string, options: Settings) =>
      flat(await draw(subject(name, options), task, { fill }));
    return [await of("arms", { samples: 2 }), await of("disarm", {})];
  },
};

test("every identity that an estimator states is proven", (t) => {
  const stated = estimators.flatMap(({ name, identities = [] }) =>
    identities.map((one) => `${name} is ${one.name}`),
  );
  t.deepEqual(Object.keys(proofs).sort(), stated.sort());
});

for (const [title, proof] of Object.entries(proofs))
  test(title, async (t) => {
    const [found, expected] = await proof();
    t.is(found.length, expected.length);
    t.true(found.some((x) => Math.abs(x) > 0.1));
    const error = Math.max(...found.map((x, i) => Math.abs(x - expected[i]!) / (1 + Math.abs(expected[i]!))));
    t.true(error < 1e-4, `${error}`);
  });

test("asking for another name gives its estimator", async (t) => {
  const { estimators: entries } = await openRegistry();
  const asked = {
    indecater: "local-expectation",
    simple: "st",
    vargrad: "rloo",
    u2g: "disarm",
    grpo: "group-normalised",
  };
  for (const [alias, name] of Object.entries(asked))
    t.deepEqual(matching(alias, "estimator", entries).map((entry) => entry.name), [name]); // prettier-ignore
});
