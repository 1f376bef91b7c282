/** Theorems of the coupled and clipped estimators: disarm-tree, disarm-iw, ars, local-disarm, ugc, and of ovis. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import type { Fill } from "../../runners/engine/engine.ts";
import type { Task } from "../../tasks/task.ts";
import { bitUniforms, overCells, type Uniform } from "./cells.ts";
import { sigmoid } from "./closed-forms.ts";
import { draw, flat, ownToy, subject, toy } from "./measured.ts";

const close = (a: ArrayLike<number>, b: ArrayLike<number>, within = 2e-5): boolean =>
  a.length === b.length &&
  Array.from(a).every((x, i) => Math.abs(x - b[i]!) <= within * (1 + Math.abs(b[i]!)));
const rows = 40;
const spread = (i: number) => ((i * 0.618034 + 0.123) % 0.98) + 0.01;

const phis = [0.8, -1.3, 0.2];
const bits: SiteSpec = { name: "z", family: bernoulli, shape: [3] };
const pairs: SiteSpec = { name: "z", family: categorical, shape: [3, 2] };
const cubic = (b: T) => tf.pow(tf.sub(tf.sum(tf.mul(b, tf.tensor1d([1, -0.6, 1.4])), -1), 0.3), 3);
const first = (z: T) => tf.squeeze(tf.slice(z, [0, 0, 0, 0], [z.shape[0], z.shape[1]!, 3, 1]), [3]);

const four = { phi: [0.6, -0.5, 0.2, -0.9], values: [0.3, -1.2, 1.6, 0.9] };
const toyOfFour = (count: number) =>
  ownToy({ name: "z", family: categorical, shape: [1, 4] }, tf.tensor2d([four.phi]), count, (x) =>
    tf.square(tf.sum(tf.mul(x, four.values), [-2, -1])),
  );

/** The exact gradient of this toy, and the share of some of its outcomes among these and others. */
function ofFour() {
  const e = four.phi.map(Math.exp);
  const sum = (ks: readonly number[]) => ks.reduce((total, k) => total + e[k]!, 0);
  const shareOf = (one: readonly number[], zero: readonly number[]) => sum(one) / (sum(one) + sum(zero));
  const p = e.map((x) => x / sum([0, 1, 2, 3]));
  const cost = four.values.map((x) => x ** 2);
  const mean = p.reduce((total, q, k) => total + q * cost[k]!, 0);
  return { shareOf, exact: p.map((q, k) => q * (cost[k]! - mean)) };
}

for (const [tree, outcome] of [
  ["sticks", 0],
  ["balanced", 1],
] as const)
  test(`disarm-tree with two outcomes is disarm, for ${tree}`, async (t) => {
    const fill: Fill = (_name, out) => out.forEach((_, i) => (out[i] = spread(i)));
    const ofBits = await ownToy(bits, tf.tensor1d(phis), rows, cubic);
    const logits = phis.map((phi) => (outcome === 0 ? [phi, 0] : [0, phi]));
    const ofPairs = await ownToy(pairs, tf.tensor2d(logits), rows, (z) =>
      cubic(outcome === 0 ? first(z) : tf.sub(1, first(z))),
    );
    const disarm = flat(await draw(subject("disarm"), ofBits, { fill }));
    const found = flat(await draw(subject("disarm-tree", { tree }), ofPairs, { fill }));
    const expected = disarm.flatMap((x) => (outcome === 0 ? [x, -x] : [-x, x]));
    t.true(close(found, expected));
  });

