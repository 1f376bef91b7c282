import { antitheticPairs, disarmGradients } from "./core/antithetic-pairs.ts";
import { carry } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * DisARM, published independently as U2G, is the mean of ARM over the uniform, given both samples.
 *
 * Estimate: g = ½(f(b) − f(b̃)) (b − b̃) σ(|φ|) with b = 1[u > 1 − p] and b̃ = 1[u < p].
 * Unbiased: it is the conditional mean of ARM, so that its variance is at most that of ARM.
 * Several layers: one layer at a time is antithetic, and the layers below repeat their noise.
 * Evaluations: 1 + the number of layers.
 * Limit: arms and carms at two samples are disarm.
 */
export default estimator({
  name: "disarm",
  title: "DisARM / U2G",
  aliases: ["u2g"],
  identities: [{ name: "arms", when: "with two samples" }],
  paper: "dong2020",
  formula: "g = ½ (f(b) − f(b̃)) (b − b̃) σ(|φ|)",
  options: {},
  claims: {
    requires: ["bits"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: 1 + sites.length, backward: 0 }),
  },
  estimate(problem) {
    const pairs = antitheticPairs(problem);
    return { surrogate: carry(pairs.cost, disarmGradients(pairs)) };
  },
});
