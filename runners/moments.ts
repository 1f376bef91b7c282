/** Statistics of many draws of one gradient, from sums over 20 blocks: nothing else of a draw is kept. */

/** Blocks of the jackknife; draw r belongs to block r mod 20, so that even blocks and odd blocks are the two halves. */
export const blocks = 20;

export interface Sums {
  readonly width: number;
  readonly draws: number[];
  readonly sum: Float64Array[];
  /** Σ‖x‖² of each block. */
  readonly squares: number[];
  notFinite: number;
}

export const emptySums = (width: number): Sums => ({
  width,
  draws: new Array<number>(blocks).fill(0),
  sum: Array.from({ length: blocks }, () => new Float64Array(width)),
  squares: new Array<number>(blocks).fill(0),
  notFinite: 0,
});

/** Adds draw r; one with a coordinate that is not finite is counted and left out. */
export function addDraw(sums: Sums, r: number, draw: Float64Array): void {
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

export const dot = (a: Float64Array, b: Float64Array): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
};

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

const all = Array.from({ length: blocks }, (_, k) => k);

/** Mean over the blocks named. */
export function meanOf({ width, draws, sum }: Sums, chosen: readonly number[] = all): Float64Array {
  const total = new Float64Array(width);
  let n = 0;
  for (const k of chosen) {
    n += draws[k]!;
    const part = sum[k]!;
    for (let i = 0; i < width; i++) total[i]! += part[i]!;
  }
  return total.map((x) => x / n);
}

/** Trace of the covariance of one draw, from the blocks named. */
export function traceOf(sums: Sums, chosen: readonly number[] = all): number {
  const n = chosen.reduce((total, k) => total + sums.draws[k]!, 0);
  const squares = chosen.reduce((total, k) => total + sums.squares[k]!, 0);
  const mean = meanOf(sums, chosen);
  return Math.max(0, squares - n * dot(mean, mean)) / (n - 1);
}

/** A statistic of the blocks, and its error by leaving each block out in turn. */
export function jackknife(statistic: (chosen: readonly number[]) => number): {
  value: number;
  error: number;
} {
  const left = all.map((k) => statistic(all.filter((other) => other !== k)));
  const mean = left.reduce((a, b) => a + b, 0) / blocks;
  const spread = left.reduce((total, x) => total + (x - mean) ** 2, 0);
  return { value: statistic(all), error: Math.sqrt(((blocks - 1) / blocks) * spread) };
}

const halves = (chosen: readonly number[]) =>
  [chosen.filter((k) => k % 2 === 0), chosen.filter((k) => k % 2 === 1)] as const;

/**
 * T = (ḡ_A − r_A)·(ḡ_B − r_B) over two halves of the draws, whose expectation is ‖bias‖²; the reference is a
 * vector known without error, or has halves of its own.
 */
export function squaredBias(sums: Sums, reference: Float64Array | Sums): { value: number; error: number } {
  const away = (chosen: readonly number[]) => {
    const mean = meanOf(sums, chosen);
    const other = reference instanceof Float64Array ? reference : meanOf(reference, chosen);
    return mean.map((x, i) => x - other[i]!);
  };
  return jackknife((chosen) => {
    const [a, b] = halves(chosen);
    return dot(away(a), away(b));
  });
}

/** ‖E g‖² without the noise's own share: the product of two halves' means. */
export const squaredNorm = (sums: Sums): { value: number; error: number } =>
  jackknife((chosen) => {
    const [a, b] = halves(chosen);
    return dot(meanOf(sums, a), meanOf(sums, b));
  });
