import { stop, tf } from "./core/autodiff.ts";
import { compared } from "./core/replay.ts";
import { carry } from "./core/toolkit.ts";
import { estimator, type Problem, type Site, type T } from "./estimator.ts";

/** What a site's pseudo-samples are made of. [1, B, 1, K] but for `others` [K − 1, B, 1, K]; one-hot. */
interface Swap {
  /** The reference j. */
  readonly j: T;
  /** Another outcome l, whose noise gives what that of j takes. */
  readonly l: T;
  /** The outcomes other than j. */
  readonly others: T;
}

/** 1[k ≤ uK] and 1[k + 1 ≤ uK], k = 0 .. K − 1: their difference is the one-hot ⌊uK⌋. [1, B, 1, K] each */
function reached(u: T, K: number): [T, T] {
  const position = tf.mul(tf.reshape(u, [1, -1, 1, 1]), K);
  const k = tf.range(0, K);
  return [tf.step(tf.sub(position, k)), tf.step(tf.sub(position, tf.add(k, 1)))];
}

/** Outcomes j and l ≠ j, drawn for each row. */
function drawSwap({ name, shape }: Site, uniform: Problem["uniform"]): Swap {
  const K = shape.at(-1)!;
  const [from, to] = reached(uniform([1], 1, `${name}/reference`), K);
  const at = (shift: number) => tf.tensor3d(Array.from({ length: K - 1 }, (_, m) => [Array.from({ length: K }, (_, k) => Number(k === m + shift))])); // prettier-ignore
  // Of the others, those below j are where they are, and those above it one place later.
  const others = tf.add(
    tf.mul(tf.expandDims(at(0), 1), to),
    tf.mul(tf.expandDims(at(1), 1), tf.sub(1, from)),
  );
  const [fromL, toL] = reached(uniform([1], 1, `${name}/partner`), K - 1);
  const which = tf.transpose(tf.sub(fromL, toL), [3, 1, 2, 0]); // [K − 1, B, 1, 1]
  return { j: tf.sub(from, to), l: tf.sum(tf.mul(which, others), 0, true), others };
}

/** The noise with the values of j and of an outcome in `to` swapped; products with 0 and 1 are exact. [n, B, D, K] */
function swapNoise(noise: T, j: T, to: T): T {
  const value = (of: T) => tf.sum(tf.mul(of, noise), -1, true);
  const rest = tf.mul(noise, tf.mul(tf.sub(1, j), tf.sub(1, to)));
  return tf.add(rest, tf.add(tf.mul(to, value(j)), tf.mul(tf.mul(j, tf.sub(1, to)), value(to))));
}

/** Exponents beyond which e^x is not finite in float32. */
const largest = 80;

/**
 * The mean of j's arrival time τ_j given all pseudo-samples, the other times and R = τ_j + τ_l, given which it is uniform in
 * (0, R). In the pseudo-sample of outcome m the time τ_j is at a = m and τ_l at b = l (for m = l at a = l and b = j). There a
 * is drawn for τ_j up to min(c e^φ_a, R σ(φ_a − φ_b)), with c e^φ the first arrival of all other outcomes, and b for τ_l alike:
 * every pseudo-sample means an interval. `times` [1, B, D, K], `xs` [K, B, D, K] → [1, B, D, 1]
 */
