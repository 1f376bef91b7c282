/**
 * The mean of the draws is the exact gradient (up to a positive factor, for a claim of direction), or, for an estimator that
 * claims to be biased, its bias shows on at least one problem. Coordinates are those before the samples.
 *
 * A claim of no bias is tested as compare-means.ts says, with its error rates. A claim of bias is looked at after every call,
 * at most 103 times per problem, so that an unbiased estimator passes for a biased one with probability at most 10⁻⁴; the
 * search ends when a bias of 1 % of the gradient's norm would have been found.
 */
import { plural } from "../../../reports/aggregate/numbers.ts";
import {
  detectableOf,
  type Deviation,
  inconclusive,
  largest,
  largestDetectable,
  meanDeviation,
  searchDeviation,
  testMeans,
  thresholdOf,
  zText,
} from "../compare-means.ts";
import { type Check, drawCount, fail, type Outcome, pass, percent } from "../outcome.ts";
import { momentsOf, type SampledMoments } from "../sampled-moments.ts";

/** Share of draws that may be left out because they are not finite: the check "extreme-inputs" judges those. */
const mostNotFinite = 1e-3;

function deviationsOf(moments: SampledMoments): Deviation[] {
  const { bias, standardError } = moments.residual();
  const { norm } = moments.exact;
  return Array.from(bias, (b, k) => meanDeviation(moments, k, { bias: b, error: standardError[k]!, norm }));
}

const sum = (all: readonly SampledMoments[], f: (moments: SampledMoments) => number) =>
  all.reduce((n, moments) => n + f(moments), 0);

async function unbiased(all: readonly SampledMoments[], coordinates: number): Promise<Outcome> {
  const test = await testMeans(all, deviationsOf, coordinates);
  const { worst, threshold, rejected, detectable, draws, power } = test;
  const lost = sum(all, (moments) => moments.notFinite());
  const numbers = { z: worst.z, threshold, detectable, draws, notFinite: lost };
  if (lost > mostNotFinite * (draws + lost))
    return fail(
      `${lost} of ${drawCount(draws + lost)} are not finite; see its logarithms, exponentials and divisions.`,
      numbers,
    );
  const over = `${plural(test.tested, "coordinate")} of ${plural(all.length, "problem")}`;
  if (rejected > 0)
    return fail(
      `The mean of the draws is not the exact gradient: ${worst.coordinate} of ${worst.problem} is off by ${percent(worst.bias)} of the gradient's norm, z = ${zText(worst.z)} (threshold ${zText(threshold)}), with ${rejected} of ${over} off. See how the surrogate depends on the logits there, or claim the bias. ${power}`,
      numbers,
    );
  const factors = all.map((moments) => moments.residual().factor);
  const wrong = factors.findIndex((factor) => !(factor > 0));
  if (wrong >= 0)
    return fail(
      `The mean of the draws does not point along the gradient of ${all[wrong]!.problem.name}: its factor is ${factors[wrong]!.toPrecision(3)}. See the sign of the surrogate.`,
      numbers,
    );
  if (detectable >= largestDetectable) return inconclusive(test, numbers);
  const along = factors.some((factor) => factor !== 1)
    ? ` along the gradient, factors ${Math.min(...factors).toPrecision(3)} to ${Math.max(...factors).toPrecision(3)}`
    : "";
  const left = lost === 0 ? "" : ` ${plural(lost, "draw")} left out, not finite.`;
  return pass(
    `|z| ≤ ${zText(Math.abs(worst.z))} (threshold ${zText(threshold)}) over ${over}${along}. ${power}${left}`,
    numbers,
  );
}

async function biased(all: readonly SampledMoments[], coordinates: number): Promise<Outcome> {
  const threshold = thresholdOf(coordinates);
  await searchDeviation(all, deviationsOf, threshold);
  const draws = sum(all, (moments) => moments.draws());
  if (all.every((moments) => moments.draws() < 2))
    return fail("No draw is finite; see its logarithms, exponentials and divisions.");
  const deviations = all.flatMap(deviationsOf);
  const worst = largest(deviations);
  const detectable = detectableOf(deviations, threshold);
  const numbers = { z: worst.z, threshold, bias: worst.bias, draws, detectable };
  const where = `${worst.coordinate} of ${worst.problem}: ${percent(Math.abs(worst.bias))} of the gradient's norm, z = ${zText(worst.z)} (threshold ${zText(threshold)})`;
  return Math.abs(worst.z) > threshold
    ? pass(`Biased as claimed, in ${where}; ${drawCount(draws)}.`, numbers)
    : fail(
        `The claimed bias shows on no problem. The largest deviation is in ${where}; a bias of ${percent(detectable)} would have been found. It may claim to be unbiased.`,
        numbers,
      );
}

export const bias: Check = {
  name: "bias",
  async run(subject) {
    const { all, tooLarge } = await momentsOf(subject);
    const names = tooLarge.join(", ");
    if (all.length === 0)
      return fail(
        `Inconclusive: tuples of so many samples are too many to enumerate on ${names}. Try fewer samples.`,
      );
    const coordinates = sum(all, ({ exact }) => exact.decoderFrom);
    const judge = subject.estimator.claims.unbiased === false ? biased : unbiased;
    const outcome = await judge(all, coordinates);
    if (tooLarge.length === 0) return outcome;
    return {
      ...outcome,
      detail: `${outcome.detail} Not tested, with too many tuples to enumerate: ${names}.`,
    };
  },
};
