import type { Arrays } from "../../../tasks/task.ts";
import type { Engine } from "../../engine/engine.ts";
import { stream } from "../../train/noise-streams.ts";
import { chooseEngine, defaultEngine, openEngine } from "../../engine/index.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Check, fail, type Outcome, skip } from "../outcome.ts";
import { seenProblems, sureBitsProblem, type CheckProblem } from "../problems.ts";
import { fitted as fit } from "./state.ts";
import { isCoefficient, map, refusalOf, seed, sourceOf, type Subject } from "../subject.ts";

/**
 * An estimator's own parameters must be worth their training: trained at fixed task parameters, they lower the variance
 * to at most .9 of that without them. Variances are of 20,000 draws each with the same noise; over 12 seeds the ratio
 * of rebar at η = ½ to η = 0 had a relative standard error of .3 % to .8 %, by problem. So an estimator whose true
 * ratio is .85 fails, and one at .95 passes, with probability under 10⁻⁷; heavier tails than rebar's raise both.
 */
const most = 0.9;
const steps = 400;
const trainingRows = 200;
const draws = 20000;
const rowsOfCall = 5000;

/** The task's rate in training; the own parameters move at `control-rate` times it. */
const rate = 0.002;

interface Spread {
  /** Trace of a draw's covariance; for a claim of direction, in units of its mean's square. */
  readonly variance: number;
}

async function spread(
  subject: Subject,
  problem: CheckProblem,
  changes: { estimatorParameters: Arrays; state: Arrays },
): Promise<Spread> {
  const source = await sourceOf(subject, problem, rowsOfCall, changes);
  const draw = await rowDraw(subject.engine, source);
  const width = draw.labels.length;
  const [sum, squares] = [new Float64Array(width), new Float64Array(width)];
  for (let call = 0; call < draws / rowsOfCall; call++) {
    const values = await draw.run(stream("check control", problem.name, seed, call));
    values.forEach((x, i) => {
      sum[i % width]! += x;
      squares[i % width]! += x * x;
    });
  }
  let [variance, squaredMean] = [0, 0];
  for (let k = 0; k < draw.decoderFrom; k++) {
    variance += (squares[k]! - sum[k]! ** 2 / draws) / (draws - 1);
    squaredMean += (sum[k]! / draws) ** 2;
  }
  return {
    variance: subject.estimator.claims.unbiased === "direction" ? variance / squaredMean : variance,
  };
}

interface Ratio {
  readonly problem: string;
  readonly ratio: number;
}

async function ratioOn(subject: Subject, problem: CheckProblem, engine: Engine): Promise<Ratio> {
  const { estimator } = subject;
  const slow = {
    ...problem,
    task: async (rows: number) => ({ ...(await problem.task(rows)), learningRate: () => rate }),
  };
  const source = await sourceOf(subject, slow, trainingRows);
  const { initial } = source;
  const fitted = await fit(engine, source, steps);
  const none = estimator.claims.coefficients
    ? map(initial.estimatorParameters, (x, _i, name) => (isCoefficient(estimator, name) ? 0 : x))
    : initial.estimatorParameters;
  const [before, after] = [
    await spread(subject, problem, { estimatorParameters: none, state: initial.state }),
    await spread(subject, problem, fitted),
  ];
  return { problem: problem.name, ratio: after.variance / before.variance };
}

export const control: Check = {
  name: "control",
  doc: "its own parameters, trained, lower the variance",
  async run(subject): Promise<Outcome> {
    const [any] = subject.admitted;
    if (!any) return skip("no problem admits it");
    const { initial } = await sourceOf(subject, any, 1);
    if (Object.keys(initial.estimatorParameters).length === 0) return skip("it has no parameters of its own");
    const coupled = subject.admitted.filter(({ name }) => name.startsWith("coupled-"));
    const usual = coupled.length > 0 ? coupled : [any];
    const sees = subject.estimator.claims.needs === "values";
    const fitting = (sees ? seenProblems : [sureBitsProblem]).filter(
      (problem) => refusalOf(subject, problem) === undefined,
    );
    const judged = sees && fitting.length > 0 ? fitting.slice(0, 1) : [...usual, ...fitting];
    const ratios: Ratio[] = [];
    const engine = await openEngine(chooseEngine(defaultEngine));
    for (const problem of judged) ratios.push(await ratioOn(subject, problem, engine));
    await engine.close();
    const against = subject.estimator.claims.coefficients ? "with coefficient 0" : "before training";
    const said = ratios.map(({ problem, ratio }) => `${ratio.toPrecision(3)} on ${problem}`).join(", ");
    const numbers = Object.fromEntries(ratios.map(({ problem, ratio }) => [problem, ratio]));
    // Written so that a ratio that is not a number fails.
    return ratios.every(({ ratio }) => ratio <= most)
      ? {
          state: "pass",
          detail: `variance after ${steps} steps over that ${against}: ${said} (at most ${most})`,
          numbers,
        }
      : {
          ...fail(
            `trained, its variance must be at most ${most} of that ${against}, got ${said} after ${steps} steps`,
          ),
          numbers,
        };
  },
};
