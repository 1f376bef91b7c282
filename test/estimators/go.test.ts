/** Theorems of go and mvd, with and without pruning. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import type { Fill } from "../../runners/engine/engine.ts";
import { bitUniforms, overCells } from "./cells.ts";
import { oneBitGradient, sigmoid } from "./closed-forms.ts";
import { draw, exact, expectation, flat, ownToy, subject, toy } from "./measured.ts";

const close = (a: ArrayLike<number>, b: ArrayLike<number>, within = 2e-5): boolean =>
  a.length === b.length &&
  Array.from(a).every((x, i) => Math.abs(x - b[i]!) <= within * (1 + Math.abs(b[i]!)));

test("go's mean over all outcomes is the gradient, for bits and for categories in their order", async (t) => {
  for (const on of ["coupled-bits", "coupled-categorical"])
    t.true(close(await expectation(subject("go"), (rows) => toy(on, rows)), await exact(on)), on);
});

test("go of a bit has the variance p³(1 − p)δ², pruned or not", async (t) => {
  for (const [p, target] of [
    [0.3, 0.1],
    [0.8, 0.45],
  ] as const)
    for (const prune of [false, true]) {
      const make = (rows: number) => toy("bits", rows, { p, t: target });
      const { mean, variance } = await overCells(
        subject("go", { prune }),
        bitUniforms("b", [p]),
        { b: 1 },
        make,
      );
      t.true(close(mean, [oneBitGradient(p, target)], 1e-6));
      t.true(close(variance, [p ** 3 * (1 - p) * (1 - 2 * target) ** 2], 1e-6), `${variance[0]}`);
    }
});

const phis = [0.8, -1.3, 0.2];
const cubic = (b: T) => tf.pow(tf.sub(tf.sum(tf.mul(b, tf.tensor1d([1, -0.6, 1.4])), -1), 0.3), 3);

test("go of two outcomes is that of a bit, pruned or not", async (t) => {
  const rows = 40;
  const bits: SiteSpec = { name: "z", family: bernoulli, shape: [3] };
  const pairs: SiteSpec = { name: "z", family: categorical, shape: [3, 2] };
  const second = (z: T) => tf.squeeze(tf.slice(z, [0, 0, 0, 1], [z.shape[0], z.shape[1]!, 3, 1]), [3]);
  const ofBits = await ownToy(bits, tf.tensor1d(phis), rows, cubic);
  const ofPairs = await ownToy(pairs, tf.tensor2d(phis.map((phi) => [0, phi])), rows, (z) =>
    cubic(second(z)),
  );
  /** Uniforms of bits, the same for the choice of a variable, and Gumbel noise of pairs that gives the same outcomes. */
  const fill: Fill = (name, out) => {
    const u = (i: number) => ((i * 0.618034 + 0.123) % 0.98) + 0.01;
    const ofBit = name !== "z" || out.length === rows * 3;
    out.forEach((_, i) => (out[i] = ofBit ? u(i) : i % 2 === 0 ? Math.exp(-1) : Math.exp(-(1 / u((i - 1) / 2) - 1)))); // prettier-ignore
  };
  for (const prune of [false, true]) {
    const bit = flat(await draw(subject("go", { prune }), ofBits, { fill }));
    const pair = flat(await draw(subject("go", { prune }), ofPairs, { fill }));
    t.true(close(pair, bit.flatMap((x) => [-x, x]), 1e-4)); // prettier-ignore
    t.true(bit.filter((x) => x !== 0).length > 20);
  }
});

test("pruned go evaluates one variable a row, with a probability in proportion to its mass, by which it divides", async (t) => {
  const p = phis.map(sigmoid);
  const site: SiteSpec = { name: "b", family: bernoulli, shape: [3] };
  const make = (count: number) => ownToy(site, tf.tensor1d(phis), count, cubic);
  // With all bits at 0 the masses are p.
  const total = p.reduce((a, b) => a + b);
  const edges = [0, p[0]! / total, (p[0]! + p[1]!) / total, 1];
  const of = async (options: Settings, u: number) => {
    const fill: Fill = (name, out) => out.fill(name === "b" ? 1e-4 : u);
    return flat(await draw(subject("go", options), await make(1), { fill }));
  };
  const whole = await of({}, 0.5);
  for (const d of [0, 1, 2]) {
    const found = await of({ prune: true }, (edges[d]! + edges[d + 1]!) / 2);
    t.true(close(found, whole.map((x, i) => (i === d ? (x * total) / p[d]! : 0)), 1e-5)); // prettier-ignore
  }
});

test("mvd of bits and of two outcomes is local-expectation, draw by draw", async (t) => {
  const pairs: SiteSpec = { name: "z", family: categorical, shape: [3, 2] };
  const second = (z: T) => tf.squeeze(tf.slice(z, [0, 0, 0, 1], [z.shape[0], z.shape[1]!, 3, 1]), [3]);
  const ofPairs = await ownToy(pairs, tf.tensor2d(phis.map((phi) => [0, phi])), 40, (z) => cubic(second(z)));
  for (const task of [ofPairs, await toy("coupled-bits", 40), await toy("layered-bits", 40)])
    t.true(
      close(flat(await draw(subject("mvd"), task)), flat(await draw(subject("local-expectation"), task))),
    );
});

test("mvd of one bit is exact, pruned or not", async (t) => {
  for (const prune of [false, true])
    for (const x of flat(await draw(subject("mvd", { prune }), await toy("bits", 40, { p: 0.3, t: 0.1 }))))
      t.true(close([x], [oneBitGradient(0.3, 0.1)], 1e-6));
});
