/** The regions of a variable's uniforms in which its hard sample, or the order of outcomes, is one: they can be summed over. */
import type { SiteSpec } from "../../../estimators/estimator.ts";
import { cellsOf, type Element } from "./noise-grid.ts";

interface Region {
  /** Its probability. */
  readonly weight: number;
  /** Points within, each a value for every uniform of the variable: the first stands for all, if the others agree. */
  readonly points: readonly (readonly number[])[];
}

/** A draw of a variable: the elements of its uniforms, and their regions. */
export interface Choice {
  readonly elements: readonly number[];
  readonly regions: readonly Region[];
}

/** Points of each region. */
export const tries = 3;

/** One uniform, against p or 1 − p. */
function bit(element: number, logit: number): Choice {
  const p = 1 / (1 + Math.exp(-logit));
  const cells = cellsOf([0, Math.min(p, 1 - p), Math.max(p, 1 - p), 1]);
  const regions = cells.map(({ low, width }) => ({
    weight: width,
    points: [0.5, 0.05, 0.9].map((within) => [low + within * width]),
  }));
  return { elements: [element], regions };
}

/** The first perturbed logit of each point, and how far one is below the one before. */
const levels = [
  { top: 1, gap: 1.5 },
  { top: -1, gap: 0.5 },
  { top: 3, gap: 2 },
] as const;
/** Between two of each point: so little that perturbed logits other than the site's rank them otherwise. */
const margin = 0.01;

/** The first `depth` of these outcomes, in every order. */
const rankings = (outcomes: readonly number[], depth: number): number[][] =>
  depth === 0
    ? [[]]
    : outcomes.flatMap((k) => {
        const others = outcomes.filter((j) => j !== k);
        return rankings(others, depth - 1).map((after) => [k, ...after]);
      });

/** Uniforms whose perturbed logits have this order: point i puts another outcome next to those that are ranked. */
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

/** A uniform for each of K outcomes, the first `depth` perturbed logits in order: with 1, one outcome wins. */
function category(elements: readonly number[], logits: readonly number[], depth: number): Choice {
  const regions = rankings([...logits.keys()], depth).map((ranking) => {
    let left = logits.reduce((sum, l) => sum + Math.exp(l), 0);
    let weight = 1;
    for (const k of ranking) {
      weight *= Math.exp(logits[k]!) / left;
      left -= Math.exp(logits[k]!);
    }
    return { weight, points: levels.map((_, i) => pointOf(i, ranking, logits)) };
  });
  return { elements, regions };
}

/**
 * The choices that these elements make between a site's outcomes, or, of categories, orders of the first `depth`; nothing
 * where an element belongs to no variable.
 */
export function choicesOf(
  elements: readonly Element[],
  { family, shape }: SiteSpec,
  logits: ArrayLike<number>,
  depth: number,
): Choice[] | undefined {
  const width = logits.length;
  const event = shape.slice(family.rank === 0 ? -1 : -2);
  if (!elements.every(({ of }) => event.every((n, i) => of.shape.at(i - event.length) === n)))
    return undefined;
  if (family.rank === 0) return elements.map(({ index }, e) => bit(e, logits[index % width]!));
  const K = family.outcomes(shape);
  return elements.flatMap(({ index }, e) => {
    if (index % K !== 0) return [];
    const own = Array.from({ length: K }, (_, k) => logits[(index + k) % width]!);
    return [
      category(
        own.map((_, k) => e + k),
        own,
        depth,
      ),
    ];
  });
}
