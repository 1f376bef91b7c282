import { tf } from "./core/autodiff.ts";
import { alternatives } from "./core/replay.ts";
import { rolled } from "./core/slicing.ts";
import { carry, hard } from "./core/toolkit.ts";
import { estimator, type Site, type SiteSpec, type T } from "./estimator.ts";

/** The other outcomes of every variable: K − 1 tensors, each with another outcome of all variables. x [1, B, ...] */
function others({ family, shape }: SiteSpec, x: T): T[] {
  if (family.rank === 0) return [tf.sub(1, x)];
  const K = shape.at(-1)!;
  return Array.from({ length: K - 1 }, (_, j) => rolled(x, x.rank - 1, K - j - 1));
}

/** x with one variable at a time taken from `other`. [1, B, ...] → [D, B, ...] */
function oneAtATime({ family, shape }: SiteSpec, x: T, other: T): T {
  const D = family.variables(shape);
  const chosen = tf.reshape(tf.eye(D), [D, 1, D, ...Array<number>(family.rank).fill(1)]);
  return tf.add(x, tf.mul(chosen, tf.sub(other, x)));
}

/**
 * v with J(p)v = Σ_k ∇π_k f_k: for each other outcome its cost less the cost of the drawn one. Costs are [D, B] for
 * each of `other`. Subtracting the drawn cost changes nothing, because J maps constants to 0, and loses fewer digits.
 * [1, B, ...]
 */
function gains(site: Site, x: T, cost: T, other: readonly T[], costs: readonly T[]): T {
  const { family } = site;
  return other
    .map((outcome, j) => {
      const gain = tf.expandDims(tf.transpose(tf.sub(costs[j]!, cost)), 0); // [1, B, D]
      return family.rank === 0 ? tf.mul(gain, tf.sub(outcome, x)) : tf.mul(tf.expandDims(gain, -1), outcome);
    })
    .reduce((a, b) => tf.add(a, b));
}

/** L(K − 1) over all sites. */
const alternativeCount = (sites: readonly SiteSpec[]) =>
  sites.reduce((n, { family, shape }) => n + family.variables(shape) * (family.outcomes(shape) - 1), 0);

/**
 * Local expectation gradients: each variable in turn is summed out, with the others as drawn.
 *
 * Estimate: g_i = Σ_k ∇π_ik f(z_−i, z_i = k).
 * Unbiased: given the other variables, the sum over k is exact.
 * Several layers: the layers below a changed variable repeat their noise, which keeps the mean.
 * Evaluations: L(K − 1) + 1 for L variables in all.
 * Limit: with a single variable it is exact.
 */
export default estimator({
  name: "local-expectation",
  title: "Local expectation gradients",
  aliases: ["leg"],
  paper: "titsias2015",
  formula: "g_i = Σ_k ∇π_ik f(z_−i, z_i = k)",
  options: {},
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: alternativeCount(sites) + 1, backward: 0 }),
  },
  estimate({ run, uniform }) {
    const replay = (site: Site) => hard(site, uniform(site));
    const { cost, drawn } = run(replay);
    const changes = drawn.map(({ site, x }) => {
      const other = others(site, x);
      const each = other.map((outcome) => oneAtATime(site, x, outcome));
      return { site, other, x: tf.concat(each, 0) };
    });
    const costs = alternatives(run, replay, changes);
    const given = drawn.map(({ site, x }, i) => {
      const { other } = changes[i]!;
      const v = gains(site, x, cost, other, tf.split(costs[i]!, other.length, 0));
      return { site, gradient: site.family.jacobian(site.family.probabilities(site.logits), v) };
    });
    return { surrogate: carry(cost, given) };
  },
});
