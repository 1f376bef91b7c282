/** Tests on ranks over several tasks (Demšar 2006): Friedman's test, and Nemenyi's critical difference. */
import { mean } from "./statistics.ts";
import { incompleteBeta } from "./student.ts";
import { upperTail } from "./normal-tail.ts";

/** Ranks from 1 for the largest value; equal values share the mean of their ranks. */
export const ranksOf = (values: readonly number[]): number[] =>
  values.map(
    (value) =>
      1 +
      values.filter((other) => other > value).length +
      (values.filter((other) => other === value).length - 1) / 2,
  );

export interface RankTest {
  /** Mean rank of each column. */
  readonly ranks: readonly number[];
  readonly chiSquared: number;
  /** Iman and Davenport's F, with k − 1 and (k − 1)(N − 1) degrees of freedom. */
  readonly f: number;
  readonly p: number;
  /** Two mean ranks that differ by more are detectably different at 95 %. */
  readonly criticalDifference: number;
}

/** Friedman's test of N rows (tasks) of k values, higher is better, and the critical difference after it. */
export function rankTest(rows: readonly (readonly number[])[]): RankTest {
  const [N, k] = [rows.length, rows[0]!.length];
  const ranked = rows.map(ranksOf);
  const ranks = ranked[0]!.map((_, j) => mean(ranked.map((row) => row[j]!)));
  const ties = rows.flatMap((row) =>
    [...new Set(row)].map((value) => row.filter((other) => other === value).length),
  );
  const tied = 1 - ties.reduce((sum, t) => sum + t ** 3 - t, 0) / (N * k * (k * k - 1));
  const spread = ranks.reduce((sum, rank) => sum + (rank - (k + 1) / 2) ** 2, 0);
  const chiSquared = tied === 0 ? 0 : ((12 * N) / (k * (k + 1))) * (spread / tied);
  const f = ((N - 1) * chiSquared) / (N * (k - 1) - chiSquared);
  const [d1, d2] = [k - 1, (k - 1) * (N - 1)];
  const p =
    f >= 0 && Number.isFinite(f)
      ? incompleteBeta(d2 / (d2 + d1 * f), (d1 * f) / (d2 + d1 * f), d2 / 2, d1 / 2)
      : 0;
  const criticalDifference = (studentizedRange(0.05, k) / Math.SQRT2) * Math.sqrt((k * (k + 1)) / (6 * N));
  return { ranks, chiSquared, f, p, criticalDifference };
}

const belowNormal = (z: number) => (z >= 0 ? 1 - upperTail(z) : upperTail(-z));

/** P(range of k standard normals ≤ q) = k ∫ φ(z) (Φ(z) − Φ(z − q))^(k−1) dz, by the trapezoidal rule, which is exact to 1e-10. */
function rangeBelow(q: number, k: number): number {
  const step = 0.05;
  let sum = 0;
  for (let z = -8; z <= 8 + q; z += step)
    sum += Math.exp((-z * z) / 2) * (belowNormal(z) - belowNormal(z - q)) ** (k - 1);
  return (k * step * sum) / Math.sqrt(2 * Math.PI);
}

/** The range of k standard normals that is exceeded with probability `p`. */
export function studentizedRange(p: number, k: number): number {
  let [low, high] = [0, 20];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (rangeBelow(middle, k) < 1 - p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
