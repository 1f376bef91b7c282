import { antithetic, jointly, root } from "./core/antithetic.ts";
import { stop, tf } from "./core/autodiff.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { rolled } from "./core/slicing.ts";
import { carry, hard } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** The largest number of outcomes; the number of orders grows with its square. */
const most = 32;

/**
 * K(K − 1)/2 orders of K outcomes. Any two outcomes are the first and the last of one order.
 *
 * A single order is not enough: two antithetic uniforms are never both small, so two neighbours at the low end never occur
 * together, and no weight corrects for a pair that never occurs. The first and the last of an order do occur together.
 */
const orders = (K: number): number[][] =>
  Array.from({ length: K }, (_, a) =>
    Array.from({ length: K - a - 1 }, (_, i) => {
      const last = a + 1 + i;
      const between = Array.from({ length: K }, (_, k) => k).filter((k) => k !== a && k !== last);
      return [a, ...between, last];
    }),
  ).flat();

/** 1 where outcome k comes before j in an order, or also where k = j if `within`. [R, K (k), K (j)] */
function before(K: number, within: boolean): T {
  const values = orders(K).map((order) =>
    Array.from({ length: K }, (_, k) =>
      Array.from({ length: K }, (_, j) => {
        const [at, of] = [order.indexOf(k), order.indexOf(j)];
        return Number(at < of || (within && at === of));
      }),
    ),
  );
  return tf.tensor3d(values);
}

/** Lower and upper ends of each outcome's interval under every order. π [1, B, D, K] → [R, B, D, K] each */
function intervals(probabilities: T): { low: T; high: T } {
  const K = probabilities.shape.at(-1)!;
  const [, B, D] = probabilities.shape as [number, number, number];
  const flat = tf.reshape(probabilities, [1, B * D, K]);
  const summed = (within: boolean) => {
    const table = before(K, within);
    const R = table.shape[0];
    const sums = tf.matMul(tf.tile(flat, [R, 1, 1]), table);
    return tf.reshape(tf.minimum(sums, 1), [R, B, D, K]);
  };
  return { low: summed(false), high: summed(true) };
}

interface Coupled {
  /** [S, B, D, K] */
  readonly x: T;
  /** q(z_i) q(z_j)/p(z_i, z_j) of each sample and the k-th after it, k = 1..S − 1, per variable. [S, B, D] each */
  readonly weights: readonly T[];
}

const shifts = (S: number) => Array.from({ length: S - 1 }, (_, i) => i + 1);

/** S antithetic samples by the inverse distribution function, in an order drawn for each row and variable. */
function coupled(site: Site, uniform: T, chooser: T): Coupled {
  const S = uniform.shape[0];
  const K = site.shape.at(-1)!;
  const probabilities = stop(tf.softmax(site.logits)); // [1, B, D, K]
  const { low, high } = intervals(probabilities);
  const R = low.shape[0];
  const index = tf.reshape(tf.range(0, R), [R, 1, 1, 1]);
  const position = tf.mul(tf.expandDims(tf.squeeze(chooser, [0]), 0), R); // [1, B, D, 1]
  const order = tf.sub(tf.step(tf.sub(position, index)), tf.step(tf.sub(position, tf.add(index, 1)))); // [R, B, D, 1]
  const [start, end] = [low, high].map((e) => tf.sum(tf.mul(e, order), 0, true)) as [T, T]; // [1, B, D, K]
  const u = tf.maximum(antithetic(uniform), 1e-30); // [S, B, D, 1]
  // The interval that holds u is, of those that are not empty, the one that starts last before u.
  const open = tf.mul(tf.mul(tf.step(tf.sub(u, start)), tf.step(tf.sub(end, start))), tf.add(start, 1));
  const x = tf.oneHot(tf.argMax(open, -1), K, 1, 0, "float32");
  const edge = (of: T) => tf.sum(tf.mul(tf.expandDims(of, 0), tf.expandDims(x, 1)), -1); // [S, R, B, D]
  const [from, to] = [root(edge(low), S), root(edge(high), S)];
  const q = tf.sum(tf.mul(probabilities, x), -1); // [S, B, D]
  const weights = shifts(S).map((k) => {
    const [otherFrom, otherTo] = [rolled(from, 0, k), rolled(to, 0, k)];
    const upper = tf.sub(jointly(to, otherTo, S), jointly(from, otherTo, S));
    const lower = tf.sub(jointly(to, otherFrom, S), jointly(from, otherFrom, S));
    const joint = tf.mean(tf.sub(upper, lower), 1); // [S, B, D]
    const independent = tf.mul(q, rolled(q, 0, k));
    // Under the order where they are first and last, two outcomes meet at least as often as if independent.
    // This bounds the effect of rounding.
    const least = tf.maximum(tf.div(independent, R), 1e-37);
    return tf.div(independent, tf.maximum(joint, least));
  });
  return { x, weights };
}

/**
 * CARMS: leave-one-out REINFORCE with S antithetic categorical samples, reweighted to independent pairs.
 *
 * Estimate: g = 1/(S(S − 1)) Σ_{i≠j} w_ij (f_i − f_j)(D_i − π), with w_ij = q(z_i)q(z_j)/p(z_i, z_j) per variable.
 * Uniforms coupled by the Dirichlet copula pass through the inverse distribution function in a random order of the
 * outcomes. p is the mean over orders of rectangle differences of
 * C(s, t) = max(0, s^{1/(S−1)} + t^{1/(S−1)} − 1)^{S−1}.
 * Unbiased: every two outcomes meet under some order, and pairs that agree in a variable cancel. The weights are at most
 * K(K − 1)/2. They are not clipped, because clipping would bias the estimate.
 * Several layers: a layer whose logits depend on samples draws independently with w = 1.
 * Evaluations: S.
 * Limit: at K = S = 2 it is disarm.
 */
export default estimator({
  name: "carms",
  title: "CARMS",
  paper: "dimitriev2021carms",
  formula: "g = 1/(S(S−1)) Σ_{i≠j} q(z_i)q(z_j)/p(z_i, z_j) (f_i − f_j)(D_i − π)",
  options: { samples: { ...severalSamples, doc: "antithetic samples per row" } },
  claims: { ...perSample, families: ["categorical"], unbiased: true },
  supports(sites) {
    const wide = sites.find(({ shape }) => shape.at(-1)! > most);
    return wide
      ? `it enumerates an order for every two outcomes; layer "${wide.name}" has ${wide.shape.at(-1)}, the limit is ${most}`
      : undefined;
  },
  estimate({ run, uniform, options: { samples } }) {
    const pairings = new Map<string, readonly T[]>();
    const { cost, drawn } = run((site) => {
      if (site.logits.shape[0] !== 1) return hard(site, uniform(site, samples));
      const events = site.shape[0]!;
      const { x, weights } = coupled(
        site,
        uniform([events, 1], samples, site.name),
        uniform([events, 1], 1, `order/${site.name}`),
      );
      pairings.set(site.name, weights);
      return x;
    });
    const given = drawn.map(({ site, x }) => {
      const weights = pairings.get(site.name);
      const differences = shifts(samples).map((k, i) => {
        const difference = tf.expandDims(tf.sub(cost, rolled(cost, 0, k)), -1); // [S, B, 1]
        return weights ? tf.mul(difference, weights[i]!) : difference;
      });
      const advantage = tf.div(
        differences.reduce((a, b) => tf.add(a, b)),
        samples - 1,
      );
      const score = tf.sub(x, site.family.probabilities(site.logits));
      return { site, gradient: tf.mul(tf.expandDims(advantage, -1), score) };
    });
    return { surrogate: carry(cost, given) };
  },
});
