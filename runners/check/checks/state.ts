/**
 * The exact expectation with one row and a state that is not zero is the gradient, up to float32's rounding. A state that
 * knows the cost of the current step biases the gradient by a share of 1/B, which no draw with thousands of rows shows.
 * Nothing is random: there are no error rates.
 */
import { withValues } from "../../train/training-setup.ts";
import { expectationOnFirst } from "../exact/expectation.ts";
import { type Check, skip } from "../outcome.ts";
import { bitsProblem, coupledBitsProblem, oneOfFourProblem } from "../problems.ts";
import { fittedValues } from "../short-training.ts";
import { hasState, mapValues, movedStepOn } from "../subject.ts";

export const state: Check = {
  name: "state",
  async run(subject, earlier) {
    if (!(await hasState(subject))) return skip("It has no state.");
    return expectationOnFirst(subject, [coupledBitsProblem, bitsProblem, oneOfFourProblem], earlier, {
      condition: "with one row and a state that is not zero",
      rowsPerCall: 1,
      async open(problem, rows) {
        const setup = await movedStepOn(subject, problem, rows);
        const { state: after } = await fittedValues(subject.engine, setup, 3);
        return withValues(setup, { state: mapValues(after, (x) => (x === 0 ? 0.25 : x)) });
      },
    });
  },
};
