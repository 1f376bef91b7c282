import { stop, tf } from "./core/autodiff.ts";
import { searchEvaluations, withoutReplacement } from "./core/beam.ts";
import { estimator, type T } from "./estimator.ts";

/** The set counts as complete when it leaves out less than this share of the mass. */
const negligible = 1e-5;
/** The smallest divisor, within float32. */
const smallest = 1e-37;

/**
 * V(T) for every subset T of the k drawn configurations, indexed by bit mask. r [k] of [B].
 *
 * With c the mass of the set and r_i = p_i/c, c^{k−|T|} V(T) is the probability that the draws complete the set once T
 * is drawn: V(all) = 1 and V(T) = Σ_{i∉T} r_i/(1 − p(T)) V(T ∪ i). Powers of c may not fit in float32, but they cancel
 * wherever V is used.
 */
function completions(r: readonly T[], mass: T): T[] {
  const all = 2 ** r.length - 1;
  const inside = (set: number) => r.filter((_, i) => set & (1 << i));
  const sum = (xs: readonly T[]) => xs.reduce((a, b) => tf.add(a, b));
  const rest = tf.relu(tf.sub(1, mass));
  const V: T[] = [];
  V[all] = tf.onesLike(mass);
  for (let set = all - 1; set >= 0; set--) {
    // 1 − p(T) as a sum of what is left, because a subtraction would cancel.
    const left = tf.maximum(tf.add(tf.mul(mass, sum(inside(all - set))), rest), smallest);
    const terms = r.flatMap((ri, i) =>
      set & (1 << i) ? [] : [tf.mul(tf.div(ri, left), V[set | (1 << i)]!)],
    );
    V[set] = sum(terms);
  }
  return V;
}

interface Weights {
  /** p(s) R(S, s). [k, B] */
  readonly share: T;
  /** p(s′) R^{∖s}(S, s′), rows s. [k, k, B] */
  readonly baseline: T;
}

/**
 * p(s) R(S, s) = r_s V({s})/V(∅). p(s′) R^{∖s}(S, s′) = r_s′ V({s, s′})/V({s}), and p(s) for s′ = s. R is 1 when the
 * set has all the mass. log p [k, B].
 */
function weigh(logp: T): Weights {
  const scaled = tf.exp(tf.sub(logp, tf.max(logp, 0, true)));
  const r = tf.unstack(tf.div(scaled, tf.sum(scaled, 0, true))); // [B] each
  const p = tf.unstack(tf.exp(logp));
  const mass = tf.sum(tf.exp(logp), 0);
  const V = completions(r, mass);
  const complete = tf.step(tf.sub(negligible, tf.sub(1, mass))); // [B]
  const weighted = (i: number, above: number, below: number) => {
    const value = tf.div(tf.mul(r[i]!, V[above]!), tf.maximum(V[below]!, smallest));
    return tf.add(tf.mul(complete, p[i]!), tf.mul(tf.sub(1, complete), value));
  };
  const share = p.map((_, i) => weighted(i, 1 << i, 0));
  const baseline = p.map((_, i) =>
    tf.stack(p.map((same, j) => (i === j ? same : weighted(j, (1 << i) | (1 << j), 1 << i)))),
  );
  return { share: tf.stack(share), baseline: tf.stack(baseline) };
}

/**
 * The unordered set estimator: samples without replacement, averaged over their order.
 *
 * Estimate: g = Σ_{s∈S} p(s) R(S, s) [f(s) − Σ_{s′∈S} p(s′) R^{∖s}(S, s′) f(s′)] ∇log p(s). S is a set of k
 * configurations of the joint distribution, drawn by stochastic beam search. R(S, s) = P(S∖s | without s)/P(S), and
 * P(S) is the probability of drawing S in any order. The task's cost is weighted by p(s) R(S, s) too.
 * Unbiased: it is the conditional mean, given the set, of the estimate from its first draw.
 * Evaluations: k for each layer, as the search runs the program once for each.
 * Limit: it is exact when the set has all but 1e-5 of the mass.
 */
export default estimator({
  name: "unordered-set",
  title: "Unordered set",
  aliases: ["without-replacement"],
  paper: "kool2020",
  formula: "g = Σ_{s∈S} p(s) R(S, s) [f(s) − Σ_{s′∈S} p(s′) R^{∖s}(S, s′) f(s′)] ∇log p(s)",
  options: {
    samples: {
      default: 4,
      minimum: 2,
      maximum: 7,
      integer: true,
      doc: "configurations per row, drawn without replacement; the cost grows with 2^samples",
    },
  },
  claims: {
    requires: ["density", "softmax"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites, { samples }) => ({
      forward: searchEvaluations(sites, Number(samples)),
      backward: 0,
    }),
  },
  estimate(problem) {
    const { samples } = problem.options;
    const { cost, logp } = withoutReplacement(problem, samples);
    const { share, baseline } = weigh(stop(logp));
    const centred = tf.sub(cost, tf.sum(tf.mul(baseline, tf.expandDims(cost, 0)), 1)); // [k, B]
    const expected = tf.sum(tf.mul(share, cost), 0);
    const signal = tf.sum(tf.mul(stop(tf.mul(share, centred)), logp), 0);
    return { surrogate: tf.mean(tf.add(expected, signal)), cost: expected };
  },
});
