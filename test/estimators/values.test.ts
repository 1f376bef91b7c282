/** Theorems and exact values of the estimators that ask for values of the cost. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { SiteSpec, T } from "../../estimators/estimator.ts";
import type { Fill } from "../../runners/engine/engine.ts";
import { stream } from "../../runners/train/noise-streams.ts";
import { bitUniforms, overCells, type Uniform } from "./cells.ts";
import {
  fairBitsVariance,
  koolMoments,
  koolSets,
  koolTargets,
  oneBitGradient,
  oneBitVariance,
  sigmoid,
} from "./closed-forms.ts";
import { draw, exact, flat, ownToy, subject, toy } from "./measured.ts";

const close = (a: number, b: number, within: number) => Math.abs(a - b) <= within * (1 + Math.abs(b));
const allClose = (a: ArrayLike<number>, b: ArrayLike<number>, within = 1e-5) =>
  a.length === b.length && Array.from(a).every((x, i) => close(x, b[i]!, within));

/** One bit: probabilities and targets. */
const oneBit = [0.5, 0.2, 0.83].flatMap((p) => [0.1, 0.45].map((t) => ({ p, t })));
const options = { reinforce: { baseline: "none" }, rloo: { samples: 2 } } as Record<string, object>;

for (const [name, variance] of Object.entries(oneBitVariance))
  test(`${name} on one bit has the gradient (1 − 2t)p(1 − p) and the variance of its closed form`, async (t) => {
    for (const { p, t: target } of oneBit) {
      const uniforms = bitUniforms("b", [p], name === "rloo" ? 2 : 1);
      const make = (rows: number) => toy("bits", rows, { p, t: target });
      const { mean, variance: measured } = await overCells(subject(name, options[name] as never), uniforms, { b: 1 }, make); // prettier-ignore
      t.true(close(mean[0]!, oneBitGradient(p, target), 1e-6), `${mean[0]} at p = ${p}, t = ${target}`);
      t.true(close(measured[0]!, variance(p, target), 1e-6), `${measured[0]} at p = ${p}, t = ${target}`);
    }
  });

test("three bits that share the logit 0 have the gradient −0.045 and the variances that Kool et al.'s toy is known by", (t) => {
  const known = { reinforce: 0.43842, rloo: 7.275e-3, disarm: 4.65e-3, "unordered-set": 6.1125e-3 };
  for (const [name, { mean, variance }] of Object.entries(koolMoments(0))) {
    t.true(Math.abs(mean + 0.045) < 1e-12, name);
    t.true(Math.abs(variance - known[name as keyof typeof known]) < 5e-7, name);
  }
});

const logits = [0, -0.7, 1.1];
for (const name of ["reinforce", "rloo", "disarm"] as const)
  test(`${name} on three bits that share a logit has the gradient and the variance of enumeration, at every logit`, async (t) => {
    for (const logit of logits) {
      const p = Array.from({ length: 3 }, () => sigmoid(logit));
      const uniforms = bitUniforms("b", p, name === "rloo" ? 2 : 1, name === "disarm");
      const make = (rows: number) => toy("kool", rows, { logit });
      const measured = await overCells(subject(name, options[name] as never), uniforms, { b: 3 }, make);
      const { mean, variance } = koolMoments(logit)[name];
      t.true(close(measured.mean.reduce((a, b) => a + b), mean, 1e-6), `${measured.mean.join()}`); // prettier-ignore
      t.true(close(measured.sumVariance, variance, 1e-6), `${measured.sumVariance}`);
    }
  });

test("the unordered set of two on three bits that share a logit has the gradient and variance of all 28 sets", async (t) => {
  for (const logit of logits) {
    let drawn: number[] = [];
    const site: SiteSpec = { name: "b", family: bernoulli, shape: [3] };
    const task = await ownToy(site, tf.fill([3], logit), 3000, (x) => {
      drawn = [...x.dataSync()]; // [2, B, 3]
      return tf.sum(tf.square(tf.sub(x, tf.tensor1d(koolTargets))), -1);
    });
    const gradient = flat(await draw(subject("unordered-set", { samples: 2 }), task));
    const setOf = (members: readonly (readonly number[])[]) => members.map((z) => z.join("")).sort().join(); // prettier-ignore
    const found = new Map<string, number>();
    for (let b = 0; b < 3000; b++) {
      const part = (from: number) => drawn.slice(from, from + 3);
      const set = setOf([part(3 * b), part(3 * (3000 + b))]);
      const value = gradient.slice(3 * b, 3 * b + 3).reduce((x, y) => x + y);
      t.true(close(found.get(set) ?? value, value, 1e-5), `${set}: ${found.get(set)} and ${value}`);
      found.set(set, value);
    }
    const sets = koolSets(logit);
    t.is(found.size, sets.length);
    const values = sets.map(({ members, q }) => [found.get(setOf(members.map(({ z }) => z)))!, q] as const);
    const mean = values.reduce((total, [g, q]) => total + q * g, 0);
    const variance = values.reduce((total, [g, q]) => total + q * (g - mean) ** 2, 0);
    const exact = koolMoments(logit)["unordered-set"];
    t.true(close(mean, exact.mean, 1e-6), `${mean} against ${exact.mean}`);
    t.true(close(variance, exact.variance, 1e-6), `${variance} against ${exact.variance}`);
  }
});

