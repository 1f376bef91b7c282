/** Sums of vectors of which some parts are products AᵀD with the same A [B, m] in every draw: only D [B, n] is summed. */
import type { Values32 } from "../../tasks/task.ts";
import type { BlockSums } from "./block-sums.ts";

export interface Factored {
  /** The vector y with A Y in place of each part Y, so that its product with D is that of Y with AᵀD. */
  readonly reference: Float64Array | undefined;
  /** The sums with AᵀD in place of D. */
  whole(sums: BlockSums): BlockSums;
}

/** AᵀD if `transposed`, else AD. Zeros, of which images are full, are passed over. */
function product({ shape, values }: Values32, d: Float64Array, transposed: boolean): Float64Array {
  const [rows, columns] = shape as [number, number];
  const n = d.length / (transposed ? rows : columns);
  const out = new Float64Array((transposed ? columns : rows) * n);
  for (let b = 0; b < rows; b++)
    for (let i = 0; i < columns; i++) {
      const a = values[b * columns + i]!;
      if (a === 0) continue;
      const [to, from] = transposed ? [i * n, b * n] : [b * n, i * n];
      for (let j = 0; j < n; j++) out[to + j]! += a * d[from + j]!;
    }
  return out;
}

/** Parts that are products have an A in `lefts`. `reference` is a vector of whole parts. */
export function factoredBy(
  {
    arrays,
    lefts,
    size,
  }: {
    readonly arrays: readonly ArrayLike<number>[];
    readonly lefts: readonly (Values32 | undefined)[];
    readonly size: number;
  },
  reference: Float64Array | undefined,
): Factored {
  const held = arrays.map(({ length }) => length / size);
  const full = held.map((n, k) => (lefts[k] ? (n / lefts[k].shape[0]!) * lefts[k].shape[1]! : n));
  /** The parts of a vector, each replaced. */
  const mapped = (x: Float64Array, sizes: readonly number[], transposed: boolean) => {
    let at = 0;
    const parts = sizes.map((n, k) => {
      const part = x.subarray(at, (at += n));
      return lefts[k] ? product(lefts[k], part, transposed) : part;
    });
    const joined = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
    parts.reduce((from, part) => (joined.set(part, from), from + part.length), 0);
    return joined;
  };
  if (!lefts.some(Boolean)) return { reference, whole: (sums) => sums };
  return {
    reference: reference && mapped(reference, full, false),
    whole: (sums) => ({
      ...sums,
      width: full.reduce((a, b) => a + b, 0),
      sum: sums.sum.map((x) => mapped(x, held, true)),
    }),
  };
}
