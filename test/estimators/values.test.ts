/** Theorems and exact values of the estimators that ask for values of the cost. */
import test from "ava";
import { tf } from "../../estimators/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { SiteSpec, T } from "../../estimators/estimator.ts";
import type { Fill } from "../../runners/engine/engine.ts";
import { stream } from "../../runners/streams.ts";
import { bitUniforms, overCells, type Uniform } from "./cells.ts";
import { draw, exact, flat, ownToy, subject, toy } from "./measured.ts";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const close = (a: number, b: number, within: number) => Math.abs(a - b) <= within * (1 + Math.abs(b));
const allClose = (a: ArrayLike<number>, b: ArrayLike<number>, within = 1e-5) =>
  a.length === b.length && Array.from(a).every((x, i) => close(x, b[i]!, within));

/** f(z) = (z − t)² of one bit: the closed forms of each estimator's variance. */
const oneBit = [0.5, 0.2, 0.83].flatMap((p) => [0.1, 0.45].map((t) => ({ p, t })));
const closedForms: Record<string, (p: number, t: number) => number> = {
  reinforce: (p, t) => p * (1 - p) * ((1 - p) * (1 - t) ** 4 + p * t ** 4) - ((1 - 2 * t) * p * (1 - p)) ** 2,
  rloo(p, t) {
    const v = 2 * p * (1 - p);
    return ((1 - 2 * t) ** 2 / 4) * v * (1 - v);
  },
  disarm(p, t) {
    const [q, m] = [Math.min(p, 1 - p), Math.max(p, 1 - p)];
    return ((1 - 2 * t) ** 2 / 4) * m ** 2 * 2 * q * (1 - 2 * q);
  },
  arm(p, t) {
    const q = Math.min(p, 1 - p);
    return (1 - 2 * t) ** 2 * ((2 / 3) * (1 / 8 - (0.5 - q) ** 3) - (p * (1 - p)) ** 2);
  },
  "local-expectation": () => 0,
  bitflip: () => 0,
};
const options = { reinforce: { baseline: "none" }, rloo: { samples: 2 } } as Record<string, object>;

for (const [name, variance] of Object.entries(closedForms))
  test(`${name} on one bit has the gradient (1 − 2t)p(1 − p) and the variance of its closed form`, async (t) => {
    for (const { p, t: target } of oneBit) {
      const uniforms = bitUniforms("b", [p], name === "rloo" ? 2 : 1);
      const make = (rows: number) => toy("bits", rows, { p, t: target });
      const { mean, variance: measured } = await overCells(subject(name, options[name] as never), uniforms, { b: 1 }, make); // prettier-ignore
      t.true(close(mean[0]!, (1 - 2 * target) * p * (1 - p), 1e-6), `${mean[0]} at p = ${p}, t = ${target}`);
      t.true(close(measured[0]!, variance(p, target), 1e-6), `${measured[0]} at p = ${p}, t = ${target}`);
    }
  });

const kool: Record<string, { samples: number; variance: number }> = {
  reinforce: { samples: 1, variance: 0.43842 },
  rloo: { samples: 2, variance: 7.275e-3 },
  disarm: { samples: 1, variance: 4.65e-3 },
};
for (const [name, { samples, variance }] of Object.entries(kool))
  test(`${name} on three bits that share a logit has the gradient −0.045 and the variance ${variance}`, async (t) => {
    const half = bitUniforms("b", [0.5, 0.5, 0.5], samples);
    const make = (rows: number) => toy("kool", rows, { logit: 0 });
    const measured = await overCells(subject(name, options[name] as never), half, { b: 3 }, make);
    t.true(close(measured.mean.reduce((a, b) => a + b), -0.045, 1e-6)); // prettier-ignore
    t.true(close(measured.sumVariance, variance, 1e-6), `${measured.sumVariance}`);
  });

const coupled = [-1.2, 0.4, 0.9, -0.3].map(sigmoid);

