/**
 * Parameters after the samples, such as a decoder's, get exact gradients in the mean. With the plain hard samples of the
 * seed they get those of reinforce, bit for bit. An estimator that claims relaxed samples trains its decoder on these, so
 * there is no exact gradient to compare with; then the samples must be relaxed. One that claims samples of another law than
 * the model's must get another gradient on one problem at least, or is warned.
 *
 * The means are tested as compare-means.ts says, with its error rates, over one coordinate per problem, θ. The comparisons of
 * bits have no error rates.
 */
import { usesWeights } from "../../../estimators/core/multi-sample.ts";
import reinforce from "../../../estimators/reinforce.ts";
import { plural } from "../../../reports/aggregate/numbers.ts";
import type { Engine } from "../../engine/engine.ts";
import { stream } from "../../train/noise-streams.ts";
import { rowDraw } from "../gradient-draw.ts";
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
import { type Check, fail, type Outcome, pass, percent, skip, warn } from "../outcome.ts";
import { decoderParameter, type CheckProblem } from "../problems.ts";
import { momentsOf, type SampledMoments } from "../sampled-moments.ts";
import { seed, stepOn, type Subject } from "../subject.ts";

const rows = 64;

const samplesOn = async (
  subject: Pick<Subject, "engine" | "estimator" | "settings">,
  problem: CheckProblem,
) => {
  const draw = await rowDraw(subject.engine, await stepOn(subject, problem, rows));
  return { draw, ...(await draw.runSampled(stream("check decoder", problem.name, seed))) };
};

const plainOnes = new WeakMap<Engine, Map<string, ReturnType<typeof samplesOn>>>();

/** Reinforce's, which the subjects of an engine share. */
function plainSamplesOn({ engine }: Subject, problem: CheckProblem, samples: number) {
  const known = plainOnes.get(engine) ?? new Map<string, ReturnType<typeof samplesOn>>();
  plainOnes.set(engine, known);
  const key = `${problem.name} ${samples}`;
  const settings = { samples, baseline: "none", decay: 0.99 };
  const found = known.get(key) ?? samplesOn({ engine, estimator: reinforce, settings }, problem);
  known.set(key, found);
  return found;
}

/** θ's deviation. */
function deviationsOf(moments: SampledMoments): Deviation[] {
  const { gradient, decoderFrom: k, decoderNorm: norm } = moments.exact;
  const bias = moments.mean()[k]! - gradient[k]!;
  return [meanDeviation(moments, k, { bias, error: moments.standardError()[k]!, norm })];
}

/** Whether θ's gradients equal reinforce's, or nothing if the samples of its first run are not reinforce's. */
async function equalsReinforce(subject: Subject, problem: CheckProblem): Promise<boolean | undefined> {
  const { draw, gradients, samples } = await samplesOn(subject, problem);
  const S = Math.max(...Object.values(samples).map(({ shape }) => shape[0]!));
  const theirs = await plainSamplesOn(subject, problem, S);
  const plain = Object.entries(samples).every(([name, { values: x }]) => {
    const y = theirs.samples[name]!.values;
    return x.length === y.length && x.every((value, i) => value === y[i]);
  });
  if (!plain) return undefined;
  const width = draw.labels.length;
  return Array.from({ length: rows }, (_, b) => b * width + draw.decoderFrom).every(
    (i) => gradients[i] === theirs.gradients[i],
  );
}

/** The problems on which θ's gradients differ from reinforce's, and what was compared, in words. */
async function besideReinforce(subject: Subject, problems: readonly CheckProblem[]) {
  if (usesWeights(subject.estimator.claims))
    return { different: [], comparison: "Its objective is not that of reinforce." };
  const equal: string[] = [];
  const different: string[] = [];
  for (const problem of problems) {
    const same = await equalsReinforce(subject, problem);
    if (same !== undefined) (same ? equal : different).push(problem.name);
  }
  const comparison =
    equal.length === 0
      ? "Its samples are not those of reinforce, so bits are not compared."
      : `Equal to reinforce's bit for bit on ${plural(equal.length, "problem")}.`;
  return { different, comparison };
}

