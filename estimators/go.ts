import { stop, tf } from "./core/autodiff.ts";
import { drawnByMass } from "./core/pruning.ts";
import { alternatives, oneAtATime } from "./core/replay.ts";
import { carry, hard, lift } from "./core/toolkit.ts";
import { estimator, type Site, type SiteSpec, type T } from "./estimator.ts";

/** The mass that a variable's outcome moves. [1, B, D] */
const massOf = ({ family }: SiteSpec, weights: T): T =>
  family.rank === 0 ? weights : tf.mul(0.5, tf.sum(tf.abs(weights), -1));

/** An axis for the outcomes of a variable, if it has one. */
const perOutcome = ({ family }: SiteSpec, x: T): T => (family.rank === 0 ? x : tf.expandDims(x, -1));

/**
 * GO: the difference to the next outcome of each variable, weighed by how the distribution function moves.
 *
 * Estimate: g_d = −∇F_d(z_d)/π_d(z_d) [f(z_d + 1) − f(z_d)] with outcomes in their order and F_d the distribution function; 0 at
 * the last outcome. Of a bit it is p(1 − z)[f(z = 1) − f(z = 0)]. g is [1, B, ...shape]. With `prune` one variable is evaluated, drawn
 * with probability w_d/W in proportion to the mass w_d = ½|∇F_d/π_d|₁ (of a bit p(1 − z)) and divided by that probability.
 * Unbiased: Σ_k ∇π(k) f(k) = −Σ_k ∇F(k) [f(k + 1) − f(k)] by parts.
 * Where the task has a faster way to the costs of single changes than its program, it is used.
 * Several layers: the layers below a changed variable repeat their noise.
 * Evaluations: 1 + L for L variables in all; 2 with `prune`.
 * Limits: for bits it is stochastic triples. With one variable pruning changes nothing; two outcomes are a bit.
 */
export default estimator({
  name: "go",
  title: "GO (general and one-sample)",
  aliases: ["stochastic-triples", "smoothed-perturbation-analysis"],
  identities: [
    {
      name: "stochastic triples",
      when: "for bits; with prune=true the pruned ones",
      paper: "arya2022",
    },
  ],
  paper: "cong2019",
  formula: "g_d = −∇F_d(z_d)/π_d(z_d) [f(z_d + 1) − f(z_d)]",
  options: { prune: { default: false, doc: "evaluate one variable, drawn by its weight" } },
  claims: {
    requires: ["ordered"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites, { prune }) => ({
      forward:
        prune === true ? 2 : 1 + sites.reduce((n, { family, shape }) => n + family.variables(shape), 0),
      backward: 0,
    }),
  },
  estimate(problem) {
    const { run, uniform, options } = problem;
    const replay = (site: Site) => hard(site, uniform(site));
    const { cost, drawn, singleChanges } = run(replay);
    const moves = drawn.map(({ site, x }) => ({ site, x, weights: stop(site.family.rise(site.logits, x)) }));
    if (options.prune) {
      const masses = moves.map(({ site, weights }) => massOf(site, weights));
      const inverse = drawnByMass(masses, uniform([1], 1, "variable"));
      const changed = run((site) => {
        const x = replay(site);
        const chosen = perOutcome(site, tf.step(inverse[site.index]!));
        return tf.add(x, tf.mul(chosen, tf.sub(site.family.next(x), x)));
      });
      const gain = tf.sub(changed.cost, cost);
      const given = moves.map(({ site, x, weights }, i) => ({
        site,
        gradient: tf.mul(tf.mul(lift(gain, x), perOutcome(site, inverse[i]!)), weights),
      }));
      return { surrogate: carry(cost, given) };
    }
    const others = moves.map(({ site, x }) => site.family.next(x));
    const costs = singleChanges
      ? [tf.squeeze(singleChanges(others[0]!), [0])]
      : alternatives(
          problem,
          replay,
          moves.map(({ site, x }, i) => ({ site, x: oneAtATime(site, x, others[i]!) })),
        ); // [D, B] each
    const given = moves.map(({ site, weights }, i) => {
      const gain = tf.expandDims(tf.transpose(tf.sub(costs[i]!, cost)), 0); // [1, B, D]
      return { site, gradient: tf.mul(perOutcome(site, gain), weights) };
    });
    return { surrogate: carry(cost, given) };
  },
});
