import { stop, tf } from "./core/autodiff.ts";
import { compared } from "./core/replay.ts";
import { carry } from "./core/toolkit.ts";
import { estimator, type Site, type SiteSpec, type T } from "./estimator.ts";

/** The largest number of evaluations per row. */
const most = 2 ** 14;

/** All m < j of K outcomes. */
const pairs = (K: number) =>
  Array.from({ length: K }, (_, m) =>
    Array.from({ length: K - m - 1 }, (_, i) => [m, m + 1 + i] as const),
  ).flat();

const count = (sites: readonly SiteSpec[]) =>
  sites.reduce((n, { shape }) => n + pairs(shape.at(-1)!).length, 1);

/**
 * Hard samples with the Gumbel noise of outcomes m and j swapped in every variable, for all pairs. Products with
 * permutation matrices are exact. → [pairs, B, D, K]
 */
function swapped({ family, logits, shape }: Site, uniform: T): T {
  const K = shape.at(-1)!;
  const swaps = pairs(K).map(([m, j]) =>
    Array.from({ length: K }, (_, k) =>
      Array.from({ length: K }, (_, c) => Number(c === (k === m ? j : k === j ? m : k))),
    ),
  );
  const noise = tf.reshape(family.perturb(tf.zerosLike(uniform), uniform), [1, -1, K]);
  const moved = tf.reshape(tf.matMul(noise, tf.tensor3d(swaps)), [-1, ...uniform.shape.slice(1)]);
  return stop(family.harden(tf.add(stop(logits), moved)));
}

/**
 * F_cj − mean_m F_mj. F is symmetric, and its diagonal is the cost without a swap. cost [1, B] and swaps [pairs, B] →
 * [B, K (j), K (c)]
 */
function centred(cost: T, swaps: T, K: number): T {
  const all = tf.concat([cost, swaps], 0); // [1 + pairs, B]
  const index = Array.from({ length: K * K }, (_, i) => {
    const [a, b] = [Math.floor(i / K), i % K].sort((x, y) => x - y) as [number, number];
    return a === b ? 0 : 1 + pairs(K).findIndex(([m, j]) => m === a && j === b);
  });
  const F = tf.reshape(tf.transpose(tf.gather(all, tf.tensor1d(index, "int32"))), [-1, K, K]);
  return tf.sub(F, tf.mean(F, -1, true));
}

/** 1 where a swap of the outcome j with any other changes the sample. [1, B, D, K], [pairs, B, D, K] → [1, B, D, K (j)] */
function changing(x: T, swaps: T): T {
  const [n, B, D, K] = swaps.shape as [number, number, number, number];
  const changed = tf.reshape(tf.sub(1, tf.sum(tf.mul(x, swaps), -1)), [n, B * D]);
  const incidence = pairs(K).map((pair) => Array.from({ length: K }, (_, j) => Number(pair.includes(j))));
  return tf.reshape(tf.step(tf.matMul(changed, tf.tensor2d(incidence), true)), [1, B, D, K]);
}

/**
 * ARSM (augment, REINFORCE, swap, merge) compares the costs under all swaps of two outcomes' Dirichlet noise.
 *
 * Estimate: g_c = mean_j (F_cj − mean_m F_mj)(1 − Kϖ_j) with ϖ ~ Dirichlet(1_K), z^{mj} = argmin_i
 * (log ϖ_i^{m↔j} − φ_i) and F_mj = f(z^{mj}). All variables are swapped together.
 * Unbiased: 1 − Kϖ_j is the augmented score, and F_·j − mean is the advantage of a pseudo-action.
 * ARSM+ (`plus`) leaves out the terms j of a variable that no swap with j changes. Then its noise is of no consequence for
 * F_·j, whose mean over the other variables' noise is the same for all c.
 * Several layers: one layer at a time is swapped, and the layers below repeat their noise.
 * Evaluations: 1 + K(K − 1)/2 for each layer.
 * Limit: at K = 2 it is arm.
 */
export default estimator({
  name: "arsm",
  title: "ARSM",
  paper: "yin2019",
  formula: "g_c = mean_j (F_cj − mean_m F_mj)(1 − K ϖ_j)",
  options: {
    plus: {
      default: false,
      doc: "ARSM+ (Dong et al. 2021): leaves out terms of variables that no swap changes",
    },
  },
  claims: {
    requires: ["one-hot", "perturbation"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: count(sites), backward: 0 }),
  },
  supports: (sites) =>
    count(sites) > most
      ? `it would evaluate the cost ${count(sites)} times per row (once for every two outcomes); the limit is ${most}`
      : undefined,
  estimate(problem) {
    const { uniform, options } = problem;
    const { cost, drawn } = compared(problem, (site) => swapped(site, uniform(site)));
    const given = drawn.map(({ site, x, other, otherCost }) => {
      const K = site.shape.at(-1)!;
      const time = tf.neg(tf.log(uniform(site))); // [1, B, D, K]
      const share = tf.div(time, tf.sum(time, -1, true)); // ϖ
      const all = tf.sub(1, tf.mul(K, share));
      const score = tf.squeeze(options.plus ? tf.mul(all, changing(x, other)) : all, [0]); // [B, D, K]
      const gradient = tf.div(tf.matMul(score, centred(cost, otherCost, K)), K);
      return { site, gradient: tf.expandDims(gradient, 0) };
    });
    return { surrogate: carry(cost, given) };
  },
});
