/** The arithmetic of the Gumbel-Softmax widget. */

/** Probabilities from non-negative weights; equal ones when all are zero. */
export function normalise(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total > 0 ? weight / total : 1 / weights.length));
}

/** `count` draws of `outcomes` Gumbel variables, −log(−log u), with u from `random` in [0, 1). */
export function gumbelNoise(count: number, outcomes: number, random: () => number): number[][] {
  const one = () => -Math.log(-Math.log((random() * 2 ** 23 + 0.5) / (2 ** 23 + 1)));
  return Array.from({ length: count }, () => Array.from({ length: outcomes }, one));
}

/** softmax((log π + g) / τ), a point of the simplex; outcomes of probability 0 stay at 0. */
export function relaxedSample(
  probabilities: readonly number[],
  noise: readonly number[],
  temperature: number,
): number[] {
  const scores = probabilities.map((p, k) => (Math.log(p) + (noise[k] ?? 0)) / temperature);
  const largest = Math.max(...scores);
  return normalise(scores.map((score) => Math.exp(score - largest)));
}

/** The one-hot vector of argmax(log π + g): an exact draw from π. */
export function hardSample(probabilities: readonly number[], noise: readonly number[]): number[] {
  const scores = probabilities.map((p, k) => Math.log(p) + (noise[k] ?? 0));
  const winner = scores.indexOf(Math.max(...scores));
  return scores.map((_, k) => (k === winner ? 1 : 0));
}

/** The mean of points, coordinate by coordinate. */
export function meanPoint(points: readonly (readonly number[])[]): number[] {
  const [first = []] = points;
  return first.map((_, k) => points.reduce((sum, point) => sum + (point[k] ?? 0), 0) / points.length);
}
