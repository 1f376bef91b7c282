/**
 * The expectation without noise. For hard samples, the gradient of a bit changes only where a uniform crosses p or 1 − p, that
 * of a category where another outcome wins: between these it is constant, and the sum over regions of the noise, weighted by
 * their probabilities, is the expectation up to float32's rounding.
 *
 * On a bit, a gradient that is smooth between p and 1 − p is summed by the midpoint rule, whose error falls fourfold as cells
 * are halved; this rate is the test. Towards 0 and 1, where logistic noise makes powers of u, the rule runs in √u.
 *
 * Nothing is random: there are no error rates. Estimators with a state are left to the check "state".
 */
import { plural } from "../../../reports/aggregate/numbers.ts";
import { expectationOn, expectationOnFirst, type ExpectedStep, openRegions } from "../exact/expectation.ts";
import { cellsOf } from "../exact/noise-grid.ts";
import { type GridStep, gridStep, sumAt } from "../exact/region-sums.ts";
import { edgesOf, inCells } from "../exact/regions.ts";
import { exactGradientOf } from "../exact/true-gradient.ts";
import { type Check, fail, type Outcome, pass, percent, skip, unlessBiasFailed } from "../outcome.ts";
import { bitsProblem, coupledCategoricalProblem, oneOfFourProblem } from "../problems.ts";
import { hasState, movedStepOn, type Subject } from "../subject.ts";

const mostCombinations = 40000;
const mostParts = 512;
const rowsPerCall = 20000;
/** Halvings are compared while what they change is larger than this share of a draw's size: float32's rounding is not. */
const resolution = 3e-6;
const fourfold = (rate: number) => rate > 3 && rate < 5.5;

interface Refined {
  readonly sums: readonly number[];
  readonly size: number;
  /** By how much a halving changes the sum less than the halving before. */
  readonly rate: number;
  /** By Richardson's extrapolation. */
  readonly limit: number;
}

/** The midpoint rule on ever finer cells, while changes are larger than rounding. */
async function refine(step: GridStep, logit: number): Promise<Refined> {
  const n = step.elements.length;
  const sums: number[] = [];
  let size = 0;
  let rate = NaN;
  for (let parts = 1; parts <= mostParts && (3 * parts) ** n <= mostCombinations; parts *= 2) {
    const cells = cellsOf(edgesOf(logit), parts);
    const next = await sumAt(
      step,
      step.elements.map((_, e) => inCells(e, cells, ({ point }) => [point])),
      rowsPerCall,
    );
    size = next.size;
    sums.push(next.mean[0]!);
    if (sums.length < 3) continue;
    const [a, b, c] = sums.slice(-3) as [number, number, number];
    if (Math.abs(c - b) < resolution * size) break;
    rate = Math.abs(b - a) / Math.abs(c - b);
  }
  const [b, c] = sums.slice(-2) as [number, number];
  return { sums, size, rate, limit: c + (c - b) / 3 };
}

/** How the error against the exact value falls at the last halving that is larger than rounding. */
function errorRate({ sums, size }: Refined, exact: number): number {
  const errors = sums.map((x) => Math.abs(x - exact));
  const last = errors.findLastIndex((error) => error > resolution * size);
  return last < 1 ? NaN : errors[last - 1]! / errors[last]!;
}

/** The outcome on one bit for an estimator that is smooth between p and 1 − p; a string says why it is none. */
async function smoothOnBit(subject: Subject, expected: ExpectedStep): Promise<Outcome | string> {
  const step = await gridStep(openRegions(subject, bitsProblem, expected));
  const uniforms = plural(step.elements.length, "uniform");
  if ((3 * 8) ** step.elements.length > mostCombinations)
    return `its ${uniforms} on one bit are too many for a refined grid`;
  const { initial } = await expected.open(bitsProblem, 1);
  const found = await refine(step, initial.parameters["logits"]!.values[0]!);
  const { limit, rate } = found;
  if (!fourfold(rate))
    return `on one bit it is neither constant nor smooth between p and 1 − p: halving the cells changes the sum ${rate.toFixed(2)} times less than the halving before, not 4 times`;
  const exact = (await exactGradientOf(subject, bitsProblem)).gradient[0]!;
  const numbers = { error: Math.abs(limit - exact) / Math.abs(exact), factor: limit / exact, rate };
  const off = `The expectation on one bit, smooth in ${uniforms}, is off by ${percent(numbers.error)} of the gradient`;
  const { unbiased } = subject.estimator.claims;
  if (unbiased === false) return pass(`${off}; it claims a bias.`, numbers);
  if (unbiased === "direction" && limit * exact > 0)
    return pass(`${off}, a factor of ${numbers.factor.toPrecision(4)}; it claims the direction.`, numbers);
  const falls = errorRate(found, exact);
  return fourfold(falls)
    ? pass(`${off}; the error falls ${falls.toFixed(2)}-fold at the last halving of cells.`, numbers)
    : fail(
        `${off}, and the error falls ${falls.toFixed(2)}-fold as cells are halved, not fourfold. This is no noise; see each term of the surrogate.`,
        numbers,
      );
}

export const exactExpectation: Check = {
  name: "exact-expectation",
  async run(subject, earlier) {
    if (await hasState(subject)) return skip('Not applicable: it has a state; see the check "state".');
    const step: ExpectedStep = {
      condition: "with one row",
      rowsPerCall,
      open: (problem, rows) => movedStepOn(subject, problem, rows),
    };
    if (!subject.admitted.includes(bitsProblem))
      return expectationOnFirst(subject, [coupledCategoricalProblem, oneOfFourProblem], earlier, step);
    const constant = await expectationOn(subject, bitsProblem, step);
    const outcome = typeof constant === "string" ? await smoothOnBit(subject, step) : constant;
    return typeof outcome === "string"
      ? skip(`Not applicable: ${outcome}.`)
      : unlessBiasFailed(outcome, earlier);
  },
};
