import { antithetic, jointly, root } from "./core/antithetic.ts";
import { stop, tf } from "./core/autodiff.ts";
import { leaveOneOut } from "./core/leave-one-out.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { part } from "./core/slicing.ts";
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

/** Numbers made from every order, one row an order. [R, ...] */
const ofOrders = (K: number, columns: (order: readonly number[]) => number[]): T =>
  tf.tensor2d(orders(K).map((order) => columns(order)));

const outcomes = (K: number): number[] => Array.from({ length: K }, (_, k) => k);

/** For every order and outcome k the outcomes before it. [R, K K] */
const before = (K: number): T =>
  ofOrders(K, (order) =>
    outcomes(K).flatMap((k) => outcomes(K).map((j) => Number(order.indexOf(j) < order.indexOf(k)))),
  );

/** The sample whose interval under an order holds u. Probabilities [N, K], orders one-hot [N, R], u [S, N, 1] → [S, N, K] */
function inverse(probabilities: T, order: T, u: T): T {
  const K = probabilities.shape[1]!;
  const preceding = tf.reshape(tf.matMul(order, before(K)), [-1, K, K]);
  const start = tf.minimum(tf.sum(tf.mul(preceding, tf.expandDims(probabilities, 1)), -1), 1);
  const end = tf.minimum(tf.add(start, probabilities), 1);
  // The interval that holds u is, of those that are not empty, the one that starts last before u.
  const place = tf.mul(tf.step(tf.sub(end, start)), tf.add(start, 1));
  const open = tf.mul(tf.step(tf.sub(u, start)), place);
  return tf.oneHot(tf.argMax(open, -1), K, 1, 0, "float32");
}

/**
 * The outcomes below the interval of z. An order moves one outcome to the front and one to the end, and the interval depends
 * on them only where they pass z: the columns are `moved` c = 0 .. K − 1 (from above z to the front, from below z to the
 * end; z itself to the end) and nothing moved.
 */
const below = (K: number, z: number): number[][] => [
  ...outcomes(K).map((c) => outcomes(K).filter((j) => (c === z ? j !== z : j < z ? j !== c : j === c))),
  outcomes(z),
];

/** Sums of probabilities for every outcome z: the columns of `below`, the same with z, and z alone. [K, K (2K + 3)] */
function edgeSums(K: number): T {
  const columns = outcomes(K).flatMap((z) => [...below(K, z), ...below(K, z).map((set) => [...set, z]), [z]]);
  const rows = outcomes(K).map((j) => columns.map((set) => Number(set.includes(j))));
  return tf.tensor2d(rows);
}

/** For every order which outcome is last, which is first, and which outcomes neither passes. [3K, R] */
const passing = (K: number): T =>
  tf.transpose(
    ofOrders(K, (order) => {
      const [first, last] = [order[0]!, order.at(-1)!];
      return [
        ...outcomes(K).map((k) => Number(k === last)),
        ...outcomes(K).map((k) => Number(k === first)),
        ...outcomes(K).map((k) => Number(first < k && k < last)),
      ];
    }),
  );

/** Roots of the lower and the upper ends of the samples' intervals under every order. [N, K], [S, N, K] → [S, N, R] each */
function ends(probabilities: T, x: T): { from: T; to: T } {
  const [S, N, K] = x.shape as [number, number, number];
  const sums = tf.reshape(tf.matMul(probabilities, edgeSums(K)), [N, K, 2 * K + 3]);
  const chosen = tf.transpose(tf.matMul(tf.transpose(x, [1, 0, 2]), sums), [1, 0, 2]);
  const edges = root(tf.minimum(chosen, 1), S); // [S, N, 2K + 3]
  const [low, lowPlain, high, highPlain, alone] = tf.split(edges, [K, 1, K, 1, 1], 2) as [T, T, T, T, T];
  const upTo = tf.tensor2d(outcomes(K).map((z) => outcomes(K).map((k) => Number(k <= z))));
  const notAbove = tf.reshape(tf.matMul(tf.reshape(x, [-1, K]), upTo), x.shape);
  const above = tf.sub(1, notAbove);
  const under = (parts: T[]) => {
    const flat = tf.reshape(tf.concat(parts, 2), [S * N, 3 * K]);
    return tf.reshape(tf.matMul(flat, passing(K)), [S, N, -1]);
  };
  return {
    from: under([tf.mul(low, notAbove), tf.mul(low, above), tf.mul(x, lowPlain)]),
    to: under([tf.mul(high, notAbove), tf.add(tf.mul(high, above), tf.mul(x, alone)), tf.mul(x, highPlain)]),
  };
}

