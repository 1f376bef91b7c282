/** Statistics of many draws of one gradient, with standard errors, from sums over 20 blocks of draws. */
import { dot, jackknifeError } from "../train/gradient-statistics.ts";

/** Blocks of the jackknife; draw r belongs to block r mod 20, so that even blocks and odd blocks are the two halves. */
export const blocks = 20;

export interface BlockSums {
  readonly width: number;
  readonly draws: number[];
  readonly sum: Float64Array[];
  /** Σ‖x‖² of each block. */
  readonly squares: number[];
  /** Draws that were left out because a number was not finite. */
  notFinite: number;
}

export const emptySums = (width: number): BlockSums => ({
  width,
  draws: new Array<number>(blocks).fill(0),
  sum: Array.from({ length: blocks }, () => new Float64Array(width)),
  squares: new Array<number>(blocks).fill(0),
  notFinite: 0,
});

/** Adds draw r. A draw with a number that is not finite is counted and left out. */
export function addDraw(sums: BlockSums, r: number, draw: Float64Array): void {
  const k = r % blocks;
  let squared = 0;
  for (const x of draw) squared += x * x;
  if (!Number.isFinite(squared)) {
    sums.notFinite += 1;
    return;
  }
  const sum = sums.sum[k]!;
  for (let i = 0; i < draw.length; i++) sum[i]! += draw[i]!;
  sums.draws[k]! += 1;
  sums.squares[k]! += squared;
}

const all = Array.from({ length: blocks }, (_, k) => k);

/** Mean over the chosen blocks. */
export function meanOf({ width, draws, sum }: BlockSums, chosen: readonly number[] = all): Float64Array {
  const total = new Float64Array(width);
  let n = 0;
  for (const k of chosen) {
    n += draws[k]!;
    const part = sum[k]!;
    for (let i = 0; i < width; i++) total[i]! += part[i]!;
  }
  return total.map((x) => x / n);
}

/** Trace of the covariance of one draw, from the chosen blocks. */
export function traceOf(sums: BlockSums, chosen: readonly number[] = all): number {
  const n = chosen.reduce((total, k) => total + sums.draws[k]!, 0);
  const squares = chosen.reduce((total, k) => total + sums.squares[k]!, 0);
  const mean = meanOf(sums, chosen);
  return Math.max(0, squares - n * dot(mean, mean)) / (n - 1);
}

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
