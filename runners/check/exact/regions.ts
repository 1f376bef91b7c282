/**
 * The regions of a variable's uniforms in which its hard sample, or the order of its outcomes, is the same. If the gradient is
 * constant in each, its expectation is the sum over regions of probability × gradient.
 */
import type { SiteSpec } from "../../../estimators/estimator.ts";
import { type NoiseInterval, cellsOf, type NoiseElement } from "./noise-grid.ts";

interface Region {
  readonly probability: number;
  /** Points inside, each a value for every uniform of the variable. The gradient should be the same at all. */
  readonly points: readonly (readonly number[])[];
}

/** The uniforms of one draw of a variable, by their numbers, and their regions. */
export interface VariableRegions {
  readonly elements: readonly number[];
  readonly regions: readonly Region[];
}

/** Where the hard sample of a bit changes, whichever way it compares its uniform. */
export function edgesOf(logit: number): number[] {
  const p = 1 / (1 + Math.exp(-logit));
  return [0, Math.min(p, 1 - p), Math.max(p, 1 - p), 1];
}

/** One uniform in these cells, at some points of each as shares of its width. */
export const inCells = (
  element: number,
  cells: readonly NoiseInterval[],
  pointsOf: (cell: NoiseInterval, i: number) => readonly number[],
): VariableRegions => ({
  elements: [element],
  regions: cells.map((cell, i) => ({
    probability: cell.width,
    points: pointsOf(cell, i).map((within) => [cell.low + within * cell.width]),
  })),
});

/** One uniform that is compared with p or 1 − p: points in the middle, near both ends, and a mixture over elements. */
const bit = (element: number, logit: number): VariableRegions =>
  inCells(element, cellsOf(edgesOf(logit)), (_cell, i) => [
    0.5,
    0.02,
    0.98,
    (i + element) % 2 === 0 ? 0.3 : 0.8,
  ]);

/** The largest perturbed logit of each point, and the gap between one and the next. */
const levels = [
  { top: 1, gap: 1.5 },
  { top: -1, gap: 0.5 },
  { top: 3, gap: 2 },
] as const;
/** The gap between one pair of each point: so small that perturbed logits other than the site's are in another order. */
const margin = 0.01;

/** The first `depth` of these outcomes, in every order. */
const rankings = (outcomes: readonly number[], depth: number): number[][] =>
  depth === 0
    ? [[]]
    : outcomes.flatMap((k) => {
        const others = outcomes.filter((j) => j !== k);
        return rankings(others, depth - 1).map((after) => [k, ...after]);
      });

/** Uniforms whose perturbed logits have this order. Point i differs in the order of the outcomes that are not ranked. */
function pointOf(i: number, ranking: readonly number[], logits: readonly number[]): number[] {
  const others = logits.flatMap((_, k) => (ranking.includes(k) ? [] : [k]));
  const turn = i % others.length;
  const order = [...ranking, ...others.slice(turn), ...others.slice(0, turn)];
  const { top, gap } = levels[i]!;
  const close = i % ranking.length;
  return logits.map((logit, k) => {
    const rank = order.indexOf(k);
    const perturbed = top - gap * rank + (rank > close ? gap - margin : 0);
    return Math.exp(-Math.exp(logit - perturbed));
  });
}

/** A uniform for each of K outcomes: the regions in which the first `depth` outcomes by perturbed logit are the same. */
function category(elements: readonly number[], logits: readonly number[], depth: number): VariableRegions {
  const regions = rankings([...logits.keys()], depth).map((ranking) => {
    let left = logits.reduce((sum, l) => sum + Math.exp(l), 0);
    let probability = 1;
    for (const k of ranking) {
      probability *= Math.exp(logits[k]!) / left;
      left -= Math.exp(logits[k]!);
    }
    return { probability, points: levels.map((_, i) => pointOf(i, ranking, logits)) };
  });
  return { elements, regions };
}

/**
 * The regions of a site's variables, in the order of its elements. Categories: of the first `depth` outcomes in order.
 * Undefined if an element belongs to no variable.
 */
export function regionsOf(
  elements: readonly NoiseElement[],
  { family, shape }: SiteSpec,
  logits: ArrayLike<number>,
  depth: number,
): VariableRegions[] | undefined {
  const width = logits.length;
  const event = shape.slice(family.rank === 0 ? -1 : -2);
  const belongs = ({ of }: NoiseElement) => event.every((n, i) => of.shape.at(i - event.length) === n);
  if (width > 1 && !elements.every(belongs)) return undefined;
  if (family.rank === 0) return elements.map(({ index }, e) => bit(e, logits[index % width]!));
  const K = family.outcomes(shape);
  return elements.flatMap(({ index }, e) => {
    if (index % K !== 0) return [];
    const ofVariable = Array.from({ length: K }, (_, k) => logits[(index + k) % width]!);
    return [
      category(
        ofVariable.map((_, k) => e + k),
        ofVariable,
        depth,
      ),
    ];
  });
}