for (const name of ["rloo", "disarm"] as const)
  test(`${name} on fair bits has the variance of its closed form, which is that of Double CV's toy at 200 bits`, async (t) => {
    const uniforms = bitUniforms("b", [0.5, 0.5, 0.5], name === "rloo" ? 2 : 1, false);
    const make = (rows: number) => toy("quadratic", rows, { t: 0.1, variables: 3 });
    const { variance } = await overCells(subject(name, options[name] as never), uniforms, { b: 3 }, make);
    const exact = fairBitsVariance[name](0.1, 3);
    variance.forEach((x) => t.true(close(x, exact, 1e-6) && x > 0.5 * exact, `${x} against ${exact}`));
    const published = { rloo: 1.25e-9, disarm: 1.244e-9 }[name];
    t.true(Math.abs(fairBitsVariance[name](0.499, 200) / published - 1) < 5e-4);
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

test("bitflip's mean over the coordinate and the bits is the gradient, on two layers", async (t) => {
  const task = await toy("layered-bits", 1);
  const of = (name: string) => [...start[name]!.dataSync()];
  const start = task.init((_tag, shape) => tf.zeros([...shape]));
  const [first, weights, bias] = [of("logits"), of("between/weights"), of("between/bias")];
  // A bit of the second layer is cut at its probabilities under all four outcomes of the first.
  const outcomes = [0, 1, 2, 3].map((n) => [n >> 1, n & 1] as const);
  const below = bias.map((x, j) =>
    outcomes.map(([a, b]) => sigmoid(x + a * weights[j]! + b * weights[3 + j]!)),
  );
  const uniforms: Uniform[] = [
    ...bitUniforms("a", first.map(sigmoid), 1, false),
    ...below.map((ps, index) => ({ name: "b", index, cuts: ps.map((p) => 1 - p) })),
    coordinate(5),
  ].map((uniform) => ({ ...uniform, stepwise: true }));
  const events = { a: 2, b: 3, "rows/coordinate": 1 };
  const { mean } = await overCells(subject("bitflip"), uniforms, events, (B) => toy("layered-bits", B));
  t.true(allClose(mean, await exact("layered-bits")), `${mean.join()}`);
});

test("vimco's mean is the gradient of the expected two-sample bound, by enumeration of pairs", async (t) => {
  const make = async (rows: number) => ({ ...(await toy("coupled-bits", rows)), metric: "elbo" as const });
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

test("vimco goes to rloo as the log weights draw together: what is between them falls fourfold as their spread is halved", async (t) => {
  const between = async (size: number) => {
    const task = await ownToy(bits, tf.tensor1d(phis), rows, (b) =>
      tf.mul(size, tf.square(tf.sub(tf.sum(tf.mul(b, tf.tensor1d([1, -0.6, 1.4])), -1), 0.2))),
    );
    const [vimco, rloo] = await Promise.all(
      ["vimco", "rloo"].map(async (name) => flat(await draw(subject(name), { ...task, metric: "elbo" }))),
    );
    return Math.hypot(...vimco!.map((x, i) => x - rloo![i]!));
  };
  const [whole, half] = [await between(0.1), await between(0.05)];
  t.true(Math.abs(whole / half - 4) < 0.2, `${whole} and ${half}`);
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

/** CARMS for one variable in plain numbers, order by order. */
function carmsByOrders(logits: readonly number[], u: readonly number[], chooser: number, cost: number[]) {
  const S = u.length;
  const sum = (x: readonly number[]) => x.reduce((a, b) => a + b, 0);
  const p = logits.map((x) => Math.exp(x) / sum(logits.map(Math.exp)));
  const orders = p.flatMap((_, a) =>
    p.flatMap((_, l) => (l > a ? [[a, ...p.map((_, k) => k).filter((k) => k !== a && k !== l), l]] : [])),
  );
  const start = (order: readonly number[], k: number) =>
    sum(order.slice(0, order.indexOf(k)).map((j) => p[j]!));
  const times = u.map((x) => -Math.log(x));
  const order = orders[Math.floor(chooser * orders.length)]!;
  const drawn = times.map((time) => {
    const v = (1 - time / sum(times)) ** (S - 1);
    return order.findLast((k) => start(order, k) < v)!;
  });
  const C = (s: number, t: number) => Math.max(0, s ** (1 / (S - 1)) + t ** (1 / (S - 1)) - 1) ** (S - 1);
  const weight = (k: number, j: number) => {
    const rectangles = orders.map((one) => {
      const [a, b] = [start(one, k), start(one, j)];
      const [to, other] = [a + p[k]!, b + p[j]!];
      return C(to, other) - C(a, other) - C(to, b) + C(a, b);
    });
    return (p[k]! * p[j]!) / (sum(rectangles) / orders.length);
  };
  return p.map((q, c) => {
    const terms = drawn.flatMap((k, i) =>
      drawn.map((j) => (j === k ? 0 : weight(k, j) * (cost[k]! - cost[j]!) * (Number(drawn[i] === c) - q))),
    );
    return sum(terms) / (S * (S - 1));
  });
}

for (const S of [2, 3, 4])
  test(`carms with ${S} samples is its formula, order by order`, async (t) => {
    const [logits, costs] = [
      [0.4, -1.1, 0.9, 0.1, -0.3],
      [1, -2, 0.5, 3, -1],
    ];
    const site: SiteSpec = { name: "z", family: categorical, shape: [1, logits.length] };
    const task = await ownToy(site, tf.tensor2d([logits]), rows, (z) => tf.sum(tf.mul(z, tf.tensor1d(costs)), [-2, -1])); // prettier-ignore
    const fill = stream("carms by orders");
    const found = flat(await draw(subject("carms", { samples: S }), task, { fill }));
    const [u, chooser] = [new Float32Array(S * rows), new Float32Array(rows)];
    fill("rows/z", u);
    fill("rows/order/z", chooser);
    for (let b = 0; b < rows; b++) {
      const us = Array.from({ length: S }, (_, s) => u[s * rows + b]!);
      const byHand = carmsByOrders(logits, us, chooser[b]!, costs);
      t.true(allClose(found.slice(5 * b, 5 * b + 5), byHand, 1e-4), `row ${b}: ${byHand.join()}`);
    }
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
  ["reinforce-wor", { samples: 4 }],
  ["normalised-set", { samples: 4 }],
] as const)
  test(`${name} ${JSON.stringify(given)} of one variable with four outcomes is exact, draw by draw`, async (t) => {
    const task = await fourTask();
    const truth = flat(await draw(subject("exact"), task)).slice(0, 4);
    const drawn = flat(await draw(subject(name, given), task));
    t.true(allClose(drawn, Array.from({ length: rows }, () => truth).flat()));
  });

for (const site of [bits, four])
  test(`rloo at two samples is ½(f₁ − f₂)(z₁ − z₂), draw by draw, for ${site.family.name}`, async (t) => {
    let [z, f]: [number[], number[]] = [[], []];
    const size = site.shape.reduce((a, b) => a * b, 1);
    const task = await ownToy(site, tf.reshape(tf.linspace(-0.8, 1.1, size), [...site.shape]), rows, (x) => {
      const sum = tf.sum(tf.mul(tf.reshape(x, [2, rows, size]), tf.linspace(-1, 1.5, size)), -1);
      const cost = tf.add(tf.square(sum), sum);
      [z, f] = [[...x.dataSync()], [...cost.dataSync()]];
      return cost;
    });
    const drawn = flat(await draw(subject("rloo", { samples: 2 }), task));
    const identity = drawn.map((_, i) => {
      const b = Math.floor(i / size);
      return 0.5 * (f[b]! - f[rows + b]!) * (z[i]! - z[rows * size + i]!);
    });
    t.true(allClose(drawn, identity));
    t.true(drawn.some((x) => Math.abs(x) > 0.1));
  });

for (const baseline of ["none", "average"])
  test(`reinforce of three samples is the mean of three of one, draw by draw, with baseline ${baseline}`, async (t) => {
    for (const problem of ["coupled-bits", "coupled-categorical", "layered-bits"]) {
      const task = await toy(problem, 50);
      const three: Fill = stream("three samples");
      const oneOf =
        (s: number): Fill =>
        (name, out) => {
          const all = new Float32Array(3 * out.length);
          three(name, all);
          out.set(all.subarray(s * out.length, (s + 1) * out.length));
        };
      const of = async (samples: number, fill: Fill) =>
        flat(await draw(subject("reinforce", { samples, baseline }), task, { fill }));
      const each = await Promise.all([0, 1, 2].map((s) => of(1, oneOf(s))));
      const mean = each[0]!.map((_, i) => (each[0]![i]! + each[1]![i]! + each[2]![i]!) / 3);
      t.true(allClose(await of(3, three), mean), problem);
      t.false(allClose(each[0]!, mean));
    }
  });

test("double-cv and rodeo start as rloo, draw by draw", async (t) => {
  const task = await toy("coupled-bits", rows);
  const rloo = flat(await draw(subject("rloo"), task));
  for (const name of ["double-cv", "rodeo"])
    t.true(allClose(flat(await draw(subject(name), task)), rloo, 1e-4), name);
});
