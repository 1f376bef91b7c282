/** Sums over many draws of one gradient, in blocks from which standard errors are made. */
import type { Arrays } from "../../tasks/task.ts";
import { emptySums, type BlockSums } from "./block-sums.ts";
import type { CompiledDraw } from "./compile-draw.ts";
import { factoredBy, type Factored } from "./factored-sums.ts";
import type { DrawStream } from "./noise-streams.ts";

// Loops by index: a run looks at hundreds of millions of numbers here, and a closure or an iterator costs ten times as much.

export function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

type Floats = Float32Array | Float64Array;

/**
 * Some draws of a vector: in each array, which holds a part of the vector, the draws stand one after another. A part that is
 * a product AᵀD is held by D, with AAᵀD in `turned`.
 */
export interface DrawnVectors {
  readonly arrays: readonly Floats[];
  readonly turned?: readonly (Floats | undefined)[];
  readonly size: number;
}

/** ‖x‖² of each draw. */
function squaresOf({ arrays, turned, size }: DrawnVectors): Float64Array {
  const squares = new Float64Array(size);
  for (const [part, array] of arrays.entries()) {
    const other = turned?.[part] ?? array;
    const n = array.length / size;
    for (let c = 0; c < size; c++) {
      // Four sums, because each addition waits for the one before.
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      let i = c * n;
      for (const end = i + n - 3; i < end; i += 4) {
        s0 += array[i]! * other[i]!;
        s1 += array[i + 1]! * other[i + 1]!;
        s2 += array[i + 2]! * other[i + 2]!;
        s3 += array[i + 3]! * other[i + 3]!;
      }
      for (const end = c * n + n; i < end; i++) s0 += array[i]! * other[i]!;
      squares[c]! += s0 + s1 + s2 + s3;
    }
  }
  return squares;
}

/** x·y of each draw. */
function productsWith({ arrays, size }: DrawnVectors, y: Float64Array): Float64Array {
  const products = new Float64Array(size);
  let at = 0;
  for (const array of arrays) {
    const n = array.length / size;
    for (let c = 0; c < size; c++) {
      let [even, odd] = [0, 0];
      let i = 0;
      for (const from = c * n; i + 1 < n; i += 2) {
        even += array[from + i]! * y[at + i]!;
        odd += array[from + i + 1]! * y[at + i + 1]!;
      }
      products[c]! += even + odd + (i < n ? array[c * n + i]! * y[at + i]! : 0);
    }
    at += n;
  }
  return products;
}

/** Adds draw r, the c-th of the given ones, whose squared norm is known. */
function add(sums: BlockSums, r: number, { arrays, size }: DrawnVectors, c: number, squared: number): void {
  const k = r % sums.draws.length;
  const sum = sums.sum[k]!;
  let at = 0;
  for (const array of arrays) {
    const n = array.length / size;
    const from = c * n;
    for (let i = 0; i < n; i++) sum[at + i]! += array[from + i]!;
    at += n;
  }
  sums.draws[k]! += 1;
  sums.squares[k]! += squared;
}

/** Adds draw r. A draw with a number that is not finite is counted and left out. */
export function addDraw(sums: BlockSums, r: number, draw: Float64Array): void {
  const vectors = { arrays: [draw], size: 1 };
  const [squared] = squaresOf(vectors) as never as [number];
  if (Number.isFinite(squared)) add(sums, r, vectors, 0, squared);
  else sums.notFinite += 1;
}

/** Adds the sums of other draws, block by block. */
export function addSums(total: BlockSums, part: BlockSums): void {
  part.sum.forEach((from, k) => {
    const sum = total.sum[k]!;
    for (let i = 0; i < sum.length; i++) sum[i]! += from[i]!;
    total.draws[k]! += part.draws[k]!;
    total.squares[k]! += part.squares[k]!;
  });
  total.notFinite += part.notFinite;
}

const allOf = ({ draws }: BlockSums): number[] => draws.map((_, k) => k);

/** Mean over the chosen blocks. */
export function meanOf(sums: BlockSums, chosen: readonly number[] = allOf(sums)): Float64Array {
  const { width, draws, sum } = sums;
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
export function traceOf(sums: BlockSums, chosen: readonly number[] = allOf(sums)): number {
  const n = chosen.reduce((total, k) => total + sums.draws[k]!, 0);
  const squares = chosen.reduce((total, k) => total + sums.squares[k]!, 0);
  const mean = meanOf(sums, chosen);
  return Math.max(0, squares - n * dot(mean, mean)) / (n - 1);
}

export interface Draws {
  readonly count: number;
  readonly parameters: BlockSums;
  readonly logits: BlockSums;
  /** Cosine of each draw to the reference; empty without one. */
  readonly cosines: readonly number[];
  /** Seconds of all draws. */
  readonly seconds: number;
}

export interface DrawPlan {
  readonly blocks: number;
  /** Whether so many draws are enough. */
  readonly enough: (draws: number) => boolean;
  /** The gradient to which the cosine of each draw is taken. */
  readonly reference?: Float64Array;
}

function drawnOf(outputs: Arrays, prefix: "parameters/" | "logits/", size: number) {
  const names = Object.keys(outputs).filter((name) => name.startsWith(prefix));
  return {
    arrays: names.map((name) => outputs[name]!.values),
    turned: names.map((name) => outputs[`turned ${name}`]?.values),
    lefts: names.map((name) => outputs[`left of ${name}`]),
    size,
  };
}

/** Makes draws until there are enough. Draw r is the same whatever the number of draws that one call makes. */
export async function sumDraws(
  draw: CompiledDraw,
  inputs: Arrays,
  noise: DrawStream,
  { blocks, enough, reference }: DrawPlan,
): Promise<Draws> {
  const { size } = draw;
  let factored: Factored | undefined;
  const widthOf = ({ arrays }: DrawnVectors) => arrays.reduce((n, x) => n + x.length, 0) / size;
  const length = reference ? norm(reference) : 0;
  const cosines: number[] = [];
  let sums: Pick<Draws, "parameters" | "logits"> | undefined;
  let [count, seconds] = [0, 0];
  for (let done = false; !done;) {
    const begun = performance.now();
    const outputs = await draw.run(inputs, noise(count, size));
    const elapsed = (performance.now() - begun) / 1000;
    const [p, l] = [drawnOf(outputs, "parameters/", size), drawnOf(outputs, "logits/", size)];
    factored ??= factoredBy(p, reference);
    sums ??= { parameters: emptySums(widthOf(p), blocks), logits: emptySums(widthOf(l), blocks) };
    const { parameters, logits } = sums;
    const [squares, logitSquares] = [squaresOf(p), squaresOf(l)];
    const products = factored.reference && productsWith(p, factored.reference);
    for (let c = 0; c < size && !done; c++) {
      const finite = Number.isFinite(squares[c]! + logitSquares[c]!);
      if (finite) {
        add(parameters, count, p, c, squares[c]!);
        add(logits, count, l, c, logitSquares[c]!);
      } else {
        parameters.notFinite += 1;
        logits.notFinite += 1;
      }
      const cosine = finite && products ? products[c]! / (Math.sqrt(squares[c]!) * length) : NaN;
      if (Number.isFinite(cosine)) cosines.push(cosine);
      count += 1;
      seconds += elapsed / size;
      done = enough(count);
    }
    await new Promise(setImmediate);
  }
  const { logits, parameters } = sums!;
  return { logits, parameters: factored!.whole(parameters), count, cosines, seconds };
}
