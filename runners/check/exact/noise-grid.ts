/** Noise by hand: uniforms laid out element by element and row by row. */
import type { Arrays } from "../../../tasks/task.ts";
import { noiseId, type RowDraw, type Uniforms } from "../gradient-draw.ts";

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

export interface Cut {
  readonly low: number;
  readonly width: number;
  /** Where a refined rule evaluates, as a share of the width. */
  readonly point: number;
}

/** Part j of n of [0, 1] in s = √u. */
function squared(j: number, n: number): Cut {
  const [low, high] = [(j / n) ** 2, ((j + 1) / n) ** 2];
  return { low, width: high - low, point: (((j + 0.5) / n) ** 2 - low) / (high - low) };
}

/** The cells of [0, 1], each divided into `parts`; the first and the last in square roots of the distance to the end. */
export const cellsOf = (cuts: readonly number[], parts = 1): Cut[] =>
  cuts.slice(1).flatMap((high, i) => {
    const [from, whole] = [cuts[i]!, high - cuts[i]!];
    return Array.from({ length: parts }, (_, j) => {
      if (i > 0 && high < 1) return { low: from + (j * whole) / parts, width: whole / parts, point: 0.5 };
      const { low, width, point } = squared(j, parts);
      if (high < 1) return { low: low * whole, width: width * whole, point };
      return { low: 1 - (low + width) * whole, width: width * whole, point: 1 - point };
    });
  });
