/** The exact expectation of an estimator's gradient on a problem of one layer, beside the exact gradient. */
import { plural } from "../../../reports/aggregate/numbers.ts";
import type { SiteSpec } from "../../../estimators/estimator.ts";
import type { TrainingSetup } from "../../train/training-setup.ts";
import { rowDraw } from "../gradient-draw.ts";
import { quickDraw } from "../many-draws.ts";
import { fail, type Outcome, pass, percent, skip, unlessBiasFailed } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import type { Subject } from "../subject.ts";
import { combinationsOf, gridStep, pointsOf, type RegionSum, sumIfConstant } from "./region-sums.ts";
import { regionsOf } from "./regions.ts";
import { enumerable, exactGradientOf, normBetween } from "./true-gradient.ts";

/** Of the mean size of a gradient: float32's rounding. */
const tolerance = 1e-6;

/** The steps whose expectation is computed. */
export interface ExpectedStep {
  /** In words, for the sentences: "with one row". */
  readonly condition: string;
  /** More than 1 only if rows cannot meet. */
  readonly rowsPerCall: number;
  readonly open: (problem: CheckProblem, rows: number) => Promise<TrainingSetup>;
}

/** Draws for a sum over regions: a few calls with many rows, or many with one, for which compiling the step pays. */
export const openRegions =
  (subject: Subject, problem: CheckProblem, { open, rowsPerCall }: ExpectedStep) =>
  async (rows: number) => {
    const setup = await open(problem, rows);
    return rowsPerCall === 1 ? quickDraw(subject, setup) : rowDraw(subject.engine, setup);
  };

/** Each region is evaluated at several points, each a row; calls with one row are slow. */
const mostRows = (rowsPerCall: number) => (rowsPerCall === 1 ? 2000 : 40000);

/** Outcomes first; then, of categories, complete orders, for estimators that leave some out and take the next. */
const depthsOf = ({ family, shape }: SiteSpec): number[] =>
  family.rank === 0 ? [1] : [...new Set([1, family.outcomes(shape) - 1])];

/** Compares an expectation with the exact gradient. `summed` says in words what the sum is over. */
async function judge(
  subject: Subject,
  problem: CheckProblem,
  { mean, size }: RegionSum,
  summed: { readonly condition: string; readonly combinations: number },
): Promise<Outcome> {
  const { unbiased } = subject.estimator.claims;
  const { gradient, decoderFrom, norm: scale } = await exactGradientOf(subject, problem);
  const exact = gradient.slice(0, decoderFrom);
  const factor = unbiased === "direction" ? mean.reduce((s, x, k) => s + x * exact[k]!, 0) / scale ** 2 : 1;
  const error = normBetween(mean.map((x, k) => x - factor * exact[k]!));
  const { condition, combinations } = summed;
  const numbers = { error: error / scale, factor, combinations };
  const along = unbiased === "direction" ? `, up to a factor of ${factor.toPrecision(4)}` : "";
  const off = `${percent(error / scale)} of the gradient's norm`;
  const over = `on ${problem.name} ${condition}, summed over ${plural(combinations, "combination")} of its noise`;
  if (unbiased === false) return pass(`The expectation is off by ${off} ${over}; it claims a bias.`, numbers);
  if (error <= tolerance * Math.max(size, scale) && factor > 0)
    return pass(`The expectation is off by ${off}${along}, ${over}.`, numbers);
  return fail(
    `The expectation is not the exact gradient: it is off by ${off}${along}, ${over}. This is no noise; see each term of the surrogate, and what the state knows of the current step.`,
    numbers,
  );
}

/** The outcome on a problem, or why its expectation cannot be computed there. */
export async function expectationOn(
  subject: Subject,
  problem: CheckProblem,
  expected: ExpectedStep,
): Promise<Outcome | string> {
  if (!(await enumerable(subject, problem))) return `too many tuples to enumerate on ${problem.name}`;
  const { open, condition, rowsPerCall } = expected;
  const step = await gridStep(openRegions(subject, problem, expected));
  const { task, initial } = await open(problem, 1);
  const site = task.sites[0]!;
  let reason: string | undefined;
  for (const depth of depthsOf(site)) {
    const variables = regionsOf(step.elements, site, initial.parameters["logits"]!.values, depth);
    if (!variables) return `its uniforms on ${problem.name} belong to no variable`;
    const combinations = combinationsOf(variables);
    if (pointsOf(variables) * combinations > mostRows(rowsPerCall))
      return reason ?? `its ${plural(step.elements.length, "uniform")} on ${problem.name} are too many`;
    const found = await sumIfConstant(step, variables, rowsPerCall);
    if (found) return judge(subject, problem, found, { condition, combinations });
    reason = `it is not constant where the outcomes of ${problem.name} are`;
  }
  return reason!;
}

/** The outcome on the first of the problems on which the expectation can be computed, of those that it admits. */
export async function expectationOnFirst(
  subject: Subject,
  problems: readonly CheckProblem[],
  earlier: ReadonlyMap<string, Outcome>,
  step: ExpectedStep,
): Promise<Outcome> {
  const admitted = problems.filter((problem) => subject.admitted.includes(problem));
  if (admitted.length === 0)
    return skip("Not applicable: it admits neither a single layer of bits nor one of categories.");
  const reasons: string[] = [];
  for (const problem of admitted) {
    const outcome = await expectationOn(subject, problem, step);
    if (typeof outcome !== "string") return unlessBiasFailed(outcome, earlier);
    reasons.push(outcome);
  }
  return skip(`Not applicable: ${reasons.join("; ")}.`);
}
