import { stream } from "../../train/noise-streams.ts";
import { stepInputs } from "../../train/step-inputs.ts";
import { fitEstimator } from "../../train/training-loop.ts";
import { withValues, type InitialValues, type TrainingSetup } from "../../train/training-setup.ts";
import type { Engine } from "../../engine/engine.ts";
import { judgeOnFirst } from "../exact/expectation.ts";
import { type Check, skip } from "../outcome.ts";
import { bitsProblem, coupledBitsProblem, oneOfFourProblem, type CheckProblem } from "../problems.ts";
import { hasState, map, moved, seed, sourceOf, type Subject } from "../subject.ts";

/** The estimator's parameters and state after some steps in which the task's parameters stay fixed. */
export const fitted = (
  engine: Engine,
  source: TrainingSetup,
  steps: number,
): Promise<Pick<InitialValues, "estimatorParameters" | "state">> =>
  fitEstimator(engine, source, {
    steps,
    inputs: stepInputs(source),
    noise: (step) => stream("check settles", source.task.name, seed, step),
  });

/** The step with one row, a state that is not zero and the estimator's parameters moved. */
async function withState(subject: Subject, problem: CheckProblem): Promise<TrainingSetup> {
  const start = await sourceOf(subject, problem, 1);
  const source = withValues(start, { estimatorParameters: moved(start) });
  const { state } = await fitted(subject.engine, source, 3);
  const nonzero = map(state, (x) => (x === 0 ? 0.25 : x));
  return withValues(source, { state: nonzero });
}

/**
 * The exact expectation at B = 1 and a state that is not zero, one call a combination of regions: a state that knows of
 * the current step biases by a share of 1/B, which no draw by the thousand sees. Nothing here is random.
 */
export const state: Check = {
  name: "state",
  doc: "its exact expectation with one row and a state that is not zero is the gradient",
  async run(subject, before) {
    const [any] = subject.admitted;
    if (!any) return skip("no problem admits it");
    if (!(await hasState(subject, any))) return skip("it has no state");
    return judgeOnFirst(subject, [coupledBitsProblem, bitsProblem, oneOfFourProblem], {
      open: (problem) => withState(subject, problem),
      given: "one row and a state that is not zero",
      before,
    });
  },
};
