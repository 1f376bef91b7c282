/** Noise by hand: uniforms laid out element by element and row by row. */
import type { Arrays } from "../../tasks/task.ts";
import { noiseId, type RowDraw, type Uniforms } from "./draw.ts";

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** One uniform of a row. */
export interface Element {
  readonly of: Uniforms;
  /** Position among those of a row: sample by sample. */
  readonly index: number;
}

/** The uniforms that one row meets, after a run; those of other rows have the same. */
export const elementsOf = (draw: RowDraw): Element[] =>
  [...draw.noise.values()].flatMap((of) =>
    Array.from({ length: sizeOf(of.shape) / draw.rows }, (_, index) => ({ of, index })),
  );

/** Uniforms for so many rows: `value` of a row and the number of an element. */
export function noiseOf(
  elements: readonly Element[],
  rows: number,
  value: (row: number, element: number) => number,
): Arrays {
  const arrays: Record<string, Arrays[string]> = {};
  elements.forEach(({ of, index }, e) => {
    const [S, , ...rest] = of.shape as [number, number, ...number[]];
    const width = sizeOf(rest);
    const shape = [S, rows, ...rest];
    const { values } = (arrays[noiseId(of.name, shape)] ??= {
      shape,
      values: new Float32Array(sizeOf(shape)),
    });
    const [sample, inner] = [Math.floor(index / width), index % width];
    for (let b = 0; b < rows; b++) values[(sample * rows + b) * width + inner] = value(b, e);
  });
  return arrays;
}
