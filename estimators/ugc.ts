import { antitheticPairs, disarmGradients } from "./core/antithetic-pairs.ts";
import { stop, tf } from "./core/autodiff.ts";
import { singleFlip, width } from "./core/single-flip.ts";
import { carry } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * UGC, unbiased gradient variance clipping: bitflip for bits near the ends, where disarm is noisy, and disarm for the others.
 *
 * Estimate: with m = min(p, 1 − p), g_i is that of bitflip where m < t and that of disarm elsewhere. g is [1, B, D]. The rule
 * is derived here, because only the abstract of the paper was available: the second moments are D m²(1 − m)² E[δ²] and ½ m(1 − m)²
 * E[Δ² | b ≠ b̃], with δ and Δ the differences of the cost, so that for δ² ≈ Δ² bitflip has less where m < t = 1/(2D).
 * Unbiased: which of two unbiased estimates a bit gets depends on its logit alone.
 * Several layers: as in bitflip and disarm, which share the first run. D counts the bits of all layers.
 * Evaluations: 2 + the number of layers.
 * Limits: at t = 0 it is disarm, and above ½ bitflip.
 */
export default estimator({
  name: "ugc",
  title: "UGC (gradient variance clipping)",
  aliases: ["gradient-variance-clipping"],
  paper: "kunes2022",
  formula: "g_i of bitflip where min(p_i, 1 − p_i) < 1/(2D), of disarm elsewhere",
  options: {
    threshold: {
      default: 1,
      minimum: 0,
      doc: "threshold t of min(p, 1 − p) below which bitflip is used, as a multiple of 1/(2D)",
    },
  },
  claims: {
    requires: ["bits", "mean", "softmax"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: 2 + sites.length, backward: 0 }),
  },
  estimate(problem) {
    const limit = problem.options.threshold / (2 * width(problem.sites));
    const pairs = antitheticPairs(problem);
    const [antithetic, flipped] = [disarmGradients(pairs), singleFlip(problem, pairs)];
    const given = antithetic.map(({ site, gradient }, i) => {
      const rarer = tf.sigmoid(tf.neg(tf.abs(stop(site.logits)))); // min(p, 1 − p)
      const near = tf.step(tf.sub(limit, rarer));
      const both = tf.add(tf.mul(near, flipped[i]!.gradient), tf.mul(tf.sub(1, near), gradient));
      return { site, gradient: both };
    });
    return { surrogate: carry(pairs.cost, given) };
  },
});
