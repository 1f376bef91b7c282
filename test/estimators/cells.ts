/** Expectations without noise: an estimator changes its mind only where a uniform crosses a cut. */
import { flat, draw, type Subject } from "./measured.ts";
import type { Fill } from "../../runners/engine/engine.ts";
import type { Task } from "../../tasks/task.ts";

/** Points and weights on [0, 1]: two Gauss points a cell, exact for what is a cubic in the uniform within each cell. */
function points(cuts: readonly number[]): { u: number; weight: number }[] {
  const ends = [0, ...[...new Set(cuts)].sort((a, b) => a - b), 1];
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
  for (const { cuts } of uniforms)
    rows = rows.flatMap(({ at, weight }) =>
      points(cuts).map((point) => ({ at: [...at, point.u], weight: weight * point.weight })),
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
  const drawn = flat(await draw(of, await make(B), { fill }));
  const width = drawn.length / B;
  const moment = (f: (row: number[]) => number) =>
    rows.reduce((sum, { weight }, b) => sum + weight * f(drawn.slice(b * width, (b + 1) * width)), 0);
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
