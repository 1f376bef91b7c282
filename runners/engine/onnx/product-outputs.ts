/** Outputs that are products AᵀD of a value A that is the same in all draws and a value D of each draw, such as the gradient of a layer's weights. */
import { type Graph, type Value, madeBy } from "./graph/value.ts";

/** The factors A [B, m] and D [B, n] of an output [m, n]. */
export interface OutputFactors {
  readonly left: Value;
  readonly right: Value;
}

/** The outputs that are cheaper as factors: those with more than twice as many columns in A as rows. `noisy` differ by draw. */
export function productOutputs(
  { outputs }: Graph,
  noisy: ReadonlySet<Value>,
): ReadonlyMap<string, OutputFactors> {
  const found = Object.entries(outputs).flatMap(([name, value]) => {
    const product = madeBy(value, "Gemm");
    const [left, right, ...more] = product?.inputs ?? [];
    const { transA, transB, ...others } = product?.attributes ?? {};
    const plain = more.length === 0 && Object.keys(others).length === 0 && transA === 1 && transB === 0;
    const fits = left && right && plain && noisy.has(right) && !noisy.has(left);
    return fits && left.shape[1]! > 2 * left.shape[0]! ? [[name, { left, right }] as const] : [];
  });
  return new Map(found);
}
