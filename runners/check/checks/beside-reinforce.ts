/**
 * It is worth its evaluations: on one problem at least, its variance is not above that of plain reinforce (no baseline) with as
 * many evaluations, forward and backward alike. An unbiased estimator may pass all other checks and be a bad one, as with the
 * sign of a baseline turned: then this check warns. It does not fail, because nothing that is claimed is false.
 *
 * With one evaluation a sample this compares an estimator with itself without its baseline, too; coefficients of a control
 * variate are put to zero by the check "control-variate". Parameters and state are trained first, at fixed parameters of the
 * task. Unless an estimator claims to be unbiased, variances are in units of the squared norm of the mean, since a factor is a
 * matter of the learning rate. For a multi-sample objective the score function of the bound takes the place of reinforce.
 *
 * Error rates. Variances are of 20,000 draws, where the ratio had a standard error of .5 % to 3 % over all built-in estimators
 * and problems. Taken as normal, an estimator with ratio 1 on one problem is warned of with probability under 10⁻⁶ (one-sided,
 * z = 4.8). One with a ratio of at least 1.25 on every problem is missed with probability under 10⁻³ per problem.
 */
import { stop, tf } from "../../../estimators/core/autodiff.ts";
import { logMeanExp } from "../../../estimators/core/multi-sample.ts";
import { hard } from "../../../estimators/core/toolkit.ts";
import reinforce from "../../../estimators/reinforce.ts";
import { estimator } from "../../../estimators/estimator.ts";
import vimco from "../../../estimators/vimco.ts";
import type { Engine } from "../../engine/engine.ts";
import { stream } from "../../train/noise-streams.ts";
import { type InitialValues, withValues } from "../../train/training-setup.ts";
import { drawVariance, type DrawVariance } from "../draw-variance.ts";
import { tupleSize } from "../exact/true-gradient.ts";
import { type Check, pass, skip, warn } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { fittedValues } from "../short-training.ts";
import { seed, stepOn, type Subject } from "../subject.ts";

const calls = 2;
const rowsOfCall = 10000;
const threshold = 4.8;
const steps = 400;
const trainingRows = 200;

/** The score function of the bound of `samples` samples, without a baseline. */
const plainBound = estimator({
  ...vimco,
  name: "plain-bound",
  estimate({ run, uniform, options: { samples } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, Number(samples))));
    const bound = logMeanExp(tf.neg(cost)); // [B]
    const signal = tf.mul(stop(bound), tf.sum(logp, 0));
    return { surrogate: tf.neg(tf.mean(tf.add(bound, signal))) };
  },
});

/** The estimator's parameters and state trained, if it has any. */
async function trainedOn(subject: Subject, problem: CheckProblem): Promise<Partial<InitialValues>> {
  const setup = await stepOn(subject, problem, trainingRows);
  const { estimatorParameters, state } = setup.initial;
  if (Object.keys({ ...estimatorParameters, ...state }).length === 0) return {};
  return fittedValues(await subject.trainingEngine(), setup, steps);
}

const plainOnes = new WeakMap<Engine, Map<string, Promise<DrawVariance>>>();

/** Of plain reinforce with one sample, or of the plain bound of S samples; the subjects of an engine share it. */
function plainVariance(subject: Subject, problem: CheckProblem, samples: number): Promise<DrawVariance> {
  const known = plainOnes.get(subject.engine) ?? new Map<string, Promise<DrawVariance>>();
  plainOnes.set(subject.engine, known);
  const multiSample = subject.estimator.claims.objective === "multi-sample";
  const key = `${problem.name} ${multiSample ? samples : "mean"}`;
  const draw = async () => {
    const plain = multiSample
      ? { estimator: plainBound, settings: { samples } }
      : { estimator: reinforce, settings: { samples: 1, baseline: "none", decay: 0.99, credit: "global" } };
    const noiseOf = (call: number) => stream("check plain variance", problem.name, seed, call);
    const open = (rows: number) => stepOn(plain, problem, rows);
    return drawVariance(subject, open, { calls, rowsOfCall, noiseOf });
  };
  const found = known.get(key) ?? draw();
  known.set(key, found);
  return found;
}

/** Variances with as many evaluations, and the z by which the first is larger. */
interface Comparison {
  readonly problem: string;
  readonly own: number;
  readonly plain: number;
  readonly z: number;
}

async function compareOn(subject: Subject, problem: CheckProblem): Promise<Comparison> {
  const { claims } = subject.estimator;
  const sites = problem.definition.sites(problem.settings);
  const { forward, backward } = claims.evaluations(sites, subject.settings);
  const rows = Math.round((rowsOfCall * 16) / Math.max(16, forward));
  const noiseOf = (call: number) => stream("check variance", problem.name, seed, call);
  const trained = await trainedOn(subject, problem);
  const open = async (few: number) => withValues(await stepOn(subject, problem, few), trained);
  const own = await drawVariance(subject, open, { calls, rowsOfCall: rows, noiseOf });
  const samples = claims.objective === "multi-sample" ? await tupleSize(subject, problem) : 1;
  const plain = await plainVariance(subject, problem, samples);
  const asMany = samples / Math.max(1, forward + backward);
  const sized = ({ variance, standardError, squaredMean, squaredMeanError }: DrawVariance) => {
    if (claims.unbiased === true) return { size: variance, error: standardError };
    const size = variance / squaredMean;
    return { size, error: size * Math.hypot(standardError / variance, squaredMeanError / squaredMean) };
  };
  const ours = sized(own);
  const theirs = sized(plain);
  return {
    problem: problem.name,
    own: ours.size,
    plain: theirs.size * asMany,
    z: (ours.size - theirs.size * asMany) / Math.hypot(ours.error, theirs.error * asMany),
  };
}

const times = ({ own, plain }: Comparison) => `${(own / plain).toPrecision(3)} times`;

export const varianceBesideReinforce: Check = {
  name: "variance",
  async run(subject) {
    const { objective } = subject.estimator.claims;
    if (typeof objective === "function")
      return skip("Plain reinforce does not estimate the gradient of its objective.");
    const plain =
      objective === "multi-sample" ? "the bound's score function without a baseline" : "plain reinforce";
    const worse: Comparison[] = [];
    for (const problem of subject.admitted) {
      const found = await compareOn(subject, problem);
      // A variance that is not a number is judged by the check "bias".
      if (!(found.z > threshold))
        return pass(
          `Its variance is ${times(found)} that of ${plain} with as many evaluations on ${problem.name}${found.own > found.plain ? ", too close to tell" : ""}.`,
          { [problem.name]: found.own / found.plain },
        );
      worse.push(found);
    }
    const listed = worse.map(
      (one) =>
        `${one.own.toPrecision(3)} beside ${one.plain.toPrecision(3)} on ${one.problem} (${times(one)})`,
    );
    const unit = subject.estimator.claims.unbiased === true ? "" : ", in units of the squared mean";
    return warn(
      `It has more variance than ${plain} with as many evaluations on every problem${unit}: ${listed.join(", ")}. See the sign and the size of its baseline or control variate.`,
      Object.fromEntries(worse.map((one) => [one.problem, one.own / one.plain])),
    );
  },
};
