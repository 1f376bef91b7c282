/** Theorems of the estimators that replace a derivative: st and its kin, reinmax, gumbel-rao. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import type { Fill } from "../../runners/engine/engine.ts";
import { stream } from "../../runners/train/noise-streams.ts";
import type { Task } from "../../tasks/task.ts";
import { draw, exact, expectation, flat, lattice, ownToy, subject, toy } from "./measured.ts";

const bits: SiteSpec = { name: "b", family: bernoulli, shape: [3] };
const trits: SiteSpec = { name: "z", family: categorical, shape: [2, 3] };
const sites = [bits, trits] as const;
/** The first of these numbers, in the shape of a site. */
const shaped = (values: readonly number[], { shape }: SiteSpec) =>
  tf.tensor(values.slice(0, tf.util.sizeFromShape([...shape])), [...shape]);
const logitsOf = (site: SiteSpec) => shaped([0.7, -1.1, 0.3, -0.4, 0.9, 0.2], site);
const weightsOf = (site: SiteSpec) => shaped([1.5, -1, 0.8, 1.2, -0.7, 0.4], site);
/** The sum over all axes but samples and rows. */
const total = (x: T) => tf.sum(tf.reshape(x, [x.shape[0], x.shape[1]!, -1]), -1);

const linear = (site: SiteSpec) => (x: T) => total(tf.mul(x, weightsOf(site)));
/** Quadratic with all products between variables. */
const quadratic = (site: SiteSpec) => (x: T) => tf.square(tf.sub(linear(site)(x), 0.6));
const quartic = (site: SiteSpec) => (x: T) => tf.square(quadratic(site)(x));

const close = (a: ArrayLike<number>, b: ArrayLike<number>, within = 2e-5): boolean =>
  a.length === b.length &&
  Array.from(a).every((x, i) => Math.abs(x - b[i]!) <= within * (1 + Math.abs(b[i]!)));
const truthOf = async (site: SiteSpec, cost: (x: T) => T) =>
  flat(await draw(subject("exact"), await ownToy(site, logitsOf(site), 1, cost)));
const meanOf = (name: string, options: Settings, site: SiteSpec, cost: (x: T) => T) =>
  expectation(subject(name, options), (rows) => ownToy(site, logitsOf(site), rows, cost));

for (const site of sites) {
  const { name: family } = site.family;

  test(`st at τ = 1 is the exact gradient of a linear cost, draw by draw, for ${family}`, async (t) => {
    const task = await ownToy(site, logitsOf(site), 50, linear(site));
    const truth = await truthOf(site, linear(site));
    const rows = flat(await draw(subject("st"), task));
    t.true(close(rows, Array.from({ length: 50 }, () => truth).flat()));
  });

  for (const name of ["reinmax", "zgr", ...(family === "bernoulli" ? ["darn"] : [])])
    test(`${name} is exact in expectation for a quadratic cost, and not for a quartic, for ${family}`, async (t) => {
      t.true(close(await meanOf(name, {}, site, quadratic(site)), await truthOf(site, quadratic(site))));
      t.false(close(await meanOf(name, {}, site, quartic(site)), await truthOf(site, quartic(site)), 1e-2));
    });

  for (const [name, options] of [
    ["st", {}],
    ["gst", {}],
    ["gst", { adaptive: true }],
    ["annealed-st", { temperature: 0.9 }],
  ] as const)
    test(`${name} ${JSON.stringify(options)} is biased for a quadratic cost, for ${family}`, async (t) => {
      const mean = await meanOf(name, options, site, quadratic(site));
      t.false(close(mean, await truthOf(site, quadratic(site)), 1e-2));
    });

  test(`reinmax at τ = 1 is zgr, sample by sample, for ${family}`, async (t) => {
    const task = await ownToy(site, logitsOf(site), 200, quartic(site));
    t.true(close(flat(await draw(subject("reinmax"), task)), flat(await draw(subject("zgr"), task))));
  });

  test(`gst at gap 0 is st at its temperature where the most probable outcome is drawn, for ${family}`, async (t) => {
    const task = await ownToy(site, logitsOf(site), 1, quadratic(site));
    const fill: Fill = (_name, out) => out.fill(0.5);
    const of = async (name: string, options: Settings) =>
      flat(await draw(subject(name, options), task, { fill }));
    const gst = await of("gst", { gap: 0, temperature: 2 });
    t.true(close(gst, await of("st", { temperature: 2 }), 1e-6));
    t.false(close(gst, await of("gst", { gap: 3, temperature: 2 }), 1e-3));
  });

  test(`annealed-st with a soft sigmoid is st at the same temperature, for ${family}`, async (t) => {
    const task = await ownToy(site, logitsOf(site), 40, quadratic(site));
    const annealed = flat(await draw(subject("annealed-st", { temperature: 0.4, sigmoid: "soft" }), task));
    t.deepEqual(annealed, flat(await draw(subject("st", { temperature: 0.4 }), task)));
  });
}

