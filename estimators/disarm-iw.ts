import { stop, tf } from "./core/autodiff.ts";
import { antitheticBits } from "./core/binary-tree.ts";
import { alternatives } from "./core/replay.ts";
import { part, partialSums } from "./core/slicing.ts";
import { carry, lift } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** The antithetic samples of a site, and q(z)q(z̃)/p(z, z̃) of each variable [1, B, D]. */
function pairOf({ logits, shape }: Site, uniform: T) {
  const K = shape.at(-1)!;
  const bitsOf = (x: T) => part(x, 3, 0, K - 1);
  const sorted = tf.topk(tf.neg(stop(logits)), K); // the least probable outcome first
  const phi = tf.sub(tf.min(sorted.values, -1, true), sorted.values); // at most 0, and 0 at the last
  const from = partialSums(tf.exp(phi), "i");
  const alpha = tf.sub(bitsOf(phi), tf.log(part(from, 3, 1, K - 1))); // no sum is less than 1
  const [bits, otherBits] = antitheticBits(alpha, uniform);
  /** 1 at the outcomes up to that of the first bit that is 1. [1, B, D, K] */
  const reachedBy = (b: T) => {
    const all = tf.concat([b, tf.onesLike(part(phi, 3, 0, 1))], -1);
    return tf.step(tf.sub(0.5, tf.sub(partialSums(all, "start"), all)));
  };
  const [reached, otherReached] = [reachedBy(bits), reachedBy(otherBits)];
  const places = tf.cast(sorted.indices, "float32");
  const sampleOf = (upTo: T) => {
    const chosen = tf.equal(tf.sum(upTo, -1, true), tf.range(1, K + 1));
    const outcome = tf.sum(tf.mul(tf.cast(chosen, "float32"), places), -1, true);
    return tf.cast(tf.equal(outcome, tf.range(0, K)), "float32");
  };
  const apart = tf.abs(tf.sub(bits, otherBits));
  // Sorted, a bit before the last one is 1 with probability ⅓ or less; after the last one the samples are equal.
  const zeros = tf.maximum(tf.sub(1, tf.mul(2, tf.sigmoid(alpha))), 0.3); // P(both bits are 0)
  const ofApart = tf.neg(tf.softplus(tf.neg(tf.abs(alpha))));
  const ofZeros = tf.neg(tf.add(tf.mul(2, tf.softplus(alpha)), tf.log(zeros)));
  const logWeight = tf.add(tf.mul(apart, ofApart), tf.mul(tf.sub(1, apart), ofZeros));
  const both = bitsOf(tf.mul(reached, otherReached));
  return {
    x: sampleOf(reached),
    other: sampleOf(otherReached),
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
  estimate(problem) {
    const { run, uniform } = problem;
    const pairs: ReturnType<typeof pairOf>[] = [];
    const pair = (site: Site) => {
      const [D, K] = site.shape as [number, number];
      return pairOf(site, uniform([D, K - 1], 1, site.name));
    };
    const { cost, drawn } = run((site) => (pairs[site.index] = pair(site)).x);
    const replay = (site: Site) => (site.index === 0 ? pairs[0]! : pair(site)).x;
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
