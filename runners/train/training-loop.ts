/** The only loop over training steps: cells, reference runs, fitted baselines and timings all train through it. */
import type { Arrays } from "../../tasks/task.ts";
import type { Engine, Fill, Trainer } from "../engine/engine.ts";
import { scalarInput, under } from "./step-inputs.ts";
import { trainingStep } from "./step.ts";
import type { InitialValues, TrainingSetup } from "./training-setup.ts";

/** Milliseconds of training after which pending events are handled. */
const pauseEvery = 50;

/** Seconds on the process's clock. */
export const seconds = () => performance.now() / 1000;

export interface FinishedStep {
  readonly step: number;
  /** Seconds of the step, its inputs included. */
  readonly seconds: number;
  /** The scalars that the step logs, where `logs` asked for them. */
  readonly logged?: Readonly<Record<string, number>> | undefined;
}

export interface TrainingLoop {
  readonly trainer: Trainer;
  /** Batch and scalars of step t. */
  readonly inputs: (step: number) => Arrays;
  /** Noise of step t. */
  readonly noise: (step: number) => Fill;
  /** The first step, 0 by default. */
  readonly from?: number;
  /** Called before each step; the loop ends where it is false. */
  readonly proceed: (step: number) => boolean | Promise<boolean>;
  /** Whether step t computes what it logs, which costs time; no step by default. */
  readonly logs?: (step: number) => boolean;
  /** Called after each step, unless training diverged in it. */
  readonly onStep?: (finished: FinishedStep) => void;
}

export interface LoopEnd {
  /** The number of steps done since the start of training. */
  readonly step: number;
  /** Whether the loop ended because a logged cost was not finite. */
  readonly diverged: boolean;
}

/** Trains step by step until `proceed` is false or the logged cost is not finite. */
export async function trainSteps(loop: TrainingLoop): Promise<LoopEnd> {
  const { trainer, inputs, noise, from = 0, proceed, logs = () => false, onStep } = loop;
  let paused = seconds();
  let step = from;
  for (; await proceed(step); step++) {
    const begun = seconds();
    const logged = await trainer.step(inputs(step), noise(step), logs(step));
    const spent = seconds() - begun;
    if (logged && !Number.isFinite(logged["cost"])) return { step, diverged: true };
    onStep?.({ step, seconds: spent, logged });
    if ((seconds() - paused) * 1000 > pauseEvery) {
      await new Promise(setImmediate);
      paused = seconds();
    }
  }
  return { step, diverged: false };
}

/** Trains the estimator's parameters and state for some steps while the task's parameters stay as they are. */
export async function fitEstimator(
  engine: Engine,
  setup: TrainingSetup,
  { steps, inputs, noise }: Pick<TrainingLoop, "inputs" | "noise"> & { readonly steps: number },
): Promise<Pick<InitialValues, "estimatorParameters" | "state">> {
  const trainer = await engine.train(trainingStep(setup).training);
  const fixed = { "learning-rate": scalarInput(0) };
  await trainSteps({
    trainer,
    inputs: (step) => ({ ...inputs(step), ...fixed }),
    noise,
    proceed: (step) => step < steps,
  });
  const { arrays } = trainer.save();
  trainer.dispose();
  return { estimatorParameters: under("own", arrays), state: under("state", arrays) };
}