function meanTime({ logits }: Site, times: T, { j, l, others }: Swap, xs: T): T {
  const a = tf.concat([j, others], 0); // [K, B, 1, K]
  const isL = tf.sum(tf.mul(a, l), -1, true);
  const b = tf.add(tf.mul(tf.sub(1, isL), l), tf.mul(isL, j));
  const phi = stop(logits);
  const of = (which: T, x: T) => tf.sum(tf.mul(which, x), -1, true);
  const whole = tf.add(of(j, times), of(l, times)); // R
  const arrivals = tf.sub(tf.log(swapNoise(times, j, a)), phi);
  const taken = tf.add(a, b);
  const first = tf.min(tf.add(arrivals, tf.mul(1e9, taken)), -1, true); // log c
  const until = (outcome: T) => tf.exp(tf.minimum(tf.add(first, of(outcome, phi)), largest));
  const crossing = tf.mul(whole, tf.sigmoid(tf.sub(of(a, phi), of(b, phi))));
  const [isA, isB] = [of(a, xs), of(b, xs)];
  const isOther = tf.sub(1, tf.add(isA, isB));
  const remaining = tf.sub(whole, until(b));
  const from = tf.add(tf.mul(isB, tf.maximum(remaining, crossing)), tf.mul(isOther, until(a)));
  const to = tf.addN([
    tf.mul(isA, tf.minimum(until(a), crossing)),
    tf.mul(isB, whole),
    tf.mul(isOther, remaining),
  ]);
  return tf.mul(0.5, tf.add(tf.max(from, 0, true), tf.min(to, 0, true)));
}

/**
 * ARS (augment, REINFORCE, swap) compares the costs under the swaps of one outcome's Dirichlet noise with that of each other.
 *
 * Estimate: g_c = (F_c − mean_m F_m)(1 − Kϖ_j) with ϖ ~ Dirichlet(1_K), j a reference drawn for each row and layer,
 * z^m = argmin_i (log ϖ_i^{m↔j} − φ_i) and F_m = f(z^m). All variables are swapped together.
 * ARS+ (`plus`) puts for ϖ_j its mean given all z^m, the ϖ of all but j and another outcome l, and ϖ_j + ϖ_l.
 * Unbiased for any reference: arsm is its mean over j.
 * Several layers: one layer at a time is swapped, and the layers below repeat their noise.
 * Evaluations: 1 + (K − 1) for each layer.
 * Limits: with two outcomes it is arm, and ARS+ is disarm.
 */
export default estimator({
  name: "ars",
  title: "ARS",
  paper: "yin2019",
  formula: "g_c = (F_c − mean_m F_m)(1 − K ϖ_j)",
  options: {
    plus: { default: false, doc: "ARS+ (Dong et al. 2021): integrates over ϖ_j given the pseudo-samples" },
  },
  claims: {
    requires: ["one-hot", "perturbation"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({
      forward: sites.reduce((n, { shape }) => n + shape.at(-1)! - 1, 1),
      backward: 0,
    }),
  },
  estimate(problem) {
    const { uniform, options } = problem;
    const timesOf = (site: Site) => tf.neg(tf.log(uniform(site))); // [1, B, D, K]
    const { cost, drawn } = compared(problem, (site) => {
      const noise = site.family.perturb(tf.zerosLike(uniform(site)), uniform(site));
      const { j, others } = drawSwap(site, uniform);
      return stop(site.family.harden(tf.add(stop(site.logits), swapNoise(noise, j, others))));
    });
    const given = drawn.map(({ site, x, other, otherCost }) => {
      const swap = drawSwap(site, uniform);
      const costs = tf.concat([cost, otherCost], 0);
      const outcomes = tf.concat([swap.j, swap.others], 0); // [K, B, 1, K]
      const F = tf.sum(tf.mul(tf.reshape(costs, [...costs.shape, 1, 1]), outcomes), 0, true); // [1, B, 1, K]
      const times = timesOf(site);
      const own = options.plus
        ? meanTime(site, times, swap, tf.concat([x, other], 0))
        : tf.sum(tf.mul(swap.j, times), -1, true);
      const share = tf.div(own, tf.sum(times, -1, true)); // ϖ_j [1, B, D, 1]
      const K = site.shape.at(-1)!;
      const gradient = tf.mul(tf.sub(F, tf.mean(F, -1, true)), tf.sub(1, tf.mul(K, share)));
      return { site, gradient };
    });
    return { surrogate: carry(cost, given) };
  },
});
