/** The regions of a variable's uniforms in each of which a hard sample is one outcome, so that they can be summed over. */
import type { SiteSpec } from "../../estimators/estimator.ts";
import { cellsOf, type Element } from "./grid.ts";

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

/** Perturbed logits of one winner, and how far the others are below the second. */
const levels = [
  { top: 1, below: 3 },
  { top: -1, below: 1 },
  { top: 3, below: 2 },
] as const;
/** From the winner to the second: so little that perturbed logits other than the site's rank them otherwise. */
const margin = 0.01;

/** A uniform for each of K outcomes, the largest perturbed logit winning; each point has another in second place. */
function category(elements: readonly number[], logits: readonly number[]): Choice {
  const K = logits.length;
  const total = logits.reduce((sum, l) => sum + Math.exp(l), 0);
  const regions = logits.map((logit, k) => ({
    weight: Math.exp(logit) / total,
    points: levels.map(({ top, below }, i) => {
      const second = (k + 1 + (i % (K - 1))) % K;
      return logits.map((own, j) => {
        const perturbed = j === k ? top : top - margin - (j === second ? 0 : below);
        return Math.exp(-Math.exp(own - perturbed));
      });
    }),
  }));
  return { elements, regions };
}

/** The choices that these elements make between a site's outcomes, or nothing where one belongs to no variable. */
export function choicesOf(
  elements: readonly Element[],
  { family, shape }: SiteSpec,
  logits: ArrayLike<number>,
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
      ),
    ];
  });
}
