/** Uniforms that a check chooses itself, and the division of [0, 1] into cells. */
import type { Fill } from "../../engine/engine.ts";
import { elementCount, type RowDraw, type UniformSpec } from "../gradient-draw.ts";

/** One of the uniforms that a row uses. */
export interface NoiseElement {
  readonly of: UniformSpec;
  /** Position among those of a row, sample by sample. */
  readonly index: number;
}

/** The uniforms that a row uses; all rows use the same ones. */
export async function elementsOf(draw: RowDraw): Promise<NoiseElement[]> {
  await draw.run((_name, out) => out.fill(0.5));
  return [...draw.uniforms.values()].flatMap((of) =>
    Array.from({ length: elementCount(of.shape) / draw.rows }, (_, index) => ({ of, index })),
  );
}

/** The uniforms of so many rows. `value` gets the row and the number of an element. */
export const fillRows =
  (elements: readonly NoiseElement[], rows: number, value: (row: number, element: number) => number): Fill =>
  (name, out) =>
    elements.forEach(({ of, index }, e) => {
      if (of.name !== name) return;
      const width = elementCount(of.shape.slice(2));
      const [sample, inner] = [Math.floor(index / width), index % width];
      for (let b = 0; b < rows; b++) out[(sample * rows + b) * width + inner] = value(b, e);
    });

/** A part of [0, 1], and where in it the midpoint rule evaluates. */
export interface NoiseInterval {
  readonly low: number;
  readonly width: number;
  /** As a share of the width. */
  readonly point: number;
}

/** Part j of n of [0, 1], equal parts of √u. */
function partOfRoot(j: number, n: number): NoiseInterval {
  const [low, high] = [(j / n) ** 2, ((j + 1) / n) ** 2];
  return { low, width: high - low, point: (((j + 0.5) / n) ** 2 - low) / (high - low) };
}

/**
 * The cells between these edges, each divided into `parts`. Those at 0 and at 1 are divided evenly in the square root of the
 * distance to that end.
 */
export const cellsOf = (edges: readonly number[], parts = 1): NoiseInterval[] =>
  edges.slice(1).flatMap((high, i) => {
    const [from, whole] = [edges[i]!, high - edges[i]!];
    return Array.from({ length: parts }, (_, j) => {
      if (i > 0 && high < 1) return { low: from + (j * whole) / parts, width: whole / parts, point: 0.5 };
      const { low, width, point } = partOfRoot(j, parts);
      if (high < 1) return { low: low * whole, width: width * whole, point };
      return { low: 1 - (low + width) * whole, width: width * whole, point: 1 - point };
    });
  });
