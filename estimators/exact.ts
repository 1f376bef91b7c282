import { tf } from "./core/autodiff.ts";
import { configurations, enumerate, tooMany } from "./core/configurations.ts";
import { estimator } from "./estimator.ts";

/**
 * Exact enumeration: every configuration is a sample, weighted by its probability.
 *
 * Estimate: g = ∇ Σ_z q(z) f(z).
 * Unbiased and without variance, because nothing is sampled. Other estimators are compared with it where K^L ≤ 2¹⁴.
 * Evaluations: K^L for L variables.
 */
export default estimator({
  name: "exact",
  title: "Exact enumeration",
  aliases: ["enumeration", "marginalisation", "marginalization"],
  formula: "g = ∇ Σ_z q(z) f(z)",
  options: {},
  claims: {
    requires: ["enumeration", "density"],
    sites: "any",
    unbiased: true,
    needs: "values",
    siteRule: "enumeration",
    evaluations: (sites) => ({ forward: configurations(sites), backward: 0 }),
  },
  supports: tooMany,
  estimate({ sites, rows, run }) {
    const { cost, logp } = run(({ index, shape }) => {
      const table = tf.tensor(enumerate(sites, index), [configurations(sites), 1, ...shape]);
      return tf.tile(table, [1, rows, ...shape.map(() => 1)]);
    });
    const expected = tf.sum(tf.mul(tf.exp(logp), cost), 0);
    return { surrogate: tf.mean(expected), cost: expected };
  },
});
