/**
 * Gradients, those of the estimator's parameters too, and the next state are finite, or the estimator refuses with a
 * sentence. The logits are such that p or 1 − p is far below float32's resolution; many uniforms are at the ends of what
 * `fillUniform` gives, (k + ½)/2²³; and one variable has K = 1000 outcomes. A fault that occurs once in 10⁵ draws is found
 * at once: there are no error rates. All that is extreme on a problem is tried at once, in rows of one step, unless a state
 * joins the rows; only where that fails is it tried case by case, to name the case.
 */
import { plural } from "../../../reports/aggregate/numbers.ts";
import { fillUniform, key } from "../../../tasks/noise.ts";
import { BenchError } from "../../errors.ts";
import type { Fill, Values32 } from "../../engine/engine.ts";
import { stream } from "../../train/noise-streams.ts";
import { type TrainingSetup, withValues } from "../../train/training-setup.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Check, fail, joined, pass } from "../outcome.ts";
import { type CheckProblem, wideProblem } from "../problems.ts";
import { hasState, refusalOf, seed, stepOn, type Subject } from "../subject.ts";

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

/** The logits with each variable at the next of the extreme values. */
const extremeFrom = (logits: Values32, first: number): Float32Array =>
  logits.values.map((_, i) => extremeLogits[(first + i) % extremeLogits.length]!);

/** The problem with extreme logits, all rows alike. */
async function withExtremeLogits(subject: Subject, problem: CheckProblem, first: number) {
  const setup = await stepOn(subject, problem, rows / 4);
  const { logits } = setup.initial.parameters;
  if (!logits) return setup;
  return withValues(setup, {
    parameters: { logits: { shape: logits.shape, values: extremeFrom(logits, first) } },
  });
}

/** The problem with logits for each row: half of the rows have the usual ones, the others the extreme ones in turn. */
async function withLogitsOfRows(subject: Subject, problem: CheckProblem): Promise<TrainingSetup> {
  const setup = await stepOn(subject, problem, 2 * rows);
  const { logits } = setup.initial.parameters;
  if (!logits) return setup;
  const values = new Float32Array(2 * rows * logits.values.length);
  for (let row = 0; row < 2 * rows; row++)
    values.set(row < rows ? logits.values : extremeFrom(logits, row), row * logits.values.length);
  return withValues(setup, { parameters: { logits: { shape: [2 * rows, ...logits.shape], values } } });
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

/** Whether all cases on a problem are finite, tried at once. */
async function finiteAtOnce(subject: Subject, problem: CheckProblem): Promise<boolean> {
  try {
    const setup = await withLogitsOfRows(subject, problem);
    return (await notFiniteIn(subject, setup, atTheEnds(problem.name, seed))) === undefined;
  } catch {
    return false;
  }
}

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
    const stateful = await hasState(subject);
    const cases: Case[] = [];
    let tried = 0;
    for (const problem of subject.admitted) {
      const ofProblem = casesOn(subject, problem);
      tried += ofProblem.length;
      if (stateful || !(await finiteAtOnce(subject, problem))) cases.push(...ofProblem);
    }
    const skipped = whyNotWide(subject);
    if (skipped === undefined) tried += 1;
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
      `Finite in ${plural(tried, "case")}: logits ±50 and ±17, uniforms at their ends${wide}.${rest}`,
    );
  },
};
