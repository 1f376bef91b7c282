import type { Arrays } from "../../../tasks/task.ts";
import { rowDraw, type RowDraw } from "../gradient-draw.ts";
import { judgeOnFirst } from "../exact/expectation.ts";
import { cellsOf, type Cut, elementsOf, noiseOf, type Element } from "../exact/noise-grid.ts";
import { withValues } from "../../train/training-setup.ts";
import { type Check, many, type Outcome, percent, skip, unlessKnown } from "../outcome.ts";
import { bitsProblem, coupledCategoricalProblem, oneOfFourProblem } from "../problems.ts";
import { hasState, moved, sourceOf, type Subject } from "../subject.ts";
import { enumerable, truthOf } from "../exact/true-gradient.ts";

/**
 * The expectation without noise. An estimator of one Bernoulli variable changes its mind only where a uniform crosses p
 * or 1 − p: between those it is constant, or smooth. Constant: the sum over cells, weighted by their widths, is the
 * expectation, exact to float32's rounding. Smooth: the midpoint rule's error falls fourfold as cells are halved, and
 * the rate is the test; towards 0 and 1, where logistic noise makes powers of u, the rule runs in √u. Nothing here is
 * random, so there are no error rates.
 */
const p = 0.3;
const edges = [0, p, 1 - p, 1];
const mostElements = 8;
const mostRows = 40000;
const mostParts = 512;
const rowsOfCall = 20000;
/** Of the mean size of a draw. */
export const tolerance = 1e-6;
/** Halvings are compared while what they change stands clear of float32's rounding. */
const resolution = 3e-6;
const rates = { least: 3, most: 5.5 };

/** The row's cell of each element: digits of its number. */
const digit = (row: number, element: number, base: number) => Math.floor(row / base ** element) % base;

interface Sum {
  readonly mean: number;
  /** Mean size of a draw: what rounding is measured by. */
  readonly size: number;
  readonly draws: Float64Array;
}

interface Source {
  readonly elements: readonly Element[];
  readonly open: (rows: number) => Promise<RowDraw>;
}

/** Σ over combinations of cells of widths × the draw at a point within each. */
async function sum(
  { elements, open }: Source,
  cells: readonly Cut[],
  within: (cell: number, element: number) => number = (cell) => cells[cell]!.point,
): Promise<Sum> {
  const total = cells.length ** elements.length;
  const draws = new Float64Array(total);
  let [mean, size] = [0, 0];
  for (let at = 0; at < total; at += rowsOfCall) {
    const rows = Math.min(rowsOfCall, total - at);
    const cellOf = (row: number, e: number) => digit(at + row, e, cells.length);
    const noise: Arrays = noiseOf(elements, rows, (row, e) => {
      const cell = cellOf(row, e);
      return cells[cell]!.low + within(cell, e) * cells[cell]!.width;
    });
    const draw = await open(rows);
    const values = await draw.run(() => undefined, noise);
    for (let row = 0; row < rows; row++) {
      const weight = elements.reduce((w, _, e) => w * cells[cellOf(row, e)]!.width, 1);
      draws[at + row] = values[row * draw.labels.length]!;
      mean += weight * draws[at + row]!;
      size += weight * Math.abs(draws[at + row]!);
    }
  }
  return { mean, size, draws };
}

/** Other points of the cells: near both ends, and a mixture. */
const elsewhere = [() => 0.02, () => 0.98, (cell: number, e: number) => ((cell + e) % 2 === 0 ? 0.3 : 0.8)];

/** The sum over cells if the draw is constant within each. */
async function constant(source: Source): Promise<Sum | undefined> {
  const cells = cellsOf(edges);
  const found = await sum(source, cells, () => 0.5);
  for (const within of elsewhere) {
    const { draws } = await sum(source, cells, within);
    if (draws.some((x, i) => !(Math.abs(x - found.draws[i]!) <= 1e-5 * (Math.abs(x) + found.size))))
      return undefined;
  }
  return found;
}

interface Refined {
  readonly sums: readonly number[];
  readonly size: number;
  /** What halving takes off the change of the halving before. */
  readonly rate: number;
  /** By Richardson's extrapolation. */
  readonly limit: number;
}

/** The midpoint rule on ever finer cells, while changes can be told from rounding. */
async function refined(source: Source): Promise<Refined> {
  const sums: number[] = [];
  let size = 0;
  let rate = NaN;
  for (let parts = 1; parts <= mostParts && (3 * parts) ** source.elements.length <= mostRows; parts *= 2) {
    const next = await sum(source, cellsOf(edges, parts));
    size = next.size;
    sums.push(next.mean);
    const [a, b, c] = sums.slice(-3) as [number, number, number];
    if (sums.length < 3) continue;
    if (Math.abs(c - b) < resolution * size) break;
    rate = Math.abs(b - a) / Math.abs(c - b);
  }
  const [b, c] = sums.slice(-2) as [number, number];
  return { sums, size, rate, limit: c + (c - b) / 3 };
}

