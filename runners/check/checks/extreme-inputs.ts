/**
 * Gradients, those of the estimator's parameters too, and the next state are finite, or the estimator refuses with a
 * sentence. The logits are such that p or 1 − p is far below float32's resolution; many uniforms are at the ends of what
 * `fillUniform` gives, (k + ½)/2²³; and one variable has K = 1000 outcomes. A fault that occurs once in 10⁵ draws is found
 * at once: there are no error rates.
 */
import { plural } from "../../../reports/aggregate/numbers.ts";
import { fillUniform, key } from "../../../tasks/noise.ts";
import { BenchError } from "../../errors.ts";
import type { Fill } from "../../engine/engine.ts";
import { stream } from "../../train/noise-streams.ts";
import { type TrainingSetup, withValues } from "../../train/training-setup.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Check, fail, joined, pass } from "../outcome.ts";
import { type CheckProblem, wideProblem } from "../problems.ts";
import { refusalOf, seed, stepOn, type Subject } from "../subject.ts";

const extremeLogits = [50, -50, 17, -17];
const ends = [0.5 / 2 ** 23, 1 - 0.5 / 2 ** 23, 1.5 / 2 ** 23, 1 - 1.5 / 2 ** 23, 0.5];
const rows = 256;
/** More evaluations than these are not asked for with K = 1000. */
const mostEvaluations = 5000;

/** Each uniform at one of the ends, or as drawn. */
const atTheEnds =
  (...parts: readonly (string | number)[]): Fill =>
  (name, out) => {
    stream(...parts)(name, out);
    const chosen = new Float32Array(out.length);
    fillUniform(key("check ends", ...parts, name), chosen);
    chosen.forEach((u, i) => {
      out[i] = ends[Math.floor(u * 2 * ends.length)] ?? out[i]!;
    });
  };

/** The name of a gradient or state that is not finite in a draw or in a step of training, or nothing. */
async function notFiniteIn(subject: Subject, setup: TrainingSetup, fill: Fill): Promise<string | undefined> {
  const draw = await rowDraw(subject.engine, setup);
  const { gradients, rest } = await draw.runStep(fill);
  const bad = gradients.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) return `the gradient of ${draw.labels[bad % draw.labels.length]}`;
  return Object.entries(rest).find(([, { values }]) => !values.every(Number.isFinite))?.[0];
}

/** The problem with extreme logits, each variable at the next of them. */
async function withExtremeLogits(subject: Subject, problem: CheckProblem, first: number) {
  const setup = await stepOn(subject, problem, rows / 4);
  const { parameters } = setup.initial;
  const { logits } = parameters;
  if (!logits) return setup;
  const values = logits.values.map((_, i) => extremeLogits[(first + i) % extremeLogits.length]!);
  return withValues(setup, { parameters: { ...parameters, logits: { shape: logits.shape, values } } });
}

interface Case {
  readonly name: string;
  readonly open: () => Promise<TrainingSetup>;
  readonly fill: Fill;
}

const casesOn = (subject: Subject, problem: CheckProblem): Case[] => [
  {
    name: `uniforms at their ends on ${problem.name}`,
    open: () => stepOn(subject, problem, rows),
    fill: atTheEnds(problem.name, seed),
  },
  ...extremeLogits.map((value, i) => ({
    name: `logits from ${value} on ${problem.name}`,
    open: () => withExtremeLogits(subject, problem, i),
    fill: atTheEnds(problem.name, seed, i),
  })),
];

/** Why K = 1000 is left out: the claims do not admit it, or it needs too many evaluations. */
function whyNotWide(subject: Subject): string | undefined {
  const why = refusalOf(subject, wideProblem);
  if (why !== undefined) return why;
  const sites = wideProblem.definition.sites(wideProblem.settings);
  const { forward } = subject.estimator.claims.evaluations(sites, subject.settings);
  return forward > mostEvaluations ? `K = 1000 needs ${forward} evaluations` : undefined;
}

/** The sentence with which an error refuses; other errors, such as a TypeError, are thrown on. */
function refusalIn(error: unknown): string {
  if (error instanceof BenchError || (error instanceof Error && error.constructor === Error))
    return error.message;
  throw error;
}

export const extremeInputs: Check = {
  name: "extreme-inputs",
  async run(subject) {
    const cases = subject.admitted.flatMap((problem) => casesOn(subject, problem));
    const skipped = whyNotWide(subject);
    if (skipped === undefined)
      cases.push({
        name: "K = 1000",
        open: () => stepOn(subject, wideProblem, 2),
        fill: stream("check wide", seed),
      });
    const refused = skipped === undefined ? [] : [skipped];
    for (const { name, open, fill } of cases)
      try {
        const found = await notFiniteIn(subject, await open(), fill);
        if (found !== undefined)
          return fail(
            `With ${name}, ${found} is not finite. See its logarithms, exponentials and divisions, or refuse with a sentence.`,
          );
      } catch (error) {
        refused.push(`${name}: ${refusalIn(error)}`);
      }
    const wide = skipped === undefined ? ", K = 1000" : "";
    const rest = refused.length === 0 ? "" : ` Refused: ${joined(refused)}.`;
    return pass(
      `Finite in ${plural(cases.length, "case")}: logits ±50 and ±17, uniforms at their ends${wide}.${rest}`,
    );
  },
};
