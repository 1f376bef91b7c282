import { stop, tf } from "./core/autodiff.ts";
import { antitheticBits, nodeLogits, outcomeOf, sticks } from "./core/binary-tree.ts";
import { alternatives } from "./core/replay.ts";
import { carry, lift } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** The largest number of outcomes, whose order is compared two by two. */
const most = 64;

/** One-hot rows: the outcomes from the least to the most probable one, equal ones in their order. [1, B, D, K, K] */
function ascending(logits: T): T {
  const K = logits.shape.at(-1)!;
  const [one, other] = [tf.expandDims(logits, -1), tf.expandDims(logits, -2)];
  const earlier = tf.tensor2d(Array.from({ length: K }, (_, k) => Array.from({ length: K }, (_, j) => Number(j < k)))); // prettier-ignore
  const before = tf.add(
    tf.step(tf.sub(one, other)),
    tf.mul(earlier, tf.cast(tf.equal(one, other), "float32")),
  );
  const rank = tf.expandDims(tf.sum(before, -1), -2); // [1, B, D, 1, K]
  return tf.cast(tf.equal(rank, tf.reshape(tf.range(0, K), [K, 1])), "float32");
}

/** The antithetic samples of a site, and q(z)q(z̃)/p(z, z̃) of each variable [1, B, D]. */
function pairOf({ logits, shape }: Site, uniform: T) {
  const tree = sticks(shape.at(-1)!);
  const order = ascending(stop(logits));
  const alpha = nodeLogits(tree, tf.sum(tf.mul(order, tf.expandDims(stop(logits), -2)), -1));
  const [bits, otherBits] = antitheticBits(alpha, uniform);
  const [one, other] = [outcomeOf(tree, bits), outcomeOf(tree, otherBits)];
  const both = tf.mul(one.reached, other.reached);
  const apart = tf.abs(tf.sub(bits, otherBits));
  // Sorted, a bit before the last one is 1 with probability ⅓ or less; after the last one the samples are equal.
  const zeros = tf.maximum(tf.sub(1, tf.mul(2, tf.sigmoid(alpha))), 0.3); // P(both bits are 0)
  const ofApart = tf.neg(tf.softplus(tf.neg(tf.abs(alpha))));
  const ofZeros = tf.neg(tf.add(tf.mul(2, tf.softplus(alpha)), tf.log(zeros)));
  const logWeight = tf.add(tf.mul(apart, ofApart), tf.mul(tf.sub(1, apart), ofZeros));
  const unsorted = (x: T) => tf.sum(tf.mul(order, tf.expandDims(x, -1)), -2);
  return {
    x: unsorted(one.x),
    other: unsorted(other.x),
    weight: tf.exp(tf.sum(tf.mul(both, logWeight), -1)),
  };
}

/**
 * DisARM-IW: the difference of two antithetic samples of categories, weighted to be of independent ones.
 *
 * Estimate: g = ½ w (f − f̃)(D − D̃) for each variable, with w = q(z)q(z̃)/p(z, z̃). The samples are made by stick-breaking with
 * bits b_k = 1[u_k < σ(α_k)] and b̃_k = 1[1 − u_k < σ(α_k)], where outcomes are sorted from the least to the most probable one.
 * Let m be the first bit that is not 0 in both: w = σ(|α_m|) Π_{k<m} (1 − σ(α_k))²/(1 − 2σ(α_k)).
 * Unbiased: two independent samples give ½(f − f̃)(D − D̃) the right mean, and in this order two samples that may be drawn
 * independently may be drawn antithetically. In another order they may not: after a bit with α ≥ 0 the samples are never
 * both 0.
 * Several layers: one layer at a time is antithetic, and the layers below repeat their noise.
 * Evaluations: 1 + the number of layers.
 * Limit: with two outcomes it is disarm.
 */
export default estimator({
  name: "disarm-iw",
  title: "DisARM-IW",
  paper: "dong2021",
  formula: "g = ½ w (f − f̃)(D − D̃),  w = q(z)q(z̃)/p(z, z̃)",
  options: {},
  claims: {
    requires: ["one-hot"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: 1 + sites.length, backward: 0 }),
  },
  supports: (sites) => {
    const wide = sites.find(({ shape }) => shape.at(-1)! > most);
    return wide && `it makes a bit of every outcome, for at most ${most} outcomes; layer "${wide.name}" has ${wide.shape.at(-1)}`; // prettier-ignore
  },
  estimate(problem) {
    const { run, uniform } = problem;
    const pair = (site: Site) => {
      const [D, K] = site.shape as [number, number];
      return pairOf(site, uniform([D, K - 1], 1, site.name));
    };
    const replay = (site: Site) => pair(site).x;
    const { cost, drawn } = run(replay);
    const pairs = drawn.map(({ site }) => pair(site));
    const changes = drawn.map(({ site }, i) => ({ site, x: pairs[i]!.other }));
    const costs = alternatives(problem, replay, changes);
    const given = drawn.map(({ site }, i) => {
      const { x, other, weight } = pairs[i]!;
      const gain = tf.mul(tf.mul(0.5, weight), lift(tf.sub(cost, costs[i]!), weight)); // [1, B, D]
      return { site, gradient: tf.mul(lift(gain, x), tf.sub(x, other)) };
    });
    return { surrogate: carry(cost, given) };
  },
});
