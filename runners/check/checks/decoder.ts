import reinforce from "../../../estimators/reinforce.ts";
import { holm } from "../../../reports/aggregate/statistics.ts";
import { stream } from "../../train/noise-streams.ts";
import { familyWise, measured, share, suffices } from "./bias.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Measurement, mostDraws } from "../sampled-moments.ts";
import { criticalValue, pValue } from "../normal-tail.ts";
import { type Check, count, fail, many, type Outcome, percent, skip } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { seed, sourceOf, type Subject } from "../subject.ts";

const rows = 64;

/** θ's part of a measurement. */
function past(measurement: Measurement) {
  const { truth } = measurement;
  const none = measurement.draws() < 2;
  const k = truth.decoderFrom;
  const error = none ? Infinity : measurement.standardError()[k]!;
  const bias = none ? 0 : measurement.mean()[k]! - truth.gradient[k]!;
  return { z: bias / error, bias: bias / truth.decoderNorm, error: error / truth.decoderNorm };
}

interface Plain {
  readonly same: boolean;
  /** Whether the first play's samples are the plain hard samples of the seed. */
  readonly plain: boolean;
}

/** θ's gradients beside REINFORCE's at the same seed. */
async function besideReinforce(subject: Subject, problem: CheckProblem): Promise<Plain> {
  const fill = stream("check decoder", problem.name, seed);
  const ours = await rowDraw(subject.engine, await sourceOf(subject, problem, rows));
  const { rows: values, samples } = await ours.runSampled(fill);
  const S = Math.max(...Object.values(samples).map(({ shape }) => shape[0]!));
  const settings = { samples: S, baseline: "none", decay: 0.99 };
  const source = await sourceOf(subject, problem, rows, { estimator: reinforce, settings });
  const theirs = await (await rowDraw(subject.engine, source)).runSampled(fill);
  const plain = Object.entries(samples).every(([name, { values: x }]) => {
    const y = theirs.samples[name]!.values;
    return x.length === y.length && x.every((value, i) => value === y[i]);
  });
  const width = ours.labels.length;
  const same = Array.from({ length: rows }, (_, b) => b * width + ours.decoderFrom).every(
    (i) => values[i] === theirs.rows[i],
  );
  return { same, plain };
}

async function bits(
  subject: Subject,
  problems: readonly CheckProblem[],
): Promise<{ bad: string[]; said: string }> {
  if (subject.estimator.claims.objective === "multi-sample")
    return { bad: [], said: "its objective is another than reinforce's" };
  const plain: string[] = [];
  const bad: string[] = [];
  for (const problem of problems) {
    const beside = await besideReinforce(subject, problem);
    if (!beside.plain) continue;
    plain.push(problem.name);
    if (!beside.same) bad.push(problem.name);
  }
  const said =
    plain.length === 0
      ? "its first play's samples are not the seed's plain ones, so nothing is compared bit for bit"
      : `equal to reinforce's bit for bit on ${many(plain.length, "problem")}`;
  return { bad, said };
}

/** Error rates as of `bias`, over one coordinate a problem. */
async function judge(subject: Subject, all: readonly Measurement[]): Promise<Outcome> {
  const threshold = criticalValue(familyWise / all.length);
  for (const m of all) {
    if (m.draws() === 0) await m.more();
    const enough = () => m.draws() === 0 || suffices(threshold * past(m).error, m);
    while (!enough() && m.draws() < mostDraws) await m.more();
  }
  const parts = all.map((m) => ({ ...past(m), problem: m.problem.name }));
  const adjusted = holm(parts.map(({ z }) => pValue(z)));
  const worst = parts.reduce((a, b) => (Math.abs(b.z) > Math.abs(a.z) ? b : a));
  const hidden = threshold * Math.max(...parts.map(({ error }) => error));
  const draws = all.reduce((n, m) => n + m.draws(), 0);
  const numbers = { z: worst.z, threshold, detectable: hidden, draws };
  const size = `detectable bias ${percent(hidden)} of its norm, ${count(draws)} draws`;
  const off = `z = ${worst.z.toFixed(2)} on ${worst.problem}`;
  if (adjusted.some((p) => p! <= familyWise))
    return {
      ...fail(
        `the gradient past the samples must be exact in the mean, got ${percent(worst.bias)} off, ${off}; ${size}`,
      ),
      numbers,
    };
  if (!(hidden < share))
    return {
      ...fail(`inconclusive: the detectable bias must be under ${percent(share)}, got ${size}`),
      numbers,
    };
  const { bad, said } = await bits(
    subject,
    all.map(({ problem }) => problem),
  );
  if (bad.length > 0)
    return {
      ...fail(
        `with the seed's plain samples it must equal reinforce's bit for bit, got another on ${bad.join(", ")}; ${size}`,
      ),
      numbers,
    };
  const of = `${many(all.length, "problem")} (threshold ${threshold.toFixed(2)})`;
  return {
    state: "pass",
    detail: `|z| ≤ ${Math.abs(worst.z).toFixed(2)} on ${of}, ${size}; ${said}`,
    numbers,
  };
}

/**
 * A decoder that learns from relaxed samples has no exact gradient to be tested against, so that hard samples may not
 * pass for relaxed ones.
 */
async function relaxed(subject: Subject): Promise<Outcome> {
  for (const problem of subject.admitted) {
    const draw = await rowDraw(subject.engine, await sourceOf(subject, problem, rows));
    const { samples } = await draw.runSampled(stream("check decoder", problem.name, seed));
    if (Object.values(samples).every(({ values }) => values.every((x) => x === 0 || x === 1)))
      return fail(`it must train on relaxed samples, as it claims, got hard ones on ${problem.name}`);
  }
  return skip("it trains on relaxed samples, and so does the decoder");
}

export const decoder: Check = {
  name: "decoder",
  doc: "gradients of parameters past the samples are unbiased, and those of hard samples reinforce's bit for bit",
  async run(subject) {
    if (subject.estimator.claims.relaxed) return relaxed(subject);
    const { all } = await measured(subject);
    const ours = all.filter(({ truth }) => truth.decoderNorm > 0);
    if (ours.length === 0) return skip("no problem that it admits has a parameter past the samples");
    return judge(subject, ours);
  },
};
