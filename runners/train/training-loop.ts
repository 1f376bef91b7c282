/** One cell of the matrix: a task, an estimator and a seed, trained, measured and evaluated. */
import type { Arrays, Task } from "../../tasks/task.ts";
import type { Trainer } from "../engine/engine.ts";
import { evaluator } from "./evaluation.ts";
import { compileDraw } from "./gradient-statistics.ts";
import { findUpstream, initialise, scalarsAt } from "./initial-values.ts";
import {
  at,
  finish,
  gradientPoint,
  logPoint,
  metricOf,
  type Running,
  seconds,
  signed,
  taskParameters,
} from "./log-points.ts";
import type { CellJob, CellObserver, CellOutcome } from "./cell-job.ts";
import { gradientSteps, logSteps } from "./log-steps.ts";
import type { Evaluations } from "./program.ts";
import { picturesOf } from "./pictures.ts";
import { prefixed, type StepSource, trainingBatches, trainingStep } from "./step.ts";
import { stream } from "./noise-streams.ts";

/** Steps between looks at the training cost, where no log point falls. */
const lookEvery = 100;
/** Rows of a strip of pictures over training. */
const stripRows = 7;
/** Milliseconds of training after which other events are let in. */
const breathe = 50;

/** Steps that the budget allows once the evaluations of a step are known. */
export function plannedSteps(
  { steps, evaluations }: CellJob["cell"]["budget"],
  { forward }: Evaluations,
): number {
  return evaluations === undefined ? steps : Math.min(steps, Math.floor(evaluations / Math.max(1, forward)));
}

async function prepare(job: CellJob, observer: CellObserver): Promise<Running> {
  const { task, estimator, engine, cell } = job;
  const begun = seconds();
  const settings = cell.estimatorSettings;
  const initial = await initialise(task, estimator, settings, cell.seed);
  const source: StepSource = { task, estimator, settings, initial };
  const names = await findUpstream(task, initial);
  const { training, evaluations } = trainingStep(source);
  observer.progress({ step: 0, steps: cell.budget.steps, phase: "compile" });
  const trainer = await engine.train(training);
  const scalars = scalarsAt(source);
  await warmUp(trainer, task, scalars);
  return {
    job,
    observer,
    source,
    trainer,
    evaluate: evaluator(engine, source),
    pictures: picturesOf(engine, task),
    scalars,
    names,
    evaluations: evaluations()!,
    clock: { train: 0, compile: seconds() - begun, evaluate: 0 },
  };
}

/**
 * One step with what is logged and one without, taken back: an engine that compiles does so before the clock runs,
 * and one that does not trace meets the step, whose evaluations are then counted.
 */
async function warmUp(trainer: Trainer, task: Task, scalars: (step: number) => Arrays): Promise<void> {
  const before = trainer.save();
  const batch = prefixed("batch", task.gather("train", new Int32Array(task.rows)));
  for (const log of [true, false]) await trainer.step({ ...batch, ...scalars(0) }, stream("warm-up"), log);
  trainer.restore(before);
}

