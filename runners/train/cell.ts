/** Runs one cell of the matrix, a task, an estimator and a seed: it is trained, measured, saved and evaluated. */
import type { CellJob, CellObserver, CellOutcome } from "./cell-job.ts";
import {
  evaluateEnd,
  measureGradientPoint,
  measureLogPoint,
  reportProgress,
  signed,
  spentAt,
  storePictureRow,
  type RunningCell,
} from "./cell-measurements.ts";
import { evaluator } from "./evaluation.ts";
import { compileDraw } from "./compile-draw.ts";
import { gradientSteps, logSteps } from "./log-steps.ts";
import { stream } from "./noise-streams.ts";
import { pictureMaker } from "./pictures.ts";
import type { Evaluations } from "./program.ts";
import { scalarInputs, stepInputs, trainingInputs } from "./step-inputs.ts";
import { trainingStep } from "./step.ts";
import { seconds, trainSteps, type FinishedStep } from "./training-loop.ts";
import { setUpTraining } from "./training-setup.ts";

/** Steps after which the training cost is checked, where no log point falls. */
const checkEvery = 100;
/** First rows of pictures that are kept over training. */
const stripRows = 7;

/** Runs one cell. Whatever it throws is a failure of this cell alone. */
export async function runCell(job: CellJob, observer: CellObserver): Promise<CellOutcome> {
  const cell = await prepare(job, observer);
  const { trainer, draw, evaluate, pictures, evaluations, clock } = cell;
  try {
    const { step, outcome } = await train(cell);
    if (outcome.state === "done") await evaluateEnd(cell, step);
    job.folder.writeRecord({
      evaluations,
      steps: { done: step, planned: plannedSteps(job.cell.budget, evaluations) },
      seconds: { ...clock },
    });
    return outcome;
  } finally {
    for (const made of [trainer, draw, evaluate, pictures]) made.dispose();
  }
}

/** Steps that the budget allows once the evaluations of a step are known. */
function plannedSteps({ steps, evaluations }: CellJob["cell"]["budget"], { forward }: Evaluations): number {
  return evaluations === undefined ? steps : Math.min(steps, Math.floor(evaluations / Math.max(1, forward)));
}

async function prepare(job: CellJob, observer: CellObserver): Promise<RunningCell> {
  const { task, estimator, engine, cell } = job;
  const begun = seconds();
  const setup = await setUpTraining(task, estimator, cell.estimatorSettings, cell.seed);
  const { training, evaluations } = trainingStep(setup);
  observer.progress({ step: 0, steps: cell.budget.steps, phase: "compile" });
  const trainer = await engine.train(training);
  // One step that logs and one that does not, undone again: an engine that compiles does so before the clock runs, and the
  // evaluations of the step are counted.
  const before = trainer.save();
  const inputs = stepInputs(setup)(0, new Int32Array(task.rows));
  for (const log of [true, false]) await trainer.step(inputs, stream("warm-up"), log);
  trainer.restore(before);
  const compile = seconds() - begun;
  return {
    ...{ job, observer, setup, trainer },
    draw: await compileDraw(engine, setup, job.plan.gradients.draws),
    evaluate: evaluator(engine, setup),
    pictures: pictureMaker(engine, task),
    scalars: scalarInputs(setup),
    evaluations: evaluations()!,
    clock: { train: 0, compile, evaluate: 0 },
  };
}

