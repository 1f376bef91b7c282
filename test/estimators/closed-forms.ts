/** What estimators' gradients and variances are on the smallest problems, by algebra or by enumeration in plain numbers. */

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** f(z) = (z − t)² of one bit with P(z = 1) = p: the gradient along its logit. */
export const oneBitGradient = (p: number, t: number) => (1 - 2 * t) * p * (1 - p);

/** The same: the variance of one draw, by estimator. */
export const oneBitVariance: Readonly<Record<string, (p: number, t: number) => number>> = {
  reinforce: (p, t) => p * (1 - p) * ((1 - p) * (1 - t) ** 4 + p * t ** 4) - oneBitGradient(p, t) ** 2,
  rloo(p, t) {
    const v = 2 * p * (1 - p);
    return ((1 - 2 * t) ** 2 / 4) * v * (1 - v);
  },
  disarm(p, t) {
    const [q, m] = [Math.min(p, 1 - p), Math.max(p, 1 - p)];
    return ((1 - 2 * t) ** 2 / 4) * m ** 2 * 2 * q * (1 - 2 * q);
  },
  arm(p, t) {
    const q = Math.min(p, 1 - p);
    return (1 - 2 * t) ** 2 * ((2 / 3) * (1 / 8 - (0.5 - q) ** 3) - (p * (1 - p)) ** 2);
  },
  "local-expectation": () => 0,
  bitflip: () => 0,
};

/** Outcomes with their probabilities. */
type Weighted<X> = readonly (readonly [x: X, probability: number])[];

const sum = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);

/** All tuples of independent outcomes, one of each. */
export const product = <X>(parts: readonly Weighted<X>[]): Weighted<readonly X[]> =>
  parts.reduce<Weighted<readonly X[]>>(
    (tuples, part) => tuples.flatMap(([before, q]) => part.map(([x, r]) => [[...before, x], q * r] as const)),
    [[[], 1]],
  );

export const expectationOf = <X>(outcomes: Weighted<X>, f: (x: X) => number) =>
  sum(outcomes.map(([x, q]) => q * f(x)));

const momentsOf = <X>(outcomes: Weighted<X>, f: (x: X) => number) => {
  const mean = expectationOf(outcomes, f);
  return { mean, variance: expectationOf(outcomes, (x) => (f(x) - mean) ** 2) };
};

export const koolTargets = [0.6, 0.51, 0.48];
export const koolCost = (z: readonly number[]) => sum(z.map((bit, i) => (bit - koolTargets[i]!) ** 2));

/** A configuration of the three bits and its probability. */
export interface Configuration {
  readonly z: readonly number[];
  readonly q: number;
}

/** Three bits that share a logit: mean and variance of one draw, by estimator, over all outcomes of its noise. */
export function koolMoments(logit: number) {
  const p = sigmoid(logit);
  const bit = [[0, 1 - p], [1, p]] as const; // prettier-ignore
  const all = product([bit, bit, bit]);
  const score = (z: readonly number[]) => sum(z.map((one) => one - p));
  // A bit and its antithetic: 1[u > 1 − p] and 1[u < p].
  const rare = Math.min(p, 1 - p);
  const coupled: Weighted<readonly [number, number]> = [
    [[1, 0], rare],
    [[0, 1], rare],
    [[1, 1], Math.max(0, 2 * p - 1)],
    [[0, 0], Math.max(0, 1 - 2 * p)],
  ];
  const disarm = (pairs: readonly (readonly [number, number])[]) => {
    const gain = koolCost(pairs.map(([b]) => b)) - koolCost(pairs.map(([, other]) => other));
    return sum(pairs.map(([b, other]) => 0.5 * gain * (b - other) * sigmoid(Math.abs(logit))));
  };
  const sets = koolSets(logit);
  return { reinforce: momentsOf(all, (z) => koolCost(z) * score(z)),
    rloo: momentsOf(product([all, all]), ([a, b]) => 0.5 * (koolCost(a!) - koolCost(b!)) * (score(a!) - score(b!))),
    disarm: momentsOf(product([coupled, coupled, coupled]), disarm),
    "unordered-set": momentsOf(
      sets.map(({ members, q }) => [members, q] as const),
      ([a, b]) => (a!.q * b!.q * (koolCost(a!.z) - koolCost(b!.z)) * (score(a!.z) - score(b!.z))) / pairProbability(a!.q, b!.q),
    ),
  }; // prettier-ignore
}

/** That two are the first two drawn without replacement, in either order. */
const pairProbability = (a: number, b: number) => (a * b) / (1 - a) + (a * b) / (1 - b);

/** All sets of two configurations of the three bits, with the probability that they are drawn. */
export function koolSets(
  logit: number,
): { readonly members: readonly Configuration[]; readonly q: number }[] {
  const p = sigmoid(logit);
  const bit = [[0, 1 - p], [1, p]] as const; // prettier-ignore
  const all = product([bit, bit, bit]).map(([z, q]): Configuration => ({ z, q }));
  return all.flatMap((a, i) =>
    all.slice(i + 1).map((b) => ({ members: [a, b], q: pairProbability(a.q, b.q) })),
  );
}

/**
 * Variance per coordinate of two-sample rloo and of disarm for f = ±mean_i (b_i − t)² over D fair bits. With δ = 1 − 2t
 * and Δ_i the difference of two samples' bits rloo is ½ δ/D Δ_d Σ_i Δ_i: (δ/2D)² D/4. With s_i = ±1 disarm is
 * ¼ δ/D s_d Σ_i s_i: (δ/4D)² (D − 1).
 */
export const fairBitsVariance = {
  rloo: (t: number, D: number) => ((1 - 2 * t) / (2 * D)) ** 2 * (D / 4),
  disarm: (t: number, D: number) => ((1 - 2 * t) / (4 * D)) ** 2 * (D - 1),
} as const;
