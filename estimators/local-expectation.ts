import { tf } from "./core/autodiff.ts";
import { estimator, type Site, type SiteSpec, type T } from "./estimator.ts";
import { alternatives } from "./core/replay.ts";
import { carry, hard } from "./core/toolkit.ts";

/** One-hot vectors with their outcomes moved on by j. [..., K] */
function turned(x: T, j: number): T {
  const K = x.shape.at(-1)!;
  const part = (from: number, n: number) =>
    tf.slice(x, [...x.shape.slice(0, -1).map(() => 0), from], [...x.shape.slice(0, -1), n]);
  return tf.concat([part(K - j, j), part(0, K - j)], -1);
}

/** The other outcomes of every variable, x [1, B, ...]: those of one variable, then those of the next, K − 1 times. */
function others({ family, shape }: SiteSpec, x: T): T[] {
  if (family.rank === 0) return [tf.sub(1, x)];
  return Array.from({ length: shape.at(-1)! - 1 }, (_, j) => turned(x, j + 1));
}

/** x with one variable at a time taken from `other`. [1, B, ...] → [D, B, ...] */
function oneAtATime({ family, shape }: SiteSpec, x: T, other: T): T {
  const D = family.variables(shape);
  const chosen = tf.reshape(tf.eye(D), [D, 1, D, ...Array<number>(family.rank).fill(1)]);
  return tf.add(x, tf.mul(chosen, tf.sub(other, x)));
}

/**
 * v with J(p)v = Σ_k ∇π_k f_k: the gain of each other outcome over the one drawn, on that outcome. Costs [D, B] for each of
 * `other`; subtracting the drawn one's changes nothing, as J annihilates constants, and spares digits. [1, B, ...]
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

/** Alternatives to a sample: L(K − 1) over all sites. */
const alternativeCount = (sites: readonly SiteSpec[]) =>
  sites.reduce((n, { family, shape }) => n + family.variables(shape) * (family.outcomes(shape) - 1), 0);

/**
 * Local expectation gradients: each variable is summed out in turn, the others as drawn.
 *
 * g_i = Σ_k ∇π_ik f(z_−i, z_i = k). Unbiased because given the other variables the sum over k is exact. Below a changed site
 * the later sites are drawn anew from the same noise, which keeps the mean. Evaluations: L(K − 1) + 1, L variables in all.
 * With a single variable it is exact.
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
    const other = drawn.map(({ site, x }) => others(site, x));
    const costs = alternatives(
      run,
      replay,
      drawn.map(({ site, x }, i) => ({
        site,
        x: tf.concat(
          other[i]!.map((outcome) => oneAtATime(site, x, outcome)),
          0,
        ),
      })),
    );
    const given = drawn.map(({ site, x }, i) => {
      const parts = tf.split(costs[i]!, other[i]!.length, 0);
      const v = gains(site, x, cost, other[i]!, parts);
      return { site, gradient: site.family.jacobian(site.family.probabilities(site.logits), v) };
    });
    return { surrogate: carry(cost, given) };
  },
});