test("disarm-iw with two outcomes is disarm, whichever is more probable", async (t) => {
  const fill: Fill = (_name, out) => out.forEach((_, i) => (out[i] = spread(i)));
  // A bit chooses the less probable outcome: the second one where φ is positive.
  const turned: Fill = (_name, out) =>
    out.forEach((_, i) => (out[i] = phis[i % 3]! > 0 ? 1 - spread(i) : spread(i)));
  const ofBits = await ownToy(bits, tf.tensor1d(phis), rows, cubic);
  const ofPairs = await ownToy(pairs, tf.tensor2d(phis.map((phi) => [phi, 0])), rows, (z) => cubic(first(z)));
  const disarm = flat(await draw(subject("disarm"), ofBits, { fill }));
  const found = flat(await draw(subject("disarm-iw"), ofPairs, { fill: turned }));
  t.true(
    close(
      found,
      disarm.flatMap((x) => [x, -x]),
    ),
  );
});

test("ars with two outcomes is arsm, and ars:plus disarm", async (t) => {
  const ofPairs = await ownToy(pairs, tf.tensor2d(phis.map((phi) => [phi, 0])), rows, (z) => cubic(first(z)));
  const ofTwo: Fill = (_name, out) => out.forEach((_, i) => (out[i] = spread(i)));
  const of = async (name: string, options: Settings = {}) =>
    flat(await draw(subject(name, options), ofPairs, { fill: ofTwo }));
  t.true(close(await of("ars"), await of("arsm")));
  // The share ϖ of the first outcome's noise is uniform, and the first outcome is drawn where it is below σ(φ).
  const times = Array.from({ length: rows * 6 }, (_, i) => -Math.log(spread(i)));
  const ofOne: Fill = (_name, out) =>
    out.forEach((_, i) => (out[i] = 1 - times[2 * i]! / (times[2 * i]! + times[2 * i + 1]!)));
  const ofBits = await ownToy(bits, tf.tensor1d(phis), rows, cubic);
  const disarm = flat(await draw(subject("disarm"), ofBits, { fill: ofOne }));
  t.true(close(await of("ars", { plus: true }), disarm.flatMap((x) => [x, -x]))); // prettier-ignore
});

test("with one variable, plus changes nothing of arsm and lowers the variance of ars", async (t) => {
  const of = async (name: string, plus: boolean, count: number) =>
    flat(await draw(subject(name, { plus }), await toyOfFour(count), { many: count > 1000 }));
  t.deepEqual(await of("arsm", true, rows), await of("arsm", false, rows));
  const square = (of: readonly number[]) => of.reduce((sum, x) => sum + x * x, 0);
  // The same noise, and the same mean: the ratio of squares is known to 2 %.
  const ratio = square(await of("ars", true, 20_000)) / square(await of("ars", false, 20_000));
  t.true(ratio > 0.7 && ratio < 0.9, `${ratio}`);
});

test("disarm-iw's mean over the uniforms of its bits is the gradient, with four outcomes in any order", async (t) => {
  // From the least to the most probable: the outcomes 3, 1, 2, 0.
  const nodes = [[[3], [1, 2, 0]], [[1], [2, 0]], [[2], [0]]] as const; // prettier-ignore
  const { shareOf, exact } = ofFour();
  const uniforms = bitUniforms("rows/z", nodes.map(([one, zero]) => shareOf(one, zero))); // prettier-ignore
  const found = await overCells(subject("disarm-iw"), uniforms, { "rows/z": 3 }, toyOfFour);
  t.true(close(found.mean, exact, 1e-6), found.mean.join());
});

test("disarm-tree's mean over the uniforms of its nodes is the gradient, for both trees, with four outcomes", async (t) => {
  const { shareOf, exact } = ofFour();
  const nodes = {
    sticks: [shareOf([0], [1, 2, 3]), shareOf([1], [2, 3]), shareOf([2], [3])],
    balanced: [shareOf([2, 3], [0, 1]), shareOf([1], [0]), shareOf([3], [2])],
  };
  for (const tree of ["sticks", "balanced"] as const) {
    const uniforms = bitUniforms("rows/z", nodes[tree]);
    const found = await overCells(subject("disarm-tree", { tree }), uniforms, { "rows/z": 3 }, toyOfFour);
    t.true(close(found.mean, exact, 1e-6), `${tree}: ${found.mean.join()}`);
  }
});