test("disarm is arm with the uniform summed out: the same mean, and no coordinate's variance is larger", async (t) => {
  const over = (name: string) =>
    overCells(subject(name), bitUniforms("b", coupled), { b: 4 }, (rows) => toy("coupled-bits", rows));
  const [arm, disarm, truth] = [await over("arm"), await over("disarm"), await exact("coupled-bits")];
  t.true(allClose(arm.mean, truth));
  t.true(allClose(disarm.mean, truth));
  disarm.variance.forEach((x, i) => t.true(x < arm.variance[i]!));
});

/** The coordinate's uniform, cut into as many equal parts as there are bits. */
const coordinate = (D: number): Uniform => ({
  name: "rows/coordinate",
  index: 0,
  cuts: Array.from({ length: D - 1 }, (_, i) => (i + 1) / D),
});

test("bitflip's mean over the coordinate and the bits is the gradient, on one layer", async (t) => {
  const uniforms = [...bitUniforms("b", coupled, 1, false), coordinate(4)];
  const events = { b: 4, "rows/coordinate": 1 };
  const { mean } = await overCells(subject("bitflip"), uniforms, events, (rows) => toy("coupled-bits", rows));
  t.true(allClose(mean, await exact("coupled-bits")), `${mean.join()}`);
});

test("vimco's mean is the gradient of the expected two-sample bound, by enumeration of pairs", async (t) => {
  const make = async (rows: number) => ({ ...(await toy("coupled-bits", rows)), bound: "sampled" as const });
  const { mean } = await overCells(subject("vimco", { samples: 2 }), bitUniforms("b", coupled, 2, false), { b: 4 }, make); // prettier-ignore
  const logits = [-1.2, 0.4, 0.9, -0.3];
  const objective = (phi: readonly number[]) => {
    const all = Array.from({ length: 16 }, (_, n) => [8, 4, 2, 1].map((place) => Number((n & place) > 0)));
    const w = all.map(([a, b, c, d]) => Math.exp(-((1.5 * a! - b! + 0.8 * c! + 1.2 * d! - 0.1) ** 2 + 2 * a! * b! * c!))); // prettier-ignore
    const q = all.map((z) =>
      z.reduce((pr, bit, i) => pr * (bit ? sigmoid(phi[i]!) : 1 - sigmoid(phi[i]!)), 1),
    );
    return w.reduce((sum, x, i) => sum - w.reduce((part, y, j) => part + q[i]! * q[j]! * Math.log((x + y) / 2), 0), 0); // prettier-ignore
  };
  const h = 1e-4;
  const moved = (i: number, by: number) => objective(logits.map((x, j) => (i === j ? x + by : x)));
  const truth = logits.map((_, i) => (moved(i, h) - moved(i, -h)) / (2 * h));
  t.true(allClose(mean, truth, 1e-5), `${mean.join()} against ${truth.join()}`);
});

/** Uniforms of one number a row and variable, spread over (0, 1). */
const rows = 500;
const spread = (D: number) => {
  const u = new Float32Array(rows * D);
  stream("one uniform a variable")("u", u);
  return u;
};
/** Two samples' uniforms whose exponentials are 1 − u and u, so that the first antithetic uniform is u. */
const paired = (u: Float32Array, out: Float32Array) => {
  u.forEach((x, i) => {
    out[i] = Math.exp(-(1 - x));
    out[u.length + i] = Math.exp(-x);
  });
};
const plain =
  (u: Float32Array): Fill =>
  (_name, out) =>
    out.set(u);

test("arms at two samples is disarm, draw by draw, once the uniforms of unlikely bits are mirrored", async (t) => {
  const u = spread(4);
  const mirrored = u.map((x, i) => (coupled[i % 4]! < 0.5 ? 1 - x : x)); // the copula is inverted for likely bits alone
  const task = await toy("coupled-bits", rows);
  const fill: Fill = (_name, out) => paired(mirrored, out);
  const arms = flat(await draw(subject("arms", { samples: 2 }), task, { fill }));
  t.true(allClose(arms, flat(await draw(subject("disarm"), task, { fill: plain(u) }))));
});

