import { singleFlip } from "./core/single-flip.ts";
import { carry, hard } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * Bitflip computes the exact derivative of one coordinate, chosen at random.
 *
 * Estimate: with i uniform in 1..D, g_i = D p_i(1 − p_i) [f(b^{i=1}) − f(b^{i=0})], and 0 for the other coordinates. D
 * counts the bits of all layers. The formula is derived here because only the abstract of the paper was available.
 * Unbiased: given the other bits, p_i(1 − p_i)[...] is the derivative of E f along φ_i. The factor D corrects for
 * choosing i with probability 1/D.
 * Several layers: the layers below the flipped bit repeat their noise.
 * Evaluations: 2.
 * Limit: with one bit it is exact.
 */
export default estimator({
  name: "bitflip",
  title: "Bitflip",
  paper: "kunes2022",
  formula: "g_i = D p_i(1 − p_i) [f(b^{i=1}) − f(b^{i=0})] for one i uniform in 1..D",
  options: {},
  claims: {
    requires: ["bits", "mean", "softmax"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: () => ({ forward: 2, backward: 0 }),
  },
  estimate(problem) {
    const first = problem.run((site) => hard(site, problem.uniform(site)));
    return { surrogate: carry(first.cost, singleFlip(problem, first)) };
  },
});
