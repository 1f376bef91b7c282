/** The normal distribution far out in its tail, where a family-wise 1e-6 is decided. */

/** P(Z > z) for z ≥ 0, to a relative 1e-12: a series near zero, Laplace's continued fraction in the tail. */
export function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [term, sum] = [z, z];
    for (let k = 1; Math.abs(term) > 1e-17 * sum; k++) {
      term *= (z * z) / (2 * k + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let tail = z;
  for (let k = 200; k >= 1; k--) tail = z + k / tail;
  return density / tail;
}

/** Two-sided p-value of a standard normal z; 0 for an infinite one. */
export const pValue = (z: number): number => (Number.isFinite(z) ? 2 * upperTail(Math.abs(z)) : 0);

/** |z| at which a two-sided test of level alpha rejects. */
export function criticalValue(alpha: number): number {
  let [low, high] = [0, 40];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (pValue(middle) > alpha) low = middle;
    else high = middle;
  }
  return high;
}
