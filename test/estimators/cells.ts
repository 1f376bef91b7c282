/** Expectations without noise: an estimator changes its mind only where a uniform crosses a cut. */
import { draw, type Subject } from "./measured.ts";
import type { Fill } from "../../runners/engine/engine.ts";
import type { Task } from "../../tasks/task.ts";

/** Points and weights on [0, 1]: two Gauss points a cell, exact for what is a cubic in the uniform within each cell. */
function points({ cuts, stepwise = false }: Uniform): { u: number; weight: number }[] {
  const ends = [0, ...[...new Set(cuts)].sort((a, b) => a - b), 1];
  if (stepwise) return ends.slice(1).map((end, i) => ({ u: (ends[i]! + end) / 2, weight: end - ends[i]! }));
  const shift = 0.5 / Math.sqrt(3);
  return ends.slice(1).flatMap((end, i) => {
    const width = end - ends[i]!;
    return [0.5 - shift, 0.5 + shift].map((at) => ({ u: ends[i]! + width * at, weight: width / 2 }));
  });
}

/** A uniform as the estimator asks for it: the name of its noise, where in the sample and event it lies, its cuts. */
export interface Uniform {
  readonly name: string;
  /** Its index once rows are taken out: [samples, event] flat. */
  readonly index: number;
  readonly cuts: readonly number[];
  /** Nothing depends on where in a cell it lies: one point a cell will do. */
  readonly stepwise?: boolean;
}

export interface Exact {
  readonly mean: number[];
  readonly variance: number[];
  /** Of the sum over coordinates. */
  readonly sumVariance: number;
}

/** Mean and variance of a draw over the product of all uniforms' cells. `events`: uniforms of one sample by noise name. */
export async function overCells(
  of: Subject,
  uniforms: readonly Uniform[],
  events: Readonly<Record<string, number>>,
  make: (rows: number) => Promise<Task>,
): Promise<Exact> {
  let rows: { at: number[]; weight: number }[] = [{ at: [], weight: 1 }];
  for (const uniform of uniforms)
    rows = rows.flatMap(({ at, weight }) =>
      points(uniform).map((point) => ({ at: [...at, point.u], weight: weight * point.weight })),
    );
  const B = rows.length;
  const fill: Fill = (name, out) => {
    out.fill(0.5);
    uniforms.forEach((uniform, k) => {
      if (uniform.name !== name) return;
      const width = events[name]!;
      const [s, e] = [Math.floor(uniform.index / width), uniform.index % width];
      rows.forEach(({ at }, b) => (out[(s * B + b) * width + e] = at[k]!));
    });
  };
  const sites = Object.values(await draw(of, await make(B), { fill }));
  /** A row's gradient along the logits of all sites. */
  const rowOf = (b: number) =>
    sites.flatMap(({ values }) => {
      const size = values.length / B;
      return [...values.subarray(b * size, (b + 1) * size)];
    });
  const drawn = rows.map((_, b) => rowOf(b));
  const width = drawn[0]!.length;
  const moment = (f: (row: readonly number[]) => number) =>
    rows.reduce((sum, { weight }, b) => sum + weight * f(drawn[b]!), 0);
  const mean = Array.from({ length: width }, (_, i) => moment((row) => row[i]!));
  const variance = mean.map((m, i) => moment((row) => (row[i]! - m) ** 2));
  const total = (row: readonly number[]) => row.reduce((a, b) => a + b, 0);
  return { mean, variance, sumVariance: moment((row) => (total(row) - total(mean)) ** 2) };
}

/** Uniforms of S samples of a site's bits, cut where bits and their antithetics change. */
export const bitUniforms = (name: string, p: readonly number[], samples = 1, antithetic = true): Uniform[] =>
  Array.from({ length: samples }, (_, s) =>
    p.map((q, d) => ({ name, index: s * p.length + d, cuts: antithetic ? [q, 1 - q] : [1 - q] })),
  ).flat();
