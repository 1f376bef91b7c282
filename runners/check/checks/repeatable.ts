/**
 * The same seed gives the same bits, another seed other bits; training that is saved and restored goes on bit for bit; and
 * steps leave no tensor behind. Everything is compared exactly: there are no error rates.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import { plural } from "../../../reports/aggregate/numbers.ts";
import type { Arrays } from "../../../tasks/task.ts";
import type { Trainer } from "../../engine/engine.ts";
import { stream } from "../../train/noise-streams.ts";
import { stepInputs } from "../../train/step-inputs.ts";
import { trainingStep } from "../../train/step.ts";
import { trainSteps } from "../../train/training-loop.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Check, fail, pass } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { stepOn, type Subject } from "../subject.ts";

const rows = 16;
const steps = 4;
const saveAt = 2;

const equal = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => Object.is(x, b[i]));

const equalArrays = (a: Arrays, b: Arrays): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, { values }]) => b[name] !== undefined && equal(values, b[name].values));

/** What is wrong with the bits of seeds, and whether another seed gives other bits. */
async function compareSeeds(
  subject: Subject,
  problem: CheckProblem,
): Promise<{ fault?: string; differs: boolean }> {
  const setup = await stepOn(subject, problem, rows);
  const draw = async (seed: number) => {
    const made = await rowDraw(subject.engine, setup);
    const values = await made.run(stream("check repeats", problem.name, seed));
    const width = made.labels.length;
    return {
      values: Float32Array.from(values),
      noisy: made.uniforms.size > 0,
      varies: values.some((x, i) => x !== values[i % width]),
    };
  };
  const [first, again, other] = [await draw(0), await draw(0), await draw(1)];
  const differs = !equal(first.values, other.values);
  if (!equal(first.values, again.values))
    return { differs, fault: "The same seed gives other bits the second time" };
  if (first.noisy && first.varies && !differs)
    return { differs, fault: "Rows differ by their noise, but another seed gives the same bits" };
  if (!first.noisy && differs)
    return { differs, fault: "It asks for no uniforms, but another seed gives other bits" };
  return { differs };
}

/** What is wrong when training is saved and restored in a new trainer, or with the tensors that later steps leave. */
async function compareRestored(subject: Subject, problem: CheckProblem): Promise<string | undefined> {
  const setup = await stepOn(subject, problem, rows);
  const { training } = trainingStep(setup);
  const inputs = stepInputs(setup);
  const noise = (step: number) => stream("check continues", problem.name, step);
  const advance = (trainer: Trainer, from: number, to: number) =>
    trainSteps({ trainer, inputs, noise, from, proceed: (step) => step < to });
  const first = await subject.engine.train(training);
  await advance(first, 0, saveAt);
  const saved = first.save();
  const tensors = tf.memory().numTensors;
  await advance(first, saveAt, steps);
  const left = tf.memory().numTensors - tensors;
  const end = first.save();
  first.dispose();
  const second = await subject.engine.train(training);
  second.restore(saved);
  await advance(second, saveAt, steps);
  const resumed = second.save();
  second.dispose();
  if (!equalArrays(end.arrays, resumed.arrays)) return "Restored training goes on with other bits";
  if (left !== 0) return `${steps - saveAt} steps leave ${plural(left, "tensor")} behind`;
  return undefined;
}

export const repeatable: Check = {
  name: "repeatable",
  async run(subject) {
    let varying = 0;
    for (const problem of subject.admitted) {
      const { fault, differs } = await compareSeeds(subject, problem);
      const wrong = fault ?? (await compareRestored(subject, problem));
      if (wrong !== undefined)
        return fail(
          `${wrong}, on ${problem.name}. See that all noise comes from uniform, that estimate keeps nothing between calls, and that no tensor is kept by tf.keep.`,
        );
      if (differs) varying += 1;
    }
    const others =
      varying === 0
        ? "no seed makes a difference"
        : `another seed gives others on ${plural(varying, "problem")}`;
    return pass(
      `On ${plural(subject.admitted.length, "problem")} the same seed gives the same bits, also restored after ${saveAt} steps; ${others}; no tensor is left.`,
    );
  },
};