/** How the error against the exact value falls at the last halving that can be told from rounding. */
function errorRate({ sums, size }: Refined, exact: number): number {
  const errors = sums.map((x) => Math.abs(x - exact));
  const last = errors.findLastIndex((error) => error > resolution * size);
  return last < 1 ? NaN : errors[last - 1]! / errors[last]!;
}

const shown = (x: number) => x.toPrecision(6);
const fits = (rate: number) => rate > rates.least && rate < rates.most;

function judgeConstant({ mean, size }: Sum, exact: number, subject: Subject, n: number): Outcome {
  const { unbiased } = subject.estimator.claims;
  const error = Math.abs(mean - exact);
  const numbers = { expectation: mean, exact, size };
  const said = `expectation ${shown(mean)}, exact gradient ${shown(exact)} over the cells of ${many(n, "uniform")}`;
  const off = `${percent(error / Math.abs(exact))} off`;
  if (unbiased === false)
    return { state: "pass", detail: `${said}: ${off}, and bias is what it claims`, numbers };
  if (unbiased === "direction")
    return {
      state: mean * exact > 0 ? "pass" : "fail",
      detail: `${said}: factor ${shown(mean / exact)}`,
      numbers,
    };
  return error <= tolerance * Math.max(size, Math.abs(exact))
    ? { state: "pass", detail: `${said}`, numbers }
    : { state: "fail", detail: `the expectation must be the exact gradient, got ${said}: ${off}`, numbers };
}

function judgeSmooth(found: Refined, exact: number, subject: Subject, n: number): Outcome {
  const { limit, rate, sums } = found;
  if (!fits(rate))
    return skip(
      `not applicable: between p and 1 − p it is neither constant nor smooth in its ${many(n, "uniform")} (each halving of cells must change the sum a quarter as much as the last, got 1/${rate.toFixed(2)}), so draws alone judge it`,
    );
  const numbers = { expectation: limit, exact, rate };
  const cells = 3 * 2 ** (sums.length - 1);
  const said = `expectation ${shown(limit)}, exact gradient ${shown(exact)}, smooth in ${many(n, "uniform")}, ${cells} cells each`;
  if (subject.estimator.claims.unbiased === false)
    return {
      state: "pass",
      detail: `${said}: ${percent(Math.abs(limit - exact) / Math.abs(exact))} off, and bias is what it claims`,
      numbers,
    };
  const falls = errorRate(found, exact);
  return fits(falls)
    ? {
        state: "pass",
        detail: `${said}; the error falls ${falls.toFixed(2)}-fold at the last halving`,
        numbers,
      }
    : {
        state: "fail",
        detail: `the error must fall fourfold as cells are halved, got ${falls.toFixed(2)}-fold: ${said}`,
        numbers,
      };
}

const stateful = `not applicable: it has a state, in which rows may meet; see the check "state"`;

/** Where no bits are met, over a layer of categories: Gumbel noise has no cells, but regions where an outcome wins. */
async function onCategories(subject: Subject, before: ReadonlyMap<string, Outcome>): Promise<Outcome> {
  const [any] = subject.admitted;
  if (any && (await hasState(subject, any))) return skip(stateful);
  return judgeOnFirst(subject, [coupledCategoricalProblem, oneOfFourProblem], {
    async open(problem) {
      const source = await sourceOf(subject, problem, 1);
      return withValues(source, { estimatorParameters: moved(source) });
    },
    given: "one row",
    before,
  });
}

export const cells: Check = {
  name: "cells",
  doc: "its exact expectation on one bit or one layer of categories, without noise, is the gradient",
  async run(subject, before) {
    const problem = subject.admitted.find(({ name }) => name === bitsProblem.name);
    if (!problem) return onCategories(subject, before);
    if (!(await enumerable(subject, problem))) return skip("not applicable: too many tuples to enumerate");
    const open = async (rows: number) => {
      const source = await sourceOf(subject, problem, rows);
      return rowDraw(subject.engine, withValues(source, { estimatorParameters: moved(source) }));
    };
    if (await hasState(subject, problem)) return skip(stateful);
    const probe = await open(1);
    await probe.run((_name, out) => out.fill(0.5));
    const elements = elementsOf(probe);
    const n = elements.length;
    if (n > mostElements)
      return skip(`not applicable: ${n} uniforms on one bit, at most ${mostElements} have few enough cells`);
    const { gradient } = await truthOf(subject, problem);
    const source = { elements, open };
    const found = await constant(source);
    if (found) return unlessKnown(judgeConstant(found, gradient[0]!, subject, n), before);
    if ((3 * 8) ** n > mostRows)
      return skip(`not applicable: smooth in ${n} uniforms, too many for a refined grid`);
    return unlessKnown(judgeSmooth(await refined(source), gradient[0]!, subject, n), before);
  },
};
