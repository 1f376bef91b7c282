/** Sums of an estimator's gradient over regions of its noise. */
import type { RowDraw } from "../gradient-draw.ts";
import { elementsOf, fillRows, type NoiseElement } from "./noise-grid.ts";
import type { VariableRegions } from "./regions.ts";
import { normBetween } from "./true-gradient.ts";

/** A step whose uniforms are chosen row by row. */
export interface GridStep {
  readonly elements: readonly NoiseElement[];
  readonly decoderFrom: number;
  /** Gradients [rows · coordinates]. */
  readonly run: (rows: number, uniform: (row: number, element: number) => number) => Promise<Float32Array>;
}

/** `open` opens the draws of a number of rows. */
export async function gridStep(open: (rows: number) => Promise<RowDraw>): Promise<GridStep> {
  let draw = await open(1);
  const elements = await elementsOf(draw);
  return {
    elements,
    decoderFrom: draw.decoderFrom,
    async run(rows, uniform) {
      if (draw.rows !== rows) draw = await open(rows);
      return draw.run(fillRows(elements, rows, uniform));
    },
  };
}

/** How many combinations of regions there are. */
export const combinationsOf = (variables: readonly VariableRegions[]): number =>
  variables.reduce((n, { regions }) => n * regions.length, 1);

/** How many points the regions have. */
export const pointsOf = (variables: readonly VariableRegions[]): number =>
  Math.max(1, ...variables.map(({ regions }) => regions[0]!.points.length));

export interface RegionSum {
  /** Σ probability × gradient, of the coordinates before the samples. */
  readonly mean: Float64Array;
  /** Σ probability × ‖gradient‖: rounding is a share of it. */
  readonly size: number;
  /** The gradients, call by call. */
  readonly gradients: readonly Float32Array[];
}

/**
 * Sums over all combinations of regions, with each region at its point of this number. With an estimator that has a state,
 * each row must have a call of its own.
 */
export async function sumAt(
  step: GridStep,
  variables: readonly VariableRegions[],
  rowsPerCall: number,
  point = 0,
): Promise<RegionSum> {
  const total = combinationsOf(variables);
  const strides = variables.map((_, v) => combinationsOf(variables.slice(0, v)));
  const owners = new Map(
    variables.flatMap(({ elements }, variable) =>
      elements.map((e, position) => [e, { variable, position }] as const),
    ),
  );
  const regionOf = (combination: number, v: number) => {
    const { regions } = variables[v]!;
    return regions[Math.floor(combination / strides[v]!) % regions.length]!;
  };
  const mean = new Float64Array(step.decoderFrom);
  const gradients: Float32Array[] = [];
  let size = 0;
  for (let first = 0; first < total; first += rowsPerCall) {
    const rows = Math.min(rowsPerCall, total - first);
    const values = await step.run(rows, (row, e) => {
      const { variable, position } = owners.get(e)!;
      const { points } = regionOf(first + row, variable);
      return points[point % points.length]![position]!;
    });
    gradients.push(Float32Array.from(values));
    const width = values.length / rows;
    for (let row = 0; row < rows; row++) {
      const probability = variables.reduce((w, _, v) => w * regionOf(first + row, v).probability, 1);
      for (let k = 0; k < mean.length; k++) mean[k]! += probability * values[row * width + k]!;
      size += probability * normBetween(values, row * width, row * width + mean.length);
    }
  }
  return { mean, size, gradients };
}

/** The sum if the gradient is the same at all points of each region, else undefined. */
export async function sumIfConstant(
  step: GridStep,
  variables: readonly VariableRegions[],
  rowsPerCall: number,
): Promise<RegionSum | undefined> {
  const found = await sumAt(step, variables, rowsPerCall);
  const scale = Math.min(1, found.size);
  for (let point = 1; point < pointsOf(variables); point++) {
    const { gradients } = await sumAt(step, variables, rowsPerCall, point);
    const same = found.gradients.every((values, call) =>
      values.every((x, i) => Math.abs(x - gradients[call]![i]!) <= 1e-5 * (Math.abs(x) + scale)),
    );
    if (!same) return undefined;
  }
  return found;
}
