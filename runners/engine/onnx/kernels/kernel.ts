/** The type of the ONNX form of a tfjs kernel: a function of the values of its inputs and of its attributes. */
import type { Builder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each kernel of tfjs has attributes of its own
export type KernelAttributes = Readonly<Record<string, any>>;
export type Kernel = (
  g: Builder,
  inputs: Readonly<Record<string, Value>>,
  attrs: KernelAttributes,
) => Value | Value[];
export type Kernels = Readonly<Record<string, Kernel>>;

/** Axes counted from the front, in ascending order; all axes where none is named. Throws for an axis out of range. */
export function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  const named =
    axis === null || axis === undefined ? Array.from({ length: rank }, (_, i) => i) : [axis].flat();
  const axes = named.map((a) => (a < 0 ? a + rank : a));
  const wrong = axes.find((a) => !Number.isInteger(a) || a < 0 || a >= rank);
  if (wrong !== undefined) throw new Error(`axis must be between -${rank} and ${rank - 1}, got ${wrong}`);
  return axes.sort((a, b) => a - b);
}

export const axisOf = (axis: number, rank: number): number => axesOf(axis, rank)[0]!;