/** Any cost serves as a negative log weight. */
const sampled = async (on: string, count: number): Promise<Task> => ({
  ...(await toy(on, count)),
  metric: "elbo",
});

test("ovis at γ = 0 is vimco with its sample left out of the baseline, and at γ = 1 it is not", async (t) => {
  for (const on of ["coupled-bits", "layered-bits"]) {
    const of = async (name: string, options: Settings) =>
      flat(await draw(subject(name, { samples: 3, ...options }), await sampled(on, rows)));
    const vimco = await of("vimco", { baseline: "left-out" });
    t.true(close(await of("ovis", { gamma: 0 }), vimco));
    t.false(close(await of("ovis", { gamma: 1 }), vimco, 1e-2));
    t.false(close(await of("vimco", {}), vimco, 1e-2));
  }
});

test("local-disarm of small costs is disarm, averaged over samples", async (t) => {
  const [scale, S] = [1e-3, 2];
  const task = await ownToy(bits, tf.tensor1d(phis), rows, (x) => tf.mul(scale, cubic(x)));
  const size = rows * 3;
  const at =
    (s: number): Fill =>
    (_name, out) =>
      out.forEach((_, i) => (out[i] = spread(s * size + i)));
  const local = flat(
    await draw(subject("local-disarm", { samples: S }), { ...task, metric: "elbo" }, { fill: at(0) }),
  );
  const disarm = await Promise.all(
    [0, 1].map(async (s) => flat(await draw(subject("disarm"), task, { fill: at(s) }))),
  );
  const expected = disarm[0]!.map((x, i) => (x + disarm[1]![i]!) / S / scale);
  t.true(close(local.map((x) => x / scale), expected, 1e-2)); // prettier-ignore
});

test("ugc is disarm at the threshold 0, and bitflip above ½", async (t) => {
  for (const on of ["coupled-bits", "layered-bits"]) {
    const of = async (name: string, options: Settings = {}) =>
      flat(await draw(subject(name, options), await toy(on, rows)));
    t.true(close(await of("ugc", { threshold: 0 }), await of("disarm"), 0));
    t.true(close(await of("ugc", { threshold: 100 }), await of("bitflip"), 0));
  }
});

test("ugc has the variance of disarm or less on each of four bits of which two are nearly sure", async (t) => {
  const logits = [4, -4.5, 0.4, -0.6];
  const p = logits.map(sigmoid);
  const site: SiteSpec = { name: "b", family: bernoulli, shape: [4] };
  const make = (count: number) =>
    ownToy(site, tf.tensor1d(logits), count, (x) =>
      tf.square(tf.sum(tf.mul(x, tf.tensor1d([1, -0.8, 1.2, 0.7])), -1)),
    );
  const coordinate: Uniform = { name: "rows/coordinate", index: 0, cuts: [0.25, 0.5, 0.75] };
  const uniforms = [...bitUniforms("b", p), coordinate].map((one) => ({ ...one, stepwise: true }));
  const of = (name: string) => overCells(subject(name), uniforms, { b: 4, "rows/coordinate": 1 }, make);
  const [ugc, disarm, bitflip] = [await of("ugc"), await of("disarm"), await of("bitflip")];
  t.true(close(ugc.mean, disarm.mean, 1e-5) && close(ugc.mean, bitflip.mean, 1e-5));
  t.log(
    [ugc, disarm, bitflip]
      .map(({ variance }) => variance.map((x) => x.toExponential(2)).join(" "))
      .join("; "),
  );
  ugc.variance.forEach((x, i) => {
    const sure = Math.abs(logits[i]!) > 3;
    t.true(close([x], [(sure ? bitflip : disarm).variance[i]!], 1e-5));
    if (sure) t.true(x < 0.6 * disarm.variance[i]!);
  });
});