for (const site of sites) {
  const { name: family } = site.family;
  const gradientOf = async (
    name: string,
    options: Settings,
    logits = logitsOf(site),
    cost = quadratic(site),
  ) => flat(await draw(subject(name, options), await ownToy(site, logits, 60, cost)));

  test(`st with the identity gives the weights of a linear cost, and clipped where |φ| ≤ 1 only, for ${family}`, async (t) => {
    const weights = [...weightsOf(site).dataSync()];
    const inside = [...logitsOf(site).dataSync()].map((x) => (Math.abs(x) <= 1 ? 1 : 0));
    t.is(family === "bernoulli" && inside.includes(0), family === "bernoulli");
    const expected = (factor: readonly number[]) =>
      Array.from({ length: 60 }, () => weights.map((w, i) => w * factor[i]!)).flat();
    const identity = await gradientOf("st", { backward: "identity" }, undefined, linear(site));
    t.true(close(identity, expected(weights.map(() => 1)), 1e-6));
    const clipped = await gradientOf("st", { backward: "clipped" }, undefined, linear(site));
    t.true(close(clipped, expected(inside), 1e-6));
  });

  test(`st's sample at a low forward temperature is that of argmax, for ${family}`, async (t) => {
    const cold = await gradientOf("st", { "forward-temperature": 1e-3 });
    t.deepEqual(cold, await gradientOf("st", { forward: "argmax" }));
    t.notDeepEqual(cold, await gradientOf("st", {}));
  });

  test(`the forward temperature of st and st-gs divides the logits of the sample alone, for ${family}`, async (t) => {
    const sampleOf = async (name: string, options: Settings, logits: T) => {
      let seen: number[] = [];
      const task = await ownToy(site, logits, 200, (x) => {
        seen = [...x.dataSync()];
        return total(x);
      });
      await draw(subject(name, options), task);
      return seen;
    };
    const halved = tf.div(logitsOf(site), 2);
    for (const name of ["st", "st-gs"]) {
      const decoupled = await sampleOf(name, { "forward-temperature": 2 }, logitsOf(site));
      t.deepEqual(decoupled, await sampleOf(name, {}, halved));
      t.notDeepEqual(decoupled, await sampleOf(name, {}, logitsOf(site)));
    }
    // A linear cost has one derivative for every sample, so that the backward pass shows alone.
    const gradients = (options: Settings) => gradientOf("st-gs", options, undefined, linear(site));
    t.deepEqual(await gradients({ "forward-temperature": 2 }), await gradients({}));
  });

  test(`gs and st-gs with noise scale η at φ and τ are those at φ/η and τ/η, for ${family}`, async (t) => {
    for (const name of ["gs", "st-gs"]) {
      const scaled = await gradientOf(name, { "noise-scale": 4, temperature: 2 });
      const plain = await gradientOf(name, { temperature: 0.5 }, tf.div(logitsOf(site), 4));
      t.true(close(scaled, plain.map((x) => x / 4), 1e-5)); // prettier-ignore
      t.false(close(scaled, await gradientOf(name, { temperature: 2 }), 1e-2));
    }
  });
}

test("darn, reinmax at τ = 1 and zgr are one estimator for Bernoulli, sample by sample, on one and two layers", async (t) => {
  for (const name of ["coupled-bits", "layered-bits"]) {
    const task = await toy(name, 200);
    const [darn, reinmax, zgr] = await Promise.all(
      ["darn", "reinmax", "zgr"].map(async (one) => flat(await draw(subject(one), task))),
    );
    t.true(close(reinmax!, darn!));
    t.true(close(zgr!, darn!));
  }
});

