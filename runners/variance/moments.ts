/** Statistics of many draws of one gradient, with standard errors, from sums over 20 blocks of draws. */
import type { BlockSums } from "../train/block-sums.ts";
import { dot, meanOf, traceOf } from "../train/draw-sums.ts";
import { jackknifeError } from "../train/gradient-statistics.ts";

/** Blocks of the jackknife. Even blocks and odd blocks are the two halves. */
export const blocks = 20;

const all = Array.from({ length: blocks }, (_, k) => k);

/** A statistic, and its standard error by leaving each block out in turn. */
export interface Jackknifed {
  readonly value: number;
  readonly error: number;
}

/** The statistic of all blocks, and of all but block k. */
const jackknife = (value: number, without: (k: number) => number): Jackknifed => ({
  value,
  error: jackknifeError(all.map(without)),
});

/** A function of the trace of the covariance of one draw and of the squared norm of the mean, with its error. */
function withError(sums: BlockSums, f: (trace: number, squaredMean: number) => number): Jackknifed {
  const n = sums.draws.reduce((a, b) => a + b, 0);
  const squares = sums.squares.reduce((a, b) => a + b, 0);
  const total = meanOf(sums).map((x) => x * n);
  const length = dot(total, total);
  return jackknife(f(traceOf(sums), length / n ** 2), (k) => {
    const sum = sums.sum[k]!;
    const left = n - sums.draws[k]!;
    const leftLength = length - 2 * dot(total, sum) + dot(sum, sum);
    const trace = Math.max(0, squares - sums.squares[k]! - leftLength / left) / (left - 1);
    return f(trace, leftLength / left ** 2);
  });
}

/** Trace of the covariance of one draw, or a function of it, with its error. */
export const traceWithError = (sums: BlockSums, f = (trace: number) => trace): Jackknifed =>
  withError(sums, (trace) => f(trace));

/** √tr Cov / ‖mean‖, with its error. */
export const deviationOf = (sums: BlockSums): Jackknifed =>
  withError(sums, (trace, squaredMean) => Math.sqrt(trace / squaredMean));

const halves = [all.filter((k) => k % 2 === 0), all.filter((k) => k % 2 === 1)] as const;

/** Mean of half the blocks without block k, computed from the mean of that half. */
function meanWithout(sums: BlockSums, half: readonly number[], mean: Float64Array, k: number): Float64Array {
  const n = half.reduce((total, block) => total + sums.draws[block]!, 0);
  const left = n - sums.draws[k]!;
  const sum = sums.sum[k]!;
  return mean.map((x, i) => (x * n - sum[i]!) / left);
}

/**
 * T = (ḡ_A − r_A)·(ḡ_B − r_B) over two halves of the draws, whose expectation is ‖bias‖²; the reference is a
 * vector known without error, or has halves of its own.
 */
export function squaredBias(sums: BlockSums, reference: Float64Array | BlockSums): Jackknifed {
  const known = reference instanceof Float64Array;
  const means = halves.map((half) => meanOf(sums, half));
  const others = halves.map((half) => (known ? reference : meanOf(reference, half)));
  const away = means.map((mean, side) => mean.map((x, i) => x - others[side]![i]!));
  return jackknife(dot(away[0]!, away[1]!), (k) => {
    const side = k % 2;
    const [half, still] = [halves[side]!, away[1 - side]!];
    const other = known ? reference : meanWithout(reference, half, others[side]!, k);
    return dot(meanWithout(sums, half, means[side]!, k), still) - dot(other, still);
  });
}

/** ‖E g‖², unbiased: the product of the means of two halves. */
export const squaredNorm = (sums: BlockSums): Jackknifed => squaredBias(sums, new Float64Array(sums.width));
