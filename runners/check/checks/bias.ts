import { holm } from "../../../reports/aggregate/statistics.ts";
import { type Measurement, measurementOf, mostDraws } from "../sampled-moments.ts";
import { criticalValue, pValue } from "../normal-tail.ts";
import { type Check, count, fail, many, type Outcome, percent } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import type { Subject } from "../subject.ts";
import { enumerable } from "../exact/true-gradient.ts";

/**
 * Error rates. False alarm: an unbiased estimator fails with probability at most 10⁻⁶ over all coordinates of all
 * problems (Holm; means of at least 10,000 draws are taken as normal, and the number of calls depends on the spread
 * alone). Miss: a bias in one coordinate of exactly the detectable size, threshold·SE, is found with probability ½, one
 * twice as large is missed with probability under 10⁻⁷; the detectable size is made at most 5 % of the gradient's
 * norm on every problem. A claim of bias is looked at after every call, at most 103 times a problem, so that an unbiased
 * estimator passes for a biased one with probability at most 10⁻⁴. With fixed seeds nothing is flaky.
 */
export const familyWise = 1e-6;
export const share = 0.05;
/** A claimed bias is looked for down to this share of the gradient's norm. */
const visible = 0.01;
/** Draws that may be left out because they are not finite: `extremes` judges those. */
const mostNotFinite = 1e-3;

/** Draws whose mean passes for normal. */
const leastNormal = 10000;

/** Whether so many draws suffice: a first, small call only of an estimator that has next to no variance. */
export const suffices = (hidden: number, measurement: Measurement): boolean =>
  hidden < (measurement.draws() < leastNormal ? 1e-4 : share);

interface Tested {
  readonly problem: string;
  readonly coordinate: string;
  readonly z: number;
  /** Of the gradient's norm. */
  readonly bias: number;
}

function tested(measurement: Measurement): Tested[] {
  const { truth, problem } = measurement;
  const { bias, standardError } = measurement.residual();
  return Array.from(bias, (b, k) => ({
    problem: problem.name,
    coordinate: truth.labels[k]!,
    z: b / standardError[k]!,
    bias: b / truth.norm,
  }));
}

/** The largest bias that could hide, as a share of the gradient's norm. */
function detectable(measurement: Measurement, threshold: number): number {
  if (measurement.draws() < 2) return Infinity;
  return (threshold * Math.max(...measurement.residual().standardError)) / measurement.truth.norm;
}

const most = (all: readonly Tested[]) => all.reduce((a, b) => (Math.abs(b.z) > Math.abs(a.z) ? b : a));
const z = (x: number) => (Math.abs(x) < 1e4 ? x.toFixed(2) : x.toExponential(1));

async function draw(measurement: Measurement, enough: () => boolean): Promise<void> {
  do {
    if (measurement.draws() >= mostDraws) return;
    await measurement.more();
    await new Promise(setImmediate);
  } while (measurement.draws() > 0 && !enough());
}

/** Draws until the detectable bias is small everywhere, then tests all coordinates at once. */
async function unbiased(measurements: readonly Measurement[], threshold: number): Promise<Outcome> {
  for (const measurement of measurements)
    await draw(measurement, () => suffices(detectable(measurement, threshold), measurement));
  const all = measurements.flatMap(tested);
  const adjusted = holm(all.map((one) => pValue(one.z)));
  const found = all.filter((_, i) => adjusted[i]! <= familyWise);
  const hidden = Math.max(...measurements.map((m) => detectable(m, threshold)));
  const draws = measurements.reduce((n, m) => n + m.draws(), 0);
  const lost = measurements.reduce((n, m) => n + m.notFinite(), 0);
  const worst = most(all);
  const factors = measurements.map((m) => m.residual().factor);
  const numbers = { z: worst.z, threshold, detectable: hidden, draws, notFinite: lost };
  const over = `${many(all.length, "coordinate")} of ${many(measurements.length, "problem")}`;
  const left = lost === 0 ? "" : `; ${many(lost, "draw")} not finite left out`;
  const size = `detectable bias ${percent(hidden)} of the gradient's norm, ${count(draws)} draws${left}`;
  if (lost > mostNotFinite * (draws + lost))
    return { ...fail(`draws must be finite, got ${lost} of ${count(draws + lost)} that are not`), numbers };
  if (found.length > 0) {
    const said = `the mean must be the exact gradient, got ${percent(worst.bias)} of its norm off in ${worst.coordinate} of ${worst.problem}`;
    return {
      ...fail(
        `${said}, z = ${z(worst.z)} (threshold ${z(threshold)}), ${found.length} of ${over} off; ${size}`,
      ),
      numbers,
    };
  }
  const wrong = factors.findIndex((factor) => !(factor > 0));
  if (wrong >= 0)
    return {
      ...fail(
        `the mean must point along the gradient, got a factor of ${factors[wrong]} on ${measurements[wrong]!.problem.name}`,
      ),
      numbers,
    };
  if (hidden >= share)
    return {
      ...fail(`inconclusive: the detectable bias must be under ${percent(share)}, got ${size}`),
      numbers,
    };
  const fitted = factors.some((factor) => factor !== 1)
    ? ` along the gradient, factors ${Math.min(...factors).toPrecision(3)} to ${Math.max(...factors).toPrecision(3)}`
    : "";
  return {
    state: "pass",
    detail: `|z| ≤ ${z(Math.abs(worst.z))} (threshold ${z(threshold)}) over ${over}${fitted}; ${size}`,
    numbers,
  };
}