/** Trains from the checkpoint, or the start, to the end of the budget. */
async function train(cell: RunningCell): Promise<{ readonly step: number; readonly outcome: CellOutcome }> {
  const { job, observer, setup, trainer, clock } = cell;
  const { budget, seed } = job.cell;
  const steps = plannedSteps(budget, cell.evaluations);
  const points = new Set(logSteps(steps, job.plan.logPoints));
  const checkpoints = openCheckpoints(cell);
  const measure = measuring(cell, steps);
  const from = checkpoints.resume();
  let outcome: CellOutcome | undefined;

  /** Measures and saves before a step. Returns how the cell ends there, or undefined where training goes on. */
  async function before(step: number): Promise<CellOutcome | undefined> {
    const done = step >= steps || (budget.seconds !== undefined && clock.train >= budget.seconds);
    const resumed = step === from;
    if (!resumed && !(await measure(step, done))) return diverged(cell, step);
    const stop = observer.interrupted();
    if (!resumed && (done || stop || checkpoints.due()) && !checkpoints.save()) return diverged(cell, step);
    if (done) return { state: "done" };
    return stop ? { state: "interrupted", error: `interrupted after step ${step}` } : undefined;
  }

  function onStep({ step, seconds: spent, logged }: FinishedStep): void {
    clock.train += spent;
    if (logged && (points.has(step + 1) || step === 0)) {
      const value = signed(setup.task, logged["cost"]!);
      const metric = `training-${setup.task.metric}`;
      job.folder.appendCurve([{ ...spentAt(cell, step), split: "train", metric, value }]);
    }
    reportProgress(cell, { step: step + 1, steps, phase: "train" });
  }

  const end = await trainSteps({
    trainer,
    inputs: trainingInputs(setup, seed),
    noise: (step) => stream("train", setup.task.name, seed, step),
    from: from ?? 0,
    proceed: async (step) => (outcome = await before(step)) === undefined,
    logs: (step) => points.has(step + 1) || step % checkEvery === 0,
    onStep,
  });
  return { step: end.step, outcome: outcome ?? diverged(cell, end.step) };
}

function diverged({ setup }: RunningCell, step: number): CellOutcome {
  const remedy = `a lower learning rate${"temperature" in setup.settings ? " or a higher temperature" : ""}`;
  return {
    state: "diverged",
    error: `the cost was no longer finite at step ${step}: try ${remedy}; bench check tests an estimator and a task at extreme logits`,
  };
}

/** A function that measures where `step` is a log point or the last; it returns whether the cost is finite. */
function measuring(cell: RunningCell, steps: number): (step: number, last: boolean) => Promise<boolean> {
  const { logPoints, gradients } = cell.job.plan;
  const points = new Set(logSteps(steps, logPoints));
  const gradientPoints = new Set(gradientSteps(steps, logPoints, gradients.points));
  const pictureSteps = new Set(gradientSteps(steps, logPoints, stripRows));
  return async (step, last) => {
    if (!points.has(step) && !last) return true;
    if (!(await measureLogPoint(cell, step))) return false;
    if (gradientPoints.has(step) || last) await measureGradientPoint(cell, step);
    if (pictureSteps.has(step)) await storePictureRow(cell, step);
    return true;
  };
}

/** Restores and saves the checkpoints of a cell. */
function openCheckpoints({ job, observer, trainer, evaluations, clock }: RunningCell) {
  const { folder, plan, cell } = job;
  let saved = seconds();
  return {
    /** Restores the last checkpoint and returns its step; undefined where there is none. */
    resume(): number | undefined {
      const checkpoint = folder.resume();
      if (checkpoint === undefined) return undefined;
      const { snapshot, counters } = checkpoint;
      trainer.restore(snapshot);
      Object.assign(clock, counters.seconds);
      observer.note(`${cell.taskLabel} ${cell.label} seed ${cell.seed}: going on from step ${snapshot.step}`);
      return snapshot.step;
    },
    /** Saves a checkpoint unless a parameter is not finite. Returns whether it was saved. */
    save(): boolean {
      const snapshot = trainer.save();
      if (!Object.values(snapshot.arrays).every(({ values }) => values.every(Number.isFinite))) return false;
      folder.saveCheckpoint({ snapshot, counters: { evaluations, seconds: { ...clock } } });
      saved = seconds();
      return true;
    },
    due: () => seconds() - saved > plan.checkpointSeconds,
  };
}
