/** The gradient that an unbiased estimator has in expectation, by enumeration. */
import { configurations } from "../../../estimators/core/configurations.ts";
import exact from "../../../estimators/exact.ts";
import { tf } from "../../../estimators/core/autodiff.ts";
import {
  estimator,
  type EnumeratedObjective,
  type Estimator,
  type Problem,
  type Run,
  type Settings,
  type T,
} from "../../../estimators/estimator.ts";
import type { Engine } from "../../engine/engine.ts";
import { stream } from "../../train/noise-streams.ts";
import { rowDraw } from "../gradient-draw.ts";
import type { CheckProblem } from "../problems.ts";
import { seed, stepOn, type Subject } from "../subject.ts";

/** The most tuples that are enumerated for a multi-sample objective. */
const mostTuples = 2 ** 20;

/** The run of `exact`, whose samples are all N configurations: cost and log q are [N, B]. */
function everyConfiguration(problem: Problem): Run {
  let whole: Run | undefined;
  exact.estimate({
    ...problem,
    run(sample, factor) {
      whole = problem.run(sample, factor);
      return whole;
    },
  });
  return whole!;
}

/**
 * The multi-sample objective L = −E log 1/S Σ_s exp(−f(z_s)) over all N^S tuples of N configurations, f the negative
 * log weight: what an estimator with `objective: "multi-sample"` descends.
 */
const tuples = (samples: number): Estimator =>
  estimator({
    ...exact,
    name: `tuples of ${samples}`,
    estimate(problem) {
      const { cost, logp } = everyConfiguration(problem); // [N, B]
      const [N, rows] = cost.shape as [number, number];
      const along = (x: T, s: number) =>
        tf.reshape(x, [...Array.from({ length: samples }, (_, i) => (i === s ? N : 1)), rows]);
      const every = Array.from({ length: samples }, (_, s) => s);
      const sum = (xs: T[]) => xs.reduce((a, b) => tf.add(a, b));
      const weight = sum(every.map((s) => tf.exp(tf.neg(along(cost, s)))));
      const joint = tf.exp(sum(every.map((s) => along(logp, s))));
      const bound = tf.neg(tf.log(tf.div(weight, samples)));
      return { surrogate: tf.div(tf.sum(tf.mul(joint, bound)), rows) };
    },
  });

/** An objective of the estimator's own, of all configurations. */
const enumerated = (objective: EnumeratedObjective, settings: Settings): Estimator =>
  estimator({
    ...exact,
    name: "enumerated objective",
    estimate(problem) {
      const { cost, logp } = everyConfiguration(problem);
      return { surrogate: objective(cost, logp, settings) };
    },
  });

const multiSample = ({ estimator: { claims } }: Subject) => claims.objective === "multi-sample";

/** Samples of a row's bound: those of the first run, whatever options they come from. */
export async function tupleSize(subject: Subject, problem: CheckProblem): Promise<number> {
  const draw = await rowDraw(subject.engine, await stepOn(subject, problem, 1));
  const { samples } = await draw.runSampled(stream("check tuples", problem.name, seed));
  return Math.max(...Object.values(samples).map(({ shape }) => shape[0]!));
}

/** Whether the exact gradient on this problem can be enumerated. */
export async function enumerable(subject: Subject, problem: CheckProblem): Promise<boolean> {
  if (!multiSample(subject)) return true;
  const outcomes = configurations(problem.definition.sites(problem.settings));
  return outcomes ** (await tupleSize(subject, problem)) <= mostTuples;
}

export interface ExactGradient {
  readonly gradient: Float64Array;
  /** Names of the coordinates; those from `decoderFrom` on are of parameters after the samples. */
  readonly labels: readonly string[];
  readonly decoderFrom: number;
  /** ‖gradient‖ of the coordinates before the samples, and of those after them. */
  readonly norm: number;
  readonly decoderNorm: number;
}

/** ‖x‖ of the entries from `from` to `to`. */
export const normBetween = (x: ArrayLike<number>, from = 0, to = x.length): number => {
  let total = 0;
  for (let i = from; i < to; i++) total += x[i]! ** 2;
  return Math.sqrt(total);
};

const known = new WeakMap<Engine, Map<string, Promise<ExactGradient>>>();

/** The exact gradient of the estimator's objective, coordinate by coordinate and row by row. The subjects of an engine share it. */
export async function exactGradientOf(
  subject: Subject,
  problem: CheckProblem,
  rows = 1,
): Promise<ExactGradient> {
  const { claims } = subject.estimator;
  if (typeof claims.objective === "function")
    return enumerate(subject.engine, problem, rows, enumerated(claims.objective, subject.settings));
  const samples = multiSample(subject) ? await tupleSize(subject, problem) : undefined;
  const ofEngine = known.get(subject.engine) ?? new Map<string, Promise<ExactGradient>>();
  known.set(subject.engine, ofEngine);
  const key = `${problem.name} ${rows} ${samples ?? "mean"}`;
  const reference = samples === undefined ? exact : tuples(samples);
  const found = ofEngine.get(key) ?? enumerate(subject.engine, problem, rows, reference);
  ofEngine.set(key, found);
  return found;
}

async function enumerate(
  engine: Engine,
  problem: CheckProblem,
  rows: number,
  reference: Estimator,
): Promise<ExactGradient> {
  const draw = await rowDraw(engine, await stepOn({ estimator: reference, settings: {} }, problem, rows));
  const { labels, decoderFrom } = draw;
  const gradient = Float64Array.from(await draw.run(() => undefined));
  return {
    gradient,
    labels,
    decoderFrom,
    norm: normBetween(gradient, 0, decoderFrom),
    decoderNorm: normBetween(gradient, decoderFrom),
  };
}
