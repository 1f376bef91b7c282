/** Student's t distribution, from the regularised incomplete beta function. */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x > 0: Lanczos' approximation with g = 7, relative error about 1e-15. */
export function logGamma(x: number): number {
  const t = x + 6.5;
  const series = lanczos.reduce((sum, c, k) => (k === 0 ? c : sum + c / (x - 1 + k)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}

/** The continued fraction of I_x(a, b), by Lentz's method; it converges fast for x < (a + 1) / (a + b + 2). */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m <= 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    product *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    product *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return product;
}

/** The regularised incomplete beta function I_x(a, b), with y = 1 − x as an argument of its own, so that neither end loses digits. */
export function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(y));
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(y, b, a)) / b;
}

/** P(|T| > |t|) for Student's t with `freedom` degrees: I_{ν/(ν+t²)}(ν/2, ½). */
export function twoSidedP(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? NaN : 0;
  const square = t * t;
  return incompleteBeta(freedom / (freedom + square), square / (freedom + square), freedom / 2, 0.5);
}

const quantiles = new Map<string, number>();

/** The t with P(|T| > t) = `p`, `p` in (0, 1). Results are kept: a report needs the same few thousands of times. */
export function twoSidedQuantile(p: number, freedom: number): number {
  const key = `${p} ${freedom}`;
  const known = quantiles.get(key);
  if (known !== undefined) return known;
  const found = bisected(p, freedom);
  quantiles.set(key, found);
  return found;
}

/** By bisection on the logarithm of t. */
function bisected(p: number, freedom: number): number {
  let low = -60;
  let high = 60;
  for (let k = 0; k < 120; k++) {
    const middle = (low + high) / 2;
    if (twoSidedP(Math.exp(middle), freedom) > p) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}
