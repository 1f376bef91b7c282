/**
 * The time of a training step on the default engine and the memory of its tensors, reported and not judged: the median over
 * up to a second of steps of reinforce, which evaluates the cost once, on the task's own number of rows; and the largest size of
 * all tensors that live at once on the engine that runs tensor by tensor.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import reinforce from "../../../estimators/reinforce.ts";
import type { OptionSpecs } from "../../../estimators/estimator.ts";
import { chooseEngine, defaultEngine, openEngine } from "../../engine/index.ts";
import { resolveOptions } from "../../options/resolve.ts";
import { stream } from "../../train/noise-streams.ts";
import { trainingStep } from "../../train/step.ts";
import { allInputs, shapesOf, trainingInputs } from "../../train/step-inputs.ts";
import { setUpTraining, type TrainingSetup } from "../../train/training-setup.ts";
import { type Check, pass } from "../outcome.ts";
import { seed } from "../subject.ts";
import type { TaskSubject } from "../task-scene.ts";

const warm = 3;
const mostSteps = 100;
const seconds = 1;

async function stepSeconds(setup: TrainingSetup): Promise<number> {
  const engine = await openEngine(chooseEngine(defaultEngine));
  const trainer = await engine.train(trainingStep(setup).training);
  const inputs = trainingInputs(setup, seed);
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  for (let step = 0; step < mostSteps && (step <= warm || performance.now() < end); step++) {
    const begun = performance.now();
    await trainer.step(inputs(step), stream("check speed", setup.task.name, step), false);
    if (step >= warm) times.push((performance.now() - begun) / 1000);
  }
  trainer.dispose();
  await engine.close();
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** The most bytes of tensors that live at once in a step. */
async function peakBytes({ engine }: TaskSubject, setup: TrainingSetup): Promise<number> {
  const { body } = trainingStep(setup).training;
  const inputs = allInputs(setup);
  const compiled = await engine.compile(body, shapesOf(inputs));
  const before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(async () => {
    await compiled.run(inputs, stream("check speed", setup.task.name, seed));
    return [];
  });
  return peakBytes - before;
}

export const speed: Check<TaskSubject> = {
  name: "speed",
  async run(subject) {
    const { task } = await subject.whole();
    const settings = resolveOptions({}, { who: reinforce.name, specs: reinforce.options as OptionSpecs });
    const setup = await setUpTraining(task, reinforce, settings, seed);
    const time = await stepSeconds(setup);
    const bytes = await peakBytes(subject, setup);
    const rows = `${task.rows} row${task.rows === 1 ? "" : "s"}`;
    return pass(
      `A step of reinforce on ${rows} takes ${(1000 * time).toPrecision(2)} ms on ${defaultEngine}; its tensors take ${(bytes / 2 ** 20).toPrecision(2)} MiB at most on ${subject.engine.name}.`,
      { milliseconds: 1000 * time, bytes },
    );
  },
};
