/**
 * Sum-of-Gamma noise SoG(κ) of Niepert et al. 2021: a sum of κ independent ones is standard Gumbel. Its characteristic function is
 * Γ(1 − it)^{1/κ}, that of their series of Gamma variables in the limit of infinitely many terms (their code takes ten).
 */
import type { T } from "../estimator.ts";
import { tf } from "./autodiff.ts";

/** arg Γ(1 − it), continuous in t and 0 at 0: Stirling's series at 11 − it, and the recurrence. */
function phase(t: number): number {
  const a = 11;
  const [log, angle] = [0.5 * Math.log(a * a + t * t), -Math.atan(t / a)];
  const square = a * a + t * t;
  let sum =
    (a - 0.5) * angle - t * log + t + t / (12 * square) - (3 * a * a * t - t ** 3) / (360 * square ** 3);
  for (let j = 1; j < a; j++) sum += Math.atan(t / j);
  return sum;
}

/** Of log |Γ(1 − it)|, which is ½ log(πt/sinh πt). */
const logSize = (t: number) =>
  0.5 * (Math.log(2 * Math.PI * t) - Math.PI * t - Math.log1p(-Math.exp(-2 * Math.PI * t)));

/** P(SoG(κ) ≤ x) by the inversion formula of Gil-Pelaez, with the midpoint rule. */
function distribution(kappa: number): (x: number) => number {
  const [points, last] = [2000, 14 * kappa];
  const nodes = Array.from({ length: points }, (_, i) => {
    const t = ((i + 0.5) * last) / points;
    return { t, size: Math.exp(logSize(t) / kappa) / t, angle: phase(t) / kappa };
  });
  return (x) =>
    0.5 -
    (last / points / Math.PI) *
      nodes.reduce((sum, { t, size, angle }) => sum + size * Math.sin(angle - t * x), 0);
}

/** Gumbel quantiles between which the noise is interpolated: those of all uniforms that there are. */
const [low, high, intervals] = [-2.9, 16.7, 490];
const tables = new Map<number, Float32Array>();

/** The quantiles of SoG(κ) at those of the standard Gumbel distribution, by bisection. */
function tableOf(kappa: number): Float32Array {
  const known = tables.get(kappa);
  if (known) return known;
  const below = distribution(kappa);
  let from = -3;
  const table = Float32Array.from({ length: intervals + 1 }, (_, i) => {
    const u = Math.exp(-Math.exp(-(low + (i * (high - low)) / intervals)));
    let to = high + 1;
    for (let k = 0; k < 24; k++) {
      const middle = (from + to) / 2;
      if (below(middle) < u) from = middle;
      else to = middle;
    }
    return from;
  });
  tables.set(kappa, table);
  return table;
}

/** SoG(κ) from uniforms, off the tape. Same shape. */
export function sumOfGamma(uniform: T, kappa: number): T {
  const gumbel = tf.neg(tf.log(tf.neg(tf.log(uniform))));
  const place = tf.mul(tf.sub(gumbel, low), intervals / (high - low));
  const at = tf.minimum(tf.maximum(tf.floor(place), 0), intervals - 1);
  const table = tf.tensor1d(tableOf(kappa));
  const value = (index: T) => tf.gather(table, tf.cast(index, "int32"));
  const left = value(at);
  return tf.add(left, tf.mul(tf.sub(place, at), tf.sub(value(tf.add(at, 1)), left)));
}
