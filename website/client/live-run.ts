/**
 * A benchmark in the page: the estimators, tasks, training loop, evaluation and gradient statistics of `bench run`, on tfjs in
 * plain JavaScript. With the same options and seed its numbers are those of `bench run --engine cpu`.
 */
import { estimators } from "../../estimators/index.ts";
import type { Settings } from "../../estimators/estimator.ts";
import { cpuEngine } from "../../runners/engine/eager.ts";
import { compileDraw } from "../../runners/train/compile-draw.ts";
import { evaluator } from "../../runners/train/evaluation.ts";
import { measureGradients } from "../../runners/train/gradient-statistics.ts";
import { logSteps } from "../../runners/train/log-steps.ts";
import { stream } from "../../runners/train/noise-streams.ts";
import { scalarInputs, trainingInputs } from "../../runners/train/step-inputs.ts";
import { trainingStep } from "../../runners/train/step.ts";
import { trainSteps } from "../../runners/train/training-loop.ts";
import { setUpTraining } from "../../runners/train/training-setup.ts";
import bern2 from "../../tasks/bern2.ts";
import cat10 from "../../tasks/cat10.ts";
import coupledBits from "../../tasks/coupled-bits.ts";
import coupledCategorical from "../../tasks/coupled-categorical.ts";
import kool from "../../tasks/kool.ts";
import layeredBits from "../../tasks/layered-bits.ts";

/** The tasks that are small enough for a page. */
export const liveTasks = [coupledBits, coupledCategorical, layeredBits, kool, bern2, cat10];

/** A name with all its options. */
export interface Resolved {
  readonly name: string;
  readonly settings: Settings;
}

export interface LivePoint {
  readonly step: number;
  /** Mean cost of hard samples: −ELBO on the validation rows of a model. */
  readonly cost: number;
  /** Trace of the covariance of one draw of the gradient. */
  readonly variance: number;
  /** Training alone, without evaluation. */
  readonly stepsPerSecond: number;
}

export interface LivePlan {
  readonly task: Resolved;
  readonly estimators: readonly Resolved[];
  readonly steps: number;
  readonly seed: number;
}

/** Points of a curve, and draws of the gradient at each. */
const [points, draws] = [40, 16];

/** Trains the estimators side by side, and calls `onPoint` at the start, at the end and evenly between. */
export async function liveRun(
  plan: LivePlan,
  onPoint: (estimator: string, point: LivePoint) => void,
  stopped: () => boolean = () => false,
): Promise<void> {
  const definition = liveTasks.find(({ name }) => name === plan.task.name)!;
  const task = await definition.create(plan.task.settings, {});
  const engine = await cpuEngine();
  const { steps, seed } = plan;
  const measured = new Set(logSteps(steps, points));

  async function train({ name, settings }: Resolved): Promise<void> {
    const estimator = estimators.find((one) => one.name === name)!;
    const setup = await setUpTraining(task, estimator, settings, seed);
    const trainer = await engine.train(trainingStep(setup).training);
    const [evaluate, draw] = [evaluator(engine, setup), await compileDraw(engine, setup, draws)];
    const scalars = scalarInputs(setup);
    let seconds = 0;
    async function measure(step: number): Promise<void> {
      const inputs = { ...trainer.parameters(), ...trainer.state(), ...scalars(step) };
      const split = task.splits.valid > 0 ? "valid" : "train";
      const cost = await evaluate.cost({ split, rows: "all", inputs, seed });
      const at = { inputs, seed, step };
      const { values } = await measureGradients(draw, setup, at, { batches: 1, draws });
      const variance = values.varianceEstimator ?? NaN;
      onPoint(name, { step, cost: cost.value, variance, stepsPerSecond: step / seconds });
    }
    await trainSteps({
      trainer,
      inputs: trainingInputs(setup, seed),
      noise: (step) => stream("train", task.name, seed, step),
      proceed: async (step) => {
        if (stopped()) return false;
        if (measured.has(step)) await measure(step);
        return step < steps;
      },
      onStep: (finished) => (seconds += finished.seconds),
    });
    for (const made of [trainer, evaluate, draw]) made.dispose();
  }

  await Promise.all(plan.estimators.map(train));
}