async function judge(subject: Subject, all: readonly SampledMoments[]): Promise<Outcome> {
  const test = await testMeans(all, deviationsOf, all.length);
  const { worst, threshold, detectable, draws, power } = test;
  const numbers = { z: worst.z, threshold, detectable, draws };
  if (test.rejected > 0)
    return fail(
      `The gradient of ${decoderParameter}, a parameter after the samples, is off by ${percent(worst.bias)} in the mean on ${worst.problem}, z = ${zText(worst.z)} (threshold ${zText(threshold)}). See which samples reach the surrogate without being stopped. ${power}`,
      numbers,
    );
  if (!(detectable < largestDetectable)) return inconclusive(test, numbers);
  const { different, comparison } = await besideReinforce(
    subject,
    all.map(({ problem }) => problem),
  );
  if (different.length > 0)
    return fail(
      `With the samples of reinforce, the gradient of ${decoderParameter} differs from that of reinforce on ${different.join(", ")}. See what reaches the surrogate beside the cost of these samples. ${power}`,
      numbers,
    );
  return pass(
    `|z| ≤ ${zText(Math.abs(worst.z))} on ${plural(all.length, "problem")} (threshold ${zText(threshold)}). ${power} ${comparison}`,
    numbers,
  );
}

/**
 * A gradient of another law is looked for as a claimed bias is, with the same error rates. That none is found refutes the claim
 * only of samples that are reinforce's, bit for bit: others may be too near to tell.
 */
async function anotherLaw(subject: Subject, all: readonly SampledMoments[]): Promise<Outcome> {
  const threshold = thresholdOf(all.length);
  await searchDeviation(all, deviationsOf, threshold);
  const deviations = all.flatMap(deviationsOf);
  const worst = largest(deviations);
  const detectable = detectableOf(deviations, threshold);
  const numbers = { z: worst.z, threshold, detectable };
  const off = `the gradient of ${decoderParameter} is off by ${percent(worst.bias)} in the mean on ${worst.problem}, z = ${zText(worst.z)} (threshold ${zText(threshold)})`;
  if (Math.abs(worst.z) > threshold)
    return pass(`Its samples are not from the model, as claimed: ${off}.`, numbers);
  const claim = "It claims that its samples are not from the model, but they look so";
  for (const { problem } of all)
    if ((await equalsReinforce(subject, problem)) === undefined)
      return warn(
        `${claim}: ${off}. They are not reinforce's; ${percent(detectable)} would have been found.`,
        numbers,
      );
  return fail(`${claim}: ${off}. They are reinforce's, bit for bit.`, numbers);
}

async function relaxed(subject: Subject): Promise<Outcome> {
  for (const problem of subject.admitted) {
    const { samples } = await samplesOn(subject, problem);
    if (Object.values(samples).every(({ values }) => values.every((x) => x === 0 || x === 1)))
      return fail(
        `It claims to train on relaxed samples, but those on ${problem.name} are hard. Correct the claim, or soften the samples of its first run.`,
      );
  }
  return skip("It trains on relaxed samples, and so does the decoder.");
}

export const decoder: Check = {
  name: "decoder",
  async run(subject) {
    const { claims } = subject.estimator;
    if (claims.relaxed) return relaxed(subject);
    if (typeof claims.objective === "function" && claims.unbiased === false)
      return skip("It estimates the gradient of all parameters with a bias, as it claims.");
    const { all } = await momentsOf(subject);
    const having = all.filter(({ exact }) => exact.decoderNorm > 0);
    if (having.length === 0) return skip("No problem that it admits has a parameter after the samples.");
    const isOther = ({ problem: { definition, settings } }: SampledMoments) =>
      claims.sampleLaw?.(subject.settings, definition.sites(settings)) === "other";
    const [other, exact] = [having.filter(isOther), having.filter((one) => !isOther(one))];
    const outcome = exact.length === 0 ? undefined : await judge(subject, exact);
    if (other.length === 0 || (outcome && outcome.state !== "pass")) return outcome!;
    const found = await anotherLaw(subject, other);
    return outcome && found.state === "pass"
      ? pass(`${outcome.detail} ${found.detail}`, outcome.numbers)
      : found;
  },
};
