/**
 * The test of means of draws against exact values, coordinate by coordinate.
 *
 * Error rates. False alarm: at most 10⁻⁶ over all coordinates of all problems (Holm's method; means of at least 10,000 draws
 * are taken as normal, and the number of calls depends on the spread alone). Miss: a bias in one coordinate of exactly the
 * detectable size, threshold · standard error, is found with probability ½, and one twice as large is missed with
 * probability under 10⁻⁷. Draws are made until the detectable size is at most 5 % of the gradient's norm on every problem.
 */
import { holm } from "../../reports/aggregate/statistics.ts";
import { criticalValue, pValue } from "../../reports/aggregate/normal-tail.ts";
import { drawCount, fail, type Outcome, percent } from "./outcome.ts";
import type { SampledMoments } from "./sampled-moments.ts";

const familyWise = 1e-6;
/** The largest share of the gradient's norm that the detectable bias may be. */
export const largestDetectable = 0.05;
const mostDraws = 4000000;
/** A claimed deviation is looked for down to this share of the gradient's norm. */
const leastClaimed = 0.01;
/** Draws whose mean is taken as normal. */
const leastNormal = 10000;

/** A mean beside its exact value. */
export interface Deviation {
  readonly problem: string;
  readonly coordinate: string;
  /** Bias over its standard error. */
  readonly z: number;
  /** As shares of the gradient's norm. */
  readonly bias: number;
  readonly standardError: number;
}

/** The deviation of coordinate k; nothing is known of it before there are two draws. */
export function meanDeviation(
  moments: SampledMoments,
  k: number,
  { bias, error, norm }: { readonly bias: number; readonly error: number; readonly norm: number },
): Deviation {
  const about = { problem: moments.problem.name, coordinate: moments.exact.labels[k]! };
  if (moments.draws() < 2) return { ...about, z: 0, bias: 0, standardError: Infinity };
  return { ...about, z: bias / error, bias: bias / norm, standardError: error / norm };
}

/** How the coordinates under test are read from the moments of a problem. */
export type DeviationsOf = (moments: SampledMoments) => Deviation[];

export interface MeanTest {
  /** |z| from which the first of Holm's tests rejects. */
  readonly threshold: number;
  /** The largest |z|. */
  readonly worst: Deviation;
  readonly tested: number;
  readonly rejected: number;
  /** The largest bias that may be hidden, as a share of the gradient's norm. */
  readonly detectable: number;
  readonly draws: number;
  /** How much was seen, in words. */
  readonly power: string;
}

/** |z| from which the first of so many tests rejects. */
export const thresholdOf = (tests: number): number => criticalValue(familyWise / tests);

/** The bias in one coordinate that is found with probability ½, as a share of the gradient's norm. */
export function detectableOf(deviations: readonly Deviation[], threshold: number): number {
  return threshold * Math.max(...deviations.map(({ standardError }) => standardError));
}

export const largest = (deviations: readonly Deviation[]): Deviation =>
  deviations.reduce((a, b) => (Math.abs(b.z) > Math.abs(a.z) ? b : a));

/** Draws until the detectable bias is small, or draws are as many as may be, or none is finite. */
async function drawEnough(moments: SampledMoments, deviationsOf: DeviationsOf, threshold: number) {
  // Few draws are enough only for an estimator that has next to no variance.
  const detectable = () => detectableOf(deviationsOf(moments), threshold);
  const enough = () => detectable() < (moments.draws() < leastNormal ? 1e-4 : largestDetectable);
  /** How many are missing if draws go on spreading as they do, and 2 %. */
  const missing = () => moments.draws() * (1.02 * (detectable() / largestDetectable) ** 2 - 1);
  if (moments.draws() === 0) await moments.more();
  while (moments.draws() > 0 && moments.draws() < mostDraws && !enough()) {
    await moments.more(moments.draws() < leastNormal ? undefined : missing());
    await new Promise(setImmediate);
  }
}

/** Fails a test whose detectable bias is too large, however many draws were made. */
export const inconclusive = ({ detectable, draws }: MeanTest, numbers: Outcome["numbers"]): Outcome =>
  fail(
    `Inconclusive: the noise hides biases of up to ${percent(detectable)} of the gradient's norm after ${drawCount(draws)}; under ${percent(largestDetectable)} is needed. Try options that lower the variance.`,
    numbers,
  );

/** Draws as much as the test needs, then tests all coordinates of all problems together. */
export async function testMeans(
  all: readonly SampledMoments[],
  deviationsOf: DeviationsOf,
  tests: number,
): Promise<MeanTest> {
  const threshold = thresholdOf(tests);
  for (const moments of all) await drawEnough(moments, deviationsOf, threshold);
  const deviations = all.flatMap(deviationsOf);
  const detectable = detectableOf(deviations, threshold);
  const draws = all.reduce((n, moments) => n + moments.draws(), 0);
  return {
    threshold,
    worst: largest(deviations),
    tested: deviations.length,
    rejected: holm(deviations.map(({ z }) => pValue(z))).filter((p) => p! <= familyWise).length,
    detectable,
    draws,
    power: `The detectable bias is ${percent(detectable)} of the gradient's norm, after ${drawCount(draws)}.`,
  };
}

/** Draws on all problems in turn until a claimed deviation shows on one, so that none that hides it takes long. */
export async function searchDeviation(
  all: readonly SampledMoments[],
  deviationsOf: DeviationsOf,
  threshold: number,
): Promise<void> {
  let open = all;
  while (open.length > 0) {
    for (const moments of open) {
      await moments.more();
      await new Promise(setImmediate);
      if (moments.draws() >= leastNormal && Math.abs(largest(deviationsOf(moments)).z) > threshold) return;
    }
    open = open.filter(
      (moments) =>
        moments.draws() > 0 &&
        moments.draws() < mostDraws &&
        detectableOf(deviationsOf(moments), threshold) >= leastClaimed,
    );
  }
}

/** `2.28`; of values that are far out, `1.2e+5`. */
export const zText = (z: number) => (Math.abs(z) < 1e4 ? z.toFixed(2) : z.toExponential(1));