/** Draws on all problems in turn until the claimed bias shows on one: none that hides it is drawn from for long. */
async function search(measurements: readonly Measurement[], threshold: number): Promise<void> {
  let open = measurements;
  while (open.length > 0) {
    for (const measurement of open) {
      await measurement.more();
      await new Promise(setImmediate);
      const n = measurement.draws();
      if (n >= leastNormal && Math.abs(most(tested(measurement)).z) > threshold) return;
    }
    open = open.filter((m) => m.draws() > 0 && m.draws() < mostDraws && detectable(m, threshold) >= visible);
  }
}

async function biased(measurements: readonly Measurement[], threshold: number): Promise<Outcome> {
  await search(measurements, threshold);
  const finite = measurements.filter((m) => m.draws() >= 2);
  const draws = measurements.reduce((n, m) => n + m.draws(), 0);
  const worst = finite.length === 0 ? undefined : most(finite.flatMap(tested));
  if (!worst) return fail("draws must be finite, got none that is");
  const hidden = Math.max(...measurements.map((m) => detectable(m, threshold)));
  const numbers = { z: worst.z, threshold, bias: worst.bias, draws, detectable: hidden };
  const where = `${worst.coordinate} of ${worst.problem}: ${percent(Math.abs(worst.bias))} of the gradient's norm, z = ${z(worst.z)} (threshold ${z(threshold)})`;
  return Math.abs(worst.z) > threshold
    ? { state: "pass", detail: `biased as claimed, in ${where}; ${count(draws)} draws`, numbers }
    : {
        ...fail(
          `the claimed bias must show on one problem, got at most ${where}; detectable ${percent(hidden)}`,
        ),
        numbers,
      };
}

/** Measurements on the problems whose truth can be enumerated, and the threshold of the first of Holm's tests. */
export async function measured(subject: Subject): Promise<{ all: Measurement[]; left: CheckProblem[] }> {
  const left: CheckProblem[] = [];
  const all: Measurement[] = [];
  for (const problem of subject.admitted)
    if (await enumerable(subject, problem)) all.push(await measurementOf(subject, problem));
    else left.push(problem);
  return { all, left };
}

export const bias: Check = {
  name: "bias",
  doc: "the mean of its draws is the exact gradient, or its claimed bias shows",
  async run(subject) {
    const { all, left } = await measured(subject);
    const names = left.map(({ name }) => name).join(", ");
    if (all.length === 0)
      return fail(
        `inconclusive: its claim must be tested against enumeration, got too many tuples on ${names}; fewer samples can be tested`,
      );
    const coordinates = all.reduce((n, { truth }) => n + truth.decoderFrom, 0);
    const threshold = criticalValue(familyWise / coordinates);
    const judge = subject.estimator.claims.unbiased === false ? biased : unbiased;
    const outcome = await judge(all, threshold);
    if (left.length === 0) return outcome;
    return { ...outcome, detail: `${outcome.detail}; too many tuples to enumerate on ${names}` };
  },
};