test("darn for Bernoulli is f′(z)·½(1 − p) where z = 1, f′(z)·½p where z = 0", async (t) => {
  const site: SiteSpec = { name: "b", family: bernoulli, shape: [1] };
  const phi = 0.7;
  const p = 1 / (1 + Math.exp(-phi));
  const task = await ownToy(site, tf.tensor1d([phi]), 2, (x) => tf.sum(tf.square(tf.sub(x, 0.3)), -1));
  const fill: Fill = (_name, out) => out.set([0.001, 0.999]);
  const expected = [2 * (0 - 0.3) * 0.5 * p, 2 * (1 - 0.3) * 0.5 * (1 - p)];
  t.true(close(flat(await draw(subject("darn"), task, { fill })), expected));
});

test("annealed-st for Bernoulli has the slope 1/(2τ) within |φ| < τ and none without", async (t) => {
  const [tau, phis] = [0.8, [-1.6, -0.79, 0.3, 0.79, 0.81]];
  const site: SiteSpec = { name: "b", family: bernoulli, shape: [phis.length] };
  const task = await ownToy(site, tf.tensor1d(phis), 2, (x) => tf.sum(tf.square(tf.sub(x, 0.3)), -1));
  const fill: Fill = (_name, out) => out.fill(0.001, 0, phis.length).fill(0.999, phis.length);
  const expected = [2 * (0 - 0.3), 2 * (1 - 0.3)].flatMap((derivative) =>
    phis.map((phi) => (Math.abs(phi) < tau ? derivative / (2 * tau) : 0)),
  );
  const drawn = flat(await draw(subject("annealed-st", { temperature: tau }), task, { fill }));
  t.true(close(drawn, expected), drawn.join());
});

test("st stands still on the polynomial at π = .45, where the cost is .2475, and moves towards it from both sides", async (t) => {
  const at = async (p: number) => {
    const make = async (rows: number): Promise<Task> => ({
      ...(await toy("polynomial", rows, { variables: 1 })),
      init: () => ({ logits: tf.tensor2d([[Math.log(p / (1 - p)), 0]]) }),
    });
    const [slope] = await expectation(subject("st"), make);
    return slope!;
  };
  t.true(Math.abs(await at(0.45)) < 1e-7);
  t.true((await at(0.4)) < -1e-3 && (await at(0.5)) > 1e-3);
  const [rest, optimum] = [0.45 * 0.55 ** 2 + 0.55 * 0.45 ** 2, 0.45 ** 2];
  t.true(Math.abs(rest - 0.2475) < 1e-12 && Math.abs(optimum - 0.2025) < 1e-12);
});

test("gst for Bernoulli has the slope of σ(max(φ, gap)/τ)/τ where z = 1, of σ(max(−φ, gap)/τ)/τ where z = 0", async (t) => {
  const site: SiteSpec = { name: "b", family: bernoulli, shape: [1] };
  const [phi, tau] = [1.6, 0.8];
  const task = await ownToy(site, tf.tensor1d([phi]), 2, (x) => tf.sum(x, -1));
  const fill: Fill = (_name, out) => out.set([0.001, 0.999]);
  const slope = (x: number) => 1 / (2 + Math.exp(x / tau) + Math.exp(-x / tau)) / tau;
  const drawn = flat(await draw(subject("gst", { temperature: tau }), task, { fill }));
  t.true(close(drawn, [slope(1), slope(1.6)]));
});

test("gst's adaptive gap is −log(1 − π_D)/π_D, near 1 for a rare outcome, for both families alike", async (t) => {
  const slope = (x: number) => 1 / (2 + Math.exp(x) + Math.exp(-x));
  const one: SiteSpec = { name: "b", family: bernoulli, shape: [1] };
  const two: SiteSpec = { name: "z", family: categorical, shape: [1, 2] };
  const fill: Fill = (_name, out) => out.set([1 - 2 ** -24, 2 ** -23].slice(0, out.length));
  const gst = subject("gst", { adaptive: true });
  for (const phi of [-15, -6, -1, 0.5, 4]) {
    const p = 1 / (1 + Math.exp(-phi));
    const expected = slope(Math.max(phi, -Math.log1p(-p) / p));
    const bit = await ownToy(one, tf.tensor1d([phi]), 1, total);
    const hot = await ownToy(two, tf.tensor2d([[phi, 0]]), 1, (x) => total(tf.mul(x, [1, 0])));
    t.true(close(flat(await draw(gst, bit, { fill })), [expected]));
    t.true(close(flat(await draw(gst, hot, { fill })), [expected, -expected]));
  }
});