const phis = [0.8, -1.3, 0.2];
const bits: SiteSpec = { name: "b", family: bernoulli, shape: [3] };
const pairs: SiteSpec = { name: "z", family: categorical, shape: [3, 2] };
const cubic = (b: T) => {
  const sum = tf.sum(tf.mul(b, tf.tensor1d([1, -0.6, 1.4])), -1);
  return tf.add(tf.mul(sum, tf.square(sum)), sum);
};
const second = (z: T) => tf.squeeze(tf.slice(z, [0, 0, 0, 1], [z.shape[0], z.shape[1]!, 3, 1]), [3]);
const bitTask = () => ownToy(bits, tf.tensor1d(phis), rows, cubic);
const pairTask = () => ownToy(pairs, tf.tensor2d(phis.map((phi) => [0, phi])), rows, (z) => cubic(second(z)));
/** The gradient along the second outcome's logits. */
const along = (gradient: readonly number[]) => gradient.filter((_, i) => i % 2 === 1);

test("carms with two outcomes and two samples is disarm, draw by draw", async (t) => {
  const u = spread(3);
  const fill: Fill = (name, out) => (name === "rows/z" ? paired(u, out) : out.fill(0.5));
  const carms = along(flat(await draw(subject("carms", { samples: 2 }), await pairTask(), { fill })));
  t.true(allClose(carms, flat(await draw(subject("disarm"), await bitTask(), { fill: plain(u) })), 1e-4));
});

test("arsm with two outcomes is arm, draw by draw", async (t) => {
  const u = spread(3);
  /** The second outcome's share of the Dirichlet noise is 1 − u. */
  const fill: Fill = (_name, out) =>
    u.forEach((x, i) => {
      out[2 * i] = Math.exp(-x);
      out[2 * i + 1] = Math.exp(-(1 - x));
    });
  const arsm = along(flat(await draw(subject("arsm"), await pairTask(), { fill })));
  t.true(allClose(arsm, flat(await draw(subject("arm"), await bitTask(), { fill: plain(u) })), 1e-4));
});

test("muprop is exact for a linear cost, draw by draw", async (t) => {
  const task = await ownToy(bits, tf.tensor1d(phis), rows, (b) =>
    tf.sum(tf.mul(b, tf.tensor1d([1, -0.6, 1.4])), -1),
  );
  const truth = phis.map((phi, i) => [1, -0.6, 1.4][i]! * sigmoid(phi) * (1 - sigmoid(phi)));
  const drawn = flat(await draw(subject("muprop"), task));
  t.true(allClose(drawn, Array.from({ length: rows }, () => truth).flat()));
});

const four: SiteSpec = { name: "z", family: categorical, shape: [1, 4] };
const fourTask = () =>
  ownToy(four, tf.tensor2d([[0.5, -1.2, 0.9, 0.1]]), rows, (z) =>
    tf.sum(tf.mul(z, tf.tensor1d([2, -1, 0.5, 3])), [2, 3]),
  );

for (const [name, given] of [
  ["local-expectation", {}],
  ["unordered-set", { samples: 4 }],
  ["unordered-set", { samples: 6 }],
  ["sum-and-sample", { samples: 4 }],
] as const)
  test(`${name} ${JSON.stringify(given)} of one variable with four outcomes is exact, draw by draw`, async (t) => {
    const task = await fourTask();
    const truth = flat(await draw(subject("exact"), task)).slice(0, 4);
    const drawn = flat(await draw(subject(name, given), task));
    t.true(allClose(drawn, Array.from({ length: rows }, () => truth).flat()));
  });

test("double-cv and rodeo start as rloo, draw by draw", async (t) => {
  const task = await toy("coupled-bits", rows);
  const rloo = flat(await draw(subject("rloo"), task));
  for (const name of ["double-cv", "rodeo"])
    t.true(allClose(flat(await draw(subject(name), task)), rloo, 1e-4), name);
});
