import { tf } from "../../../estimators/core/autodiff.ts";
import type { Arrays } from "../../../tasks/task.ts";
import { stream } from "../../train/noise-streams.ts";
import { stepInputs } from "../../train/step-inputs.ts";
import { trainingStep } from "../../train/step.ts";
import { trainSteps } from "../../train/training-loop.ts";
import type { TrainingSetup } from "../../train/training-setup.ts";
import { rowDraw } from "../gradient-draw.ts";
import { type Check, fail, many, pass, skip } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { sourceOf, type Subject } from "../subject.ts";

const rows = 16;
const steps = 6;
const saveAt = 3;

const equal = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => Object.is(x, b[i]));

const equalArrays = (a: Arrays, b: Arrays): boolean =>
  Object.keys(a).length === Object.keys(b).length &&
  Object.entries(a).every(([name, { values }]) => b[name] !== undefined && equal(values, b[name].values));

/** Same seed, same bits; another seed, others, unless no noise is met or it makes no difference between rows either. */
async function seeds(subject: Subject, problem: CheckProblem): Promise<string | { noisy: boolean }> {
  const source = await sourceOf(subject, problem, rows);
  const draw = async (seed: number) => {
    const made = await rowDraw(subject.engine, source);
    const values = await made.run(stream("check repeats", problem.name, seed));
    const width = made.labels.length;
    return {
      values: Float32Array.from(values),
      noisy: made.noise.size > 0,
      varies: values.some((x, i) => x !== values[i % width]),
    };
  };
  const [first, again, other] = [await draw(0), await draw(0), await draw(1)];
  if (!equal(first.values, again.values)) return "the same seed must give the same bits, got others";
  const differs = !equal(first.values, other.values);
  if (first.noisy && first.varies && !differs) return "another seed must give other bits, got the same";
  if (!first.noisy && differs) return "without noise every seed must give the same bits, got others";
  return { noisy: differs };
}

async function trainer(subject: Subject, source: TrainingSetup) {
  const made = await subject.engine.train(trainingStep(source).training);
  const inputs = stepInputs(source);
  const noise = (step: number) => stream("check continues", source.task.name, step);
  return {
    ...made,
    advance: (from: number, to: number) =>
      trainSteps({ trainer: made, inputs, noise, from, proceed: (step) => step < to }),
  };
}

/** Saved, restored in another trainer and gone on with; and the tensors left behind by the later steps. */
async function continues(subject: Subject, problem: CheckProblem): Promise<string | undefined> {
  const source = await sourceOf(subject, problem, rows);
  const first = await trainer(subject, source);
  await first.advance(0, saveAt);
  const snapshot = first.save();
  const tensors = tf.memory().numTensors;
  await first.advance(saveAt, steps);
  const left = tf.memory().numTensors - tensors;
  const end = first.save();
  first.dispose();
  const second = await trainer(subject, source);
  second.restore(snapshot);
  await second.advance(saveAt, steps);
  const resumed = second.save();
  second.dispose();
  if (!equalArrays(end.arrays, resumed.arrays))
    return "a restored state must go on bit for bit, got other bits";
  if (left !== 0) return `steps must leave no tensor behind, got ${left} after ${steps - saveAt}`;
  return undefined;
}

export const repeatable: Check = {
  name: "repeatable",
  doc: "same seed, same bits; restored, it goes on bit for bit; no tensor is left",
  async run(subject) {
    if (subject.admitted.length === 0) return skip("no problem admits it");
    let noisy = 0;
    for (const problem of subject.admitted) {
      const found = await seeds(subject, problem);
      const wrong = typeof found === "string" ? found : await continues(subject, problem);
      if (wrong !== undefined) return fail(`${wrong} on ${problem.name}`);
      if (typeof found !== "string" && found.noisy) noisy += 1;
    }
    const others = noisy === 0 ? "no seed makes a difference" : `another seed, others on ${noisy}`;
    return pass(
      `same seed, same bits; ${others}; restored after ${saveAt} steps it goes on bit for bit; no tensor left (${many(subject.admitted.length, "problem")})`,
    );
  },
};