for (const [site, points] of [
  [{ name: "b", family: bernoulli, shape: [1] }, 20000],
  [{ name: "z", family: categorical, shape: [1, 3] }, 200000],
] as const)
  test(`gumbel-rao goes to zgr as τ → 0, its error to zero with τ, for ${site.family.name}`, async (t) => {
    const logits = tf.tensor([0.7, -0.4, 0.2].slice(0, site.shape.at(-1)), [...site.shape]);
    const base = site.family.rank === 0 ? [0.9] : [0.2, 0.9, 0.3];
    const fill: Fill = (name, out) =>
      out.set(name.endsWith("/inner") ? lattice(points, site.shape.at(-1)!) : base);
    const weights = [1.5, -1, 0.8].slice(0, site.shape.at(-1));
    const task = await ownToy(site, logits, 1, (x) => total(tf.mul(x, weights)));
    const at = async (name: string, options: Settings = {}) =>
      flat(await draw(subject(name, options), task, { fill, many: true }));
    const limit = await at("zgr");
    const size = (xs: readonly number[]) => Math.hypot(...xs);
    const errors: number[] = [];
    for (const temperature of [0.2, 0.1, 0.05]) {
      const averaged = await at("gumbel-rao", { temperature, draws: points });
      errors.push(size(averaged.map((x, i) => x - limit[i]!)) / size(limit));
    }
    t.log(errors.map((error) => error.toFixed(4)).join(" "));
    t.true(errors.every((error, i) => i === 0 || error < 0.7 * errors[i - 1]!));
    t.true(errors.at(-1)! < 0.04);
  });

// Paired by the hard sample, on which both depend alike. False alarm: 9 coordinates beyond 5.5, 9 × 3.8e-8 < 1e-6.
// Miss: a difference of 5.5 standard errors, about .06 of a gradient of norm .9, is found with probability ½.
test("gumbel-rao's mean is st-gs's mean, and its variance below", async (t) => {
  const task = await toy("coupled-categorical", 20000);
  const fill = stream("gumbel-rao");
  const [plain, averaged] = [
    flat(await draw(subject("st-gs"), task, { fill, many: true })),
    flat(await draw(subject("gumbel-rao", { draws: 4 }), task, { fill, many: true })),
  ];
  const spread = (xs: readonly number[]) => {
    const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
    return { mean, variance: xs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (xs.length - 1) };
  };
  const column = (xs: readonly number[], k: number) => xs.filter((_, i) => i % 9 === k);
  const variances = { plain: 0, averaged: 0 };
  for (let k = 0; k < 9; k++) {
    const [a, b] = [column(plain, k), column(averaged, k)];
    const { mean, variance } = spread(a.map((x, n) => x - b[n]!));
    t.true(Math.abs(mean) < 5.5 * Math.sqrt(variance / a.length));
    variances.plain += spread(a).variance;
    variances.averaged += spread(b).variance;
  }
  t.true(variances.averaged < 0.9 * variances.plain);
});

test("gs's sample goes to the hard sample as τ → 0", async (t) => {
  for (const site of sites) {
    let seen: number[] = [];
    const task = await ownToy(site, logitsOf(site), 500, (x) => {
      seen = [...x.dataSync()];
      return total(x);
    });
    const sampled = async (name: string, options: Settings) => {
      await draw(subject(name, options), task);
      return seen;
    };
    const hard = await sampled("reinforce", { baseline: "none" });
    const away: number[] = [];
    for (const temperature of [1, 0.1, 0.01, 0.001]) {
      const soft = await sampled("gs", { temperature });
      away.push(soft.reduce((sum, x, i) => sum + Math.abs(x - hard[i]!), 0) / soft.length);
    }
    // The share of perturbed logits within τ of a tie falls as τ does.
    t.true(away.every((x, i) => i === 0 || x < 0.3 * away[i - 1]!));
    t.true(away.at(-1)! < 1e-3);
  }
});

test("on two layers reinmax and zgr are biased, since the second layer's logits depend on the first's sample", async (t) => {
  const truth = await exact("layered-bits");
  const rows = 40000;
  const drawn = await draw(subject("zgr"), await toy("layered-bits", rows), { many: true });
  const first = [...drawn["logits/a"]!.values].filter((_, i) => i % 2 === 0);
  const mean = first.reduce((a, b) => a + b, 0) / rows;
  const error = Math.sqrt(first.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / rows;
  // A z of 8 where 5 would come by chance once in 2 million.
  t.true(Math.abs(mean - truth[0]!) / error > 5);
});
