import { tf } from "./core/autodiff.ts";
import { alternativeCount, alternatives, oneAtATime, otherOutcomes } from "./core/replay.ts";
import { carry, hard } from "./core/toolkit.ts";
import { estimator, type Site, type SiteSpec, type T } from "./estimator.ts";

/**
 * v with J(p)v = Σ_k ∇π_k f_k: for each other outcome its cost less the cost of the drawn one. Costs are [n, D, B] for n
 * `other`. Subtracting the drawn cost changes nothing, because J maps constants to 0, and loses fewer digits. [1, B, ...]
 */
function gains({ family }: SiteSpec, x: T, cost: T, other: T, costs: T): T {
  const gain = tf.transpose(tf.sub(costs, cost), [0, 2, 1]); // [n, B, D]
  return family.rank === 0
    ? tf.mul(gain, tf.sub(other, x))
    : tf.sum(tf.mul(tf.expandDims(gain, -1), other), 0, true);
}

/**
 * Local expectation gradients: each variable in turn is summed out, with the others as drawn.
 *
 * Estimate: g_i = Σ_k ∇π_ik f(z_−i, z_i = k).
 * Unbiased: given the other variables, the sum over k is exact.
 * Where the task has a faster way to the costs of single changes than its program, it is used.
 * Several layers: the layers below a changed variable repeat their noise, which keeps the mean.
 * Evaluations: L(K − 1) + 1 for L variables in all.
 * Limit: with a single variable it is exact.
 */
export default estimator({
  name: "local-expectation",
  title: "Local expectation gradients",
  aliases: ["leg", "indecater"],
  identities: [
    {
      name: "IndeCateR",
      when: "with one sample; with S samples it is average:of=local-expectation,draws=S",
      paper: "desmet2023",
    },
  ],
  paper: "titsias2015",
  formula: "g_i = Σ_k ∇π_ik f(z_−i, z_i = k)",
  options: {},
  claims: {
    requires: ["softmax", "mean"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: alternativeCount(sites) + 1, backward: 0 }),
  },
  estimate(problem) {
    const { run, uniform } = problem;
    const replay = (site: Site) => hard(site, uniform(site));
    const { cost, drawn, singleChanges } = run(replay);
    const changes = drawn.map(({ site, x }) => ({ site, other: otherOutcomes(site, x) }));
    const costs = singleChanges
      ? [singleChanges(changes[0]!.other)]
      : alternatives(
          problem,
          replay,
          drawn.map(({ site, x }, i) => ({ site, x: oneAtATime(site, x, changes[i]!.other) })),
        );
    const given = drawn.map(({ site, x }, i) => {
      const { other } = changes[i]!;
      const [n, B] = other.shape as [number, number];
      const v = gains(site, x, cost, other, tf.reshape(costs[i]!, [n, -1, B]));
      return { site, gradient: site.family.jacobian(site.family.mean(site.logits), v) };
    });
    return { surrogate: carry(cost, given) };
  },
});
