import { stop, tf } from "./core/autodiff.ts";
import { drawnByMass } from "./core/pruning.ts";
import { alternativeCount, alternatives, oneAtATime, otherOutcomes } from "./core/replay.ts";
import { carry, hard, lift } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** π_k(1 − π_k), the weight of both measures of ∂π/∂φ_k, off the tape. [1, B, ...] */
function massOf({ family, logits }: Site): T {
  const p = stop(family.mean(logits));
  return tf.mul(p, tf.sub(1, p));
}

/** A sample of π without the outcomes x; for a bit 0, which is the only other outcome than 1. [1, B, ...] */
const without = ({ family, logits }: Site, x: T, uniform: T): T =>
  family.rank === 0
    ? tf.zerosLike(x)
    : stop(family.harden(tf.sub(family.perturb(stop(logits), uniform), tf.mul(1e9, x))));

/**
 * Measure-valued derivatives: ∂π/∂φ_k is a multiple of the difference of two distributions, and the cost is drawn from both.
 *
 * Estimate: g_dk = π_dk(1 − π_dk)[f(z_d = k) − f(z_d = z′)] with z′ ~ π_d without k. All other variables are the same in both
 * terms, and z′ is z_d unless that is k (coupling): so each term but one is a cost of z itself. Of a bit it is
 * p(1 − p)[f(1) − f(0)]. With `prune` one coordinate dk is evaluated, drawn with a probability in proportion to π_dk(1 − π_dk), and
 * divided by it.
 * Unbiased: ∂π_d/∂φ_dk = π_dk(1 − π_dk)(δ_k − π_d without k).
 * Where the task has a faster way to the costs of single changes than its program, it is used.
 * Several layers: the layers below a changed variable repeat their noise.
 * Evaluations: 1 + L(K − 1) for L variables in all; 2 with `prune`.
 * Limit: for bits, or two outcomes, it is local-expectation.
 */
export default estimator({
  name: "mvd",
  title: "Measure-valued derivatives",
  aliases: ["measure-valued"],
  paper: "mohamed2020",
  formula: "g_k = π_k(1 − π_k)[f(z = k) − f(z′)],  z′ ~ π without k",
  options: { prune: { default: false, doc: "evaluate one coordinate, drawn by its weight" } },
  claims: {
    requires: ["softmax", "mean", "perturbation"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites, { prune }) => ({
      forward: prune === true ? 2 : 1 + alternativeCount(sites),
      backward: 0,
    }),
  },
  estimate(problem) {
    const { run, uniform, options } = problem;
    const replay = (site: Site) => hard(site, uniform(site));
    const { cost, drawn, singleChanges } = run(replay);
    const terms = drawn.map(({ site, x }) => ({
      ...{ site, x, mass: massOf(site) },
      other: without(site, x, uniform(site, 1, "other")),
    }));
    if (options.prune) {
      const flat = terms.map(({ mass }) => tf.reshape(mass, [1, mass.shape[1]!, -1]));
      const inverse = drawnByMass(flat, uniform([1], 1, "coordinate"));
      const moves = terms.map(({ site: { family }, x, mass, other }, i) => {
        const chance = tf.reshape(inverse[i]!, mass.shape);
        const k = tf.step(chance); // the chosen coordinate, in one site
        const ofVariable = (value: T) => (family.rank === 0 ? value : tf.sum(value, -1, true));
        const isDrawn = ofVariable(tf.mul(k, x));
        const to = tf.add(tf.mul(tf.sub(1, isDrawn), k), tf.mul(isDrawn, other));
        return {
          ...{ to, kept: tf.sub(1, ofVariable(k)) },
          weight: tf.mul(tf.mul(chance, mass), tf.sub(1, tf.mul(2, isDrawn))),
        };
      });
      const changed = run((site) => {
        const { to, kept } = moves[site.index]!;
        return tf.add(tf.mul(kept, replay(site)), to);
      });
      const gain = tf.sub(changed.cost, cost);
      const given = terms.map(({ site }, i) => {
        const { weight } = moves[i]!;
        return { site, gradient: tf.mul(lift(gain, weight), weight) };
      });
      return { surrogate: carry(cost, given) };
    }
    const others = terms.map(({ site, x }) => otherOutcomes(site, x));
    const costs = singleChanges
      ? [singleChanges(others[0]!)]
      : alternatives(
          problem,
          replay,
          terms.map(({ site, x }, i) => ({ site, x: oneAtATime(site, x, others[i]!) })),
        );
    const given = terms.map(({ site, x, mass, other }, i) => {
      const [n, B] = others[i]!.shape as [number, number];
      const gain = tf.transpose(tf.sub(tf.reshape(costs[i]!, [n, -1, B]), cost), [0, 2, 1]); // [n, B, D]
      if (site.family.rank === 0) return { site, gradient: tf.mul(mass, tf.mul(gain, tf.sub(1, tf.mul(2, x)))) }; // prettier-ignore
      const gains = tf.sum(tf.mul(tf.expandDims(gain, -1), others[i]!), 0, true); // f(z_d = k) − f(z)
      const ofOther = tf.sum(tf.mul(other, gains), -1, true);
      return { site, gradient: tf.mul(mass, tf.sub(gains, tf.mul(x, ofOther))) };
    });
    return { surrogate: carry(cost, given) };
  },
});