interface Coupled {
  /** [S, B, D, K] */
  readonly x: T;
  /** q(z_i) q(z_j)/p(z_i, z_j) of sample i = 0 .. S − 2 and each later one, per variable. [S − 1 − i, B, D] each */
  readonly weights: readonly T[];
}

/** S antithetic samples by the inverse distribution function, in an order drawn for each row and variable. */
function coupled(site: Site, uniform: T, chooser: T): Coupled {
  const [S, B, D] = uniform.shape as [number, number, number];
  const K = site.shape.at(-1)!;
  const R = (K * (K - 1)) / 2;
  const probabilities = tf.reshape(stop(tf.softmax(site.logits)), [B * D, K]);
  const position = tf.mul(tf.reshape(chooser, [B * D, 1]), R);
  const index = tf.range(0, R);
  const order = tf.sub(tf.step(tf.sub(position, index)), tf.step(tf.sub(position, tf.add(index, 1)))); // [N, R]
  const u = tf.maximum(antithetic(uniform), 1e-30);
  const x = inverse(probabilities, order, tf.reshape(u, [S, B * D, 1])); // [S, N, K]
  const { from, to } = ends(probabilities, x); // [S, N, R]
  const q = tf.sum(tf.mul(probabilities, x), -1); // [S, N]
  const less = { from: tf.sub(from, 1), to: tf.sub(to, 1) };
  /** The probability of the outcomes of samples i and j, by parts that stay in a processor's cache. [1, N] */
  const rectangle = (i: number, j: number): T => {
    const [a, b] = [part(from, 0, i, 1), part(to, 0, i, 1)];
    const [otherA, otherB] = [part(less.from, 0, j, 1), part(less.to, 0, j, 1)];
    const upper = tf.sub(jointly(b, otherB, S), jointly(a, otherB, S));
    const lower = tf.sub(jointly(b, otherA, S), jointly(a, otherA, S));
    return tf.mean(tf.sub(upper, lower), 2);
  };
  const weights = outcomes(S - 1).map((i) => {
    const later = (of: T) => part(of, 0, i + 1, S - 1 - i);
    const joint = tf.concat(
      outcomes(S)
        .slice(i + 1)
        .map((j) => rectangle(i, j)),
      0,
    ); // [S − 1 − i, N]
    const independent = tf.mul(part(q, 0, i, 1), later(q));
    // Under the order where they are first and last, two outcomes meet at least as often as if independent.
    // This bounds the effect of rounding.
    const least = tf.maximum(tf.div(independent, R), 1e-37);
    return tf.reshape(tf.div(independent, tf.maximum(joint, least)), [-1, B, D]);
  });
  return { x: tf.reshape(x, [S, B, D, K]), weights };
}

/** Σ_{j≠i} w_ij (f_i − f_j) of each sample i, the weights as in `Coupled`. f [S, B] → [S, B, D] */
function weightedDifferences(cost: T, weights: readonly T[]): T {
  const S = cost.shape[0];
  const f = tf.expandDims(cost, -1);
  return weights
    .map((weight, i) => {
      const each = tf.mul(weight, tf.sub(part(f, 0, i, 1), part(f, 0, i + 1, S - 1 - i)));
      const none = i > 0 ? [tf.zeros([i, ...each.shape.slice(1)])] : [];
      return tf.concat([...none, tf.sum(each, 0, true), tf.neg(each)], 0);
    })
    .reduce((a, b) => tf.add(a, b));
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
  claims: { ...perSample, requires: ["one-hot", "mean"], unbiased: true },
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
      const advantage = weights
        ? tf.div(weightedDifferences(cost, weights), samples - 1)
        : tf.expandDims(leaveOneOut(cost), -1);
      const score = tf.sub(x, site.family.mean(site.logits));
      return { site, gradient: tf.mul(tf.expandDims(advantage, -1), score) };
    });
    return { surrogate: carry(cost, given) };
  },
});
