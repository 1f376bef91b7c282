import { prefixed, trainingStep, under } from "../../train/step.ts";
import type { StepSource } from "../../train/step.ts";
import { scalarsAt } from "../../train/initial-values.ts";
import { stream } from "../../train/noise-streams.ts";
import type { Arrays } from "../../../tasks/task.ts";
import type { Engine } from "../../engine/engine.ts";
import { judgeOnFirst } from "../exact/expectation.ts";
import { type Check, skip } from "../outcome.ts";
import { bitsProblem, coupledBitsProblem, oneOfFourProblem, type CheckProblem } from "../problems.ts";
import { hasState, map, moved, seed, sourceOf, type Subject } from "../subject.ts";

/** Runs some steps at fixed task parameters; own parameters and state as they are then. */
export async function settle(
  engine: Engine,
  source: StepSource,
  steps: number,
): Promise<{ own: Arrays; state: Arrays }> {
  const { task } = source;
  const trainer = await engine.train(trainingStep(source).training);
  const batch = prefixed(
    "batch",
    task.gather(
      "train",
      Int32Array.from({ length: task.rows }, (_, i) => i),
    ),
  );
  const scalars = scalarsAt(source);
  const zero = { shape: [], values: Float32Array.of(0) };
  for (let t = 0; t < steps; t++)
    await trainer.step(
      { ...batch, ...scalars(t), rate: zero },
      stream("check settles", task.name, seed, t),
      false,
    );
  const plain = (arrays: Arrays, prefix: string) => under(prefix, arrays as never) as unknown as Arrays;
  const found = { own: plain(trainer.parameters(), "own"), state: plain(trainer.state(), "state") };
  trainer.dispose();
  return found;
}

/** The step with one row, a state that is not zero and own parameters moved. */
async function settled(subject: Subject, problem: CheckProblem): Promise<StepSource> {
  const start = await sourceOf(subject, problem, 1);
  const source = { ...start, initial: { ...start.initial, own: moved(start) } };
  const { state } = await settle(subject.engine, source, 3);
  const nonzero = map(state, (x) => (x === 0 ? 0.25 : x));
  return { ...source, initial: { ...source.initial, state: nonzero } };
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
      open: (problem) => settled(subject, problem),
      given: "one row and a state that is not zero",
      before,
    });
  },
};