/** Trains from the checkpoint, or the start, to the end of the budget. */
async function train(running: Running): Promise<CellOutcome & { step: number }> {
  const { job, observer, source, trainer, scalars, clock, evaluations } = running;
  const { task } = source;
  const { cell, plan, folder } = job;
  const steps = plannedSteps(cell.budget, evaluations);
  const points = new Set(logSteps(steps, plan.logPoints));
  const gradientPoints = new Set(gradientSteps(steps, plan.logPoints, plan.gradients.points));
  const stripPoints = new Set(gradientSteps(steps, plan.logPoints, stripRows));
  const draw = await compileDraw(job.engine, source, running.names);
  const batchOf = trainingBatches(task, cell.seed);
  const checkpoint = folder.resume();
  let step = 0;
  let resumed = false;
  let kept = checkpoint !== undefined;
  if (checkpoint) {
    trainer.restore(checkpoint.snapshot);
    step = checkpoint.snapshot.step;
    Object.assign(clock, checkpoint.counters.seconds);
    resumed = true;
    observer.note(`${cell.taskLabel} ${cell.label} seed ${cell.seed}: going on from step ${step}`);
  }
  /** Answers whether all is finite still: what is not would take the place of a good checkpoint. */
  const save = () => {
    const snapshot = trainer.save();
    const fine = Object.values(snapshot.arrays).every(({ values }) => values.every(Number.isFinite));
    if (fine) folder.saveCheckpoint({ snapshot, counters: { evaluations, seconds: { ...clock } } });
    kept ||= fine;
    return fine;
  };
  const end = (outcome: CellOutcome) => (draw.dispose(), { ...outcome, step });
  let saved = seconds();
  let breathed = seconds();
  for (;;) {
    const done = step >= steps || (cell.budget.seconds !== undefined && clock.train >= cell.budget.seconds);
    if (!resumed && (points.has(step) || done)) {
      const fine = await logPoint(running, step);
      if (!fine) return end(diverged(step, kept));
      if (gradientPoints.has(step) || done) await gradientPoint(running, step, draw);
      if (stripPoints.has(step)) await keepRow(running, step);
      await observer.logged();
    }
    const stop = observer.interrupted();
    if (!resumed && (done || stop || seconds() - saved > plan.checkpointSeconds)) {
      if (!save()) return end(diverged(step, kept));
      saved = seconds();
    }
    resumed = false;
    if (done) return end({ state: "done" });
    if (stop) return end({ state: "interrupted", error: `interrupted after step ${step}` });

    const log = points.has(step + 1) || step % lookEvery === 0;
    const begun = seconds();
    const batch = batchOf(step);
    const logged = await trainer.step(
      { ...batch, ...scalars(step) },
      stream("train", task.name, cell.seed, step),
      log,
    );
    clock.train += seconds() - begun;
    if (logged && !Number.isFinite(logged["cost"])) return end(diverged(step, kept));
    if (logged && (points.has(step + 1) || step === 0))
      folder.appendCurve([
        {
          ...at(running, step),
          split: "train",
          metric: `training-${metricOf(task)}`,
          value: signed(task, logged["cost"]!),
        },
      ]);
    step += 1;
    observer.progress({
      step,
      steps,
      phase: "train",
      ...(running.elbo === undefined ? {} : { elbo: running.elbo }),
    });
    if ((seconds() - breathed) * 1000 > breathe) {
      await new Promise(setImmediate);
      breathed = seconds();
    }
  }
}

/** Rows that a crash left of steps after this one are made again. */
async function keepRow({ job, pictures, clock, trainer }: Running, step: number): Promise<void> {
  const begun = seconds();
  const tiles = await pictures.row(taskParameters({ trainer }));
  if (tiles !== undefined) {
    const before = job.folder.readRecord()?.strip ?? [];
    job.folder.writeRecord({ strip: [...before.filter((row) => row.step < step), { step, tiles }] });
  }
  clock.evaluate += seconds() - begun;
}

const diverged = (step: number, kept: boolean): CellOutcome => ({
  state: "diverged",
  error: `the cost was no longer finite at step ${step}; ${kept ? "the last checkpoint before it is kept" : "there was no checkpoint before it"}`,
});

/** Runs one cell; whatever it throws is a failure of this cell alone. */
export async function runCell(job: CellJob, observer: CellObserver): Promise<CellOutcome> {
  const running = await prepare(job, observer);
  const { trainer, evaluate, pictures, evaluations, clock } = running;
  try {
    const { step, ...outcome } = await train(running);
    if (outcome.state === "done") await finish(running, step);
    job.folder.writeRecord({
      evaluations,
      steps: { done: step, planned: plannedSteps(job.cell.budget, evaluations) },
      seconds: { ...clock },
    });
    return outcome;
  } finally {
    trainer.dispose();
    evaluate.dispose();
    pictures.dispose();
  }
}
