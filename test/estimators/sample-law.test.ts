/**
 * The hard samples of an estimator's first run follow the law that it claims: Pearson's χ² over all configurations of
 * coupled-bits (16), coupled-categorical (27), one-of-four (4) and two-of-five (10), one sample of each of 4,000 independent rows.
 *
 * Error rates, with χ² taken as normal by Wilson and Hilferty's cube root (the least expected count is 10). False alarm: 10⁻⁶
 * per law. Miss: a law q with Σ (q − p)²/p of at least .05 has a noncentrality of 200 and is missed with probability below
 * 10⁻⁵; the planted one is at .28 or more. Laws nearer to the model's that are claimed to be others get more rows. The noise is
 * fixed.
 */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { configurations, enumerate } from "../../estimators/core/configurations.ts";
import type { Estimator, Settings } from "../../estimators/estimator.ts";
import { estimators } from "../../estimators/index.ts";
import { rowDraw } from "../../runners/check/gradient-draw.ts";
import {
  type CheckProblem,
  coupledBitsProblem,
  coupledCategoricalProblem,
  oneOfFourProblem,
  twoOfFiveProblem,
} from "../../runners/check/problems.ts";
import { refusalOf, stepOn } from "../../runners/check/subject.ts";
import { wasmEngine } from "../../runners/engine/wasm/wasm-backend.ts";
import { stream } from "../../runners/train/noise-streams.ts";
import { chiSquaredP } from "./chi-squared.ts";
import { subject, type Subject } from "./measured.ts";

const usualRows = 4000;
/** Their laws are close to the model's. */
const moreRows: Readonly<Record<string, number>> = {
  redge: 100_000,
  "unordered-set": 40_000,
  "reinforce-wor": 40_000,
  "normalised-set": 40_000,
  imle: 20_000,
  "st-gs": 20_000,
};
const level = 1e-6;

interface Drawn {
  /** Whether all samples are zeros and ones. */
  readonly hard: boolean;
  /** P(χ² ≥ that of the samples). */
  readonly p: number;
}

/** Sample s = b mod S of each row b of the first run, against the law of the site. */
async function sampled(
  { estimator, settings }: Subject,
  problem: CheckProblem,
  rows: number,
): Promise<Drawn> {
  const setup = await stepOn({ estimator, settings }, problem, rows);
  const { samples } = await (
    await rowDraw(await wasmEngine(), setup)
  ).runSampled(stream("sample law", problem.name, 0));
  const site = setup.task.sites[0]!;
  const { shape, values } = samples[site.name]!;
  const width = values.length / (shape[0]! * rows);
  const keyOf = (from: ArrayLike<number>, start: number) =>
    Array.from({ length: width }, (_, i) => from[start + i]!).join("");
  const table = enumerate([site], 0);
  const total = configurations([site]);
  const logits = setup.initial.parameters["logits"]!;
  const law = tf.tidy(() => {
    const x = tf.tensor(table, [total, ...site.shape]);
    return tf.sum(site.family.logProb(tf.tensor(logits.values, [1, ...site.shape]), x), -1).dataSync();
  });
  const counts = new Map<string, number>();
  for (let b = 0; b < rows; b++) {
    const key = keyOf(values, ((b % shape[0]!) * rows + b) * width);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const observed = [...law].map((_, n) => counts.get(keyOf(table, n * width)) ?? 0);
  const expected = [...law].map((logq) => rows * Math.exp(logq));
  return { hard: values.every((x) => x === 0 || x === 1), p: chiSquaredP(observed, expected) };
}

const problems = [coupledBitsProblem, coupledCategoricalProblem, oneOfFourProblem, twoOfFiveProblem];
const admitting = (one: Subject) => {
  const label = one.estimator.name;
  const admitted = problems.filter((problem) => refusalOf({ ...one, label }, problem) === undefined);
  return admitted.length > 1 ? admitted.filter((problem) => problem !== oneOfFourProblem) : admitted;
};

/** Their outcomes are enumerated or drawn without replacement, and the estimate weighs them: no sample has a law of its own. */
const weighted = ["exact", "sum-and-sample", "unordered-set", "reinforce-wor", "normalised-set"];
const smaller: Readonly<Record<string, Settings>> = { relax: { hidden: 8 }, nvil: { hidden: 8 } };

const subjects: readonly (readonly [string, Settings])[] = [
  ...estimators.map(({ name }) => [name, smaller[name] ?? {}] as const),
  ["st", { forward: "argmax" }],
  ["st", { "forward-temperature": 0.5 }],
  ["st-gs", { "forward-temperature": 0.5 }],
  ["imle", { kappa: 2 }],
  ["st-gs", { "noise-scale": 2 }],
  ["st-gs", { "forward-temperature": 0.5, "noise-scale": 2 }],
];

const textOf = (settings: Settings) => Object.entries(settings).map(([key, value]) => ` ${key}=${value}`);

for (const [name, settings] of subjects)
  test.serial(
    `the samples of ${name}${textOf(settings).join("")} follow the law that is claimed`,
    async (t) => {
      const one = subject(name, settings);
      const { claims } = one.estimator;
      const admitted = admitting(one);
      t.true(admitted.length > 0);
      for (const problem of admitted) {
        const { hard, p } = await sampled(one, problem, moreRows[name] ?? usualRows);
        t.is(hard, claims.relaxed !== true, problem.name);
        if (claims.relaxed === true) continue;
        const other =
          weighted.includes(name) ||
          claims.sampleLaw?.(one.settings, problem.definition.sites(problem.settings)) === "other";
        t.is(p < level, other, `${problem.name}: p = ${p}`);
      }
    },
  );

test.serial("samples at temperature ½ that are claimed to be the model's are found", async (t) => {
  const { estimator, settings } = subject("st", { "forward-temperature": 0.5 });
  const planted: Estimator = { ...estimator, claims: { ...estimator.claims, sampleLaw: () => "exact" } };
  for (const problem of admitting({ estimator: planted, settings }))
    t.true((await sampled({ estimator: planted, settings }, problem, usualRows)).p < level, problem.name);
});
