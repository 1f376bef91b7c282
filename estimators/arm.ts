import { tf } from "./core/autodiff.ts";
import { compared } from "./core/replay.ts";
import { carry, hard, lift } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * ARM (augment, REINFORCE, merge) compares the cost of a sample with the cost of its antithetic sample.
 *
 * Estimate: g = (f(1[u > σ(−φ)]) − f(1[u < σ(φ)])) (u − ½).
 * Unbiased: u − ½ is the score of the augmented uniform, averaged over u and 1 − u.
 * Several layers: one layer at a time is antithetic, and the layers below repeat their noise.
 * Evaluations: 1 + the number of layers.
 * Limit: its mean given both samples is disarm.
 */
export default estimator({
  name: "arm",
  title: "ARM",
  paper: "yin2018",
  formula: "g = (f(1[u > σ(−φ)]) − f(1[u < σ(φ)])) (u − ½)",
  options: {},
  claims: {
    requires: ["bits"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: 1 + sites.length, backward: 0 }),
  },
  estimate(problem) {
    const { uniform } = problem;
    const { cost, drawn } = compared(problem, (site) => hard(site, tf.sub(1, uniform(site))));
    const given = drawn.map(({ site, x, otherCost }) => ({
      site,
      gradient: tf.mul(lift(tf.sub(cost, otherCost), x), tf.sub(uniform(site), 0.5)),
    }));
    return { surrogate: carry(cost, given) };
  },
});
