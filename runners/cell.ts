/** One cell of the matrix: a task, an estimator and a seed, trained, measured and evaluated. */
import { onTape, tf } from "../estimators/autodiff.ts";
import type { Estimator, Named, Settings } from "../estimators/estimator.ts";
import type { CurveRow, PictureRecord } from "../reports/records.ts";
import type { Arrays, Split, Task } from "../tasks/task.ts";
import type { Engine, Trainer } from "./engine/engine.ts";
import { evaluator, type Estimated } from "./evaluate.ts";
import { compileDraw, measureGradients } from "./gradients.ts";
import { gradientSteps, logSteps, type CellJob, type CellObserver, type CellOutcome } from "./plan.ts";
import { type Evaluations, scheduled, upstream } from "./play.ts";
import { parseSchedule } from "./schedule.ts";
import { type Initial, prefixed, type StepSource, trainingStep } from "./step.ts";
import { batches, randomTensors, stream } from "./streams.ts";

/** Steps between looks at the training cost, where no log point falls. */
const lookEvery = 100;
/** Milliseconds of training after which other events are let in. */
const breathe = 50;

const seconds = () => performance.now() / 1000;

function toArrays(tensors: Named): Arrays {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [name, { shape: x.shape, values: x.dataSync<"float32">() }]),
  );
}

/** Parameters and state before training: computed on tfjs's reference backend, the same for every engine. */
export async function initialise(
  task: Task,
  estimator: Estimator,
  settings: Settings,
  seed: number,
): Promise<Initial> {
  await tf.setBackend("cpu");
  let initial: Initial = { parameters: {}, own: {}, state: {} };
  tf.tidy(() => {
    const { parameters = {}, state = {} } =
      estimator.init?.({
        sites: task.sites,
        rows: task.rows,
        features: task.features,
        options: settings,
        random: randomTensors("estimator", task.name, seed),
      }) ?? {};
    initial = {
      parameters: toArrays(task.init(randomTensors("init", task.name, seed))),
      own: toArrays(parameters),
      state: toArrays(state),
    };
  });
  return initial;
}

/** Names of the parameters upstream of the samples, found on two rows. */
export async function findUpstream(task: Task, { parameters }: Initial): Promise<string[]> {
  await tf.setBackend("cpu");
  let names: string[] = [];
  tf.tidy(() => {
    const tensors = (arrays: Arrays): Named =>
      Object.fromEntries(
        Object.entries(arrays).map(([name, a]) => [name, tf.tensor(a.values, [...a.shape])]),
      );
    const batch = tensors(task.gather("train", Int32Array.of(0, Math.min(1, task.splits.train - 1))));
    names = onTape(() =>
      upstream(task, tensors(parameters), batch, (_name, shape) => tf.fill([...shape], 0.5)),
    );
  });
  return names;
}

const scalar = (value: number): Arrays[string] => ({ shape: [], values: Float32Array.of(value) });

/** The scalar inputs of step t: rates, and options on a schedule. */
export function scalarsAt({ task, estimator, settings }: StepSource): (step: number) => Arrays {
  const schedules = scheduled(estimator).map(
    (name) => [name, parseSchedule(settings[name] as string | number, `${estimator.name}: ${name}`)] as const,
  );
  const multiple = Number(settings["control-rate"] ?? 10);
  return (step) => ({
    rate: scalar(task.learningRate(step)),
    "control-rate": scalar(task.learningRate(step) * multiple),
    ...Object.fromEntries(schedules.map(([name, schedule]) => [`option/${name}`, scalar(schedule.at(step))])),
  });
}

/** Steps that the budget allows once the evaluations of a step are known. */
export function plannedSteps(
  { steps, evaluations }: CellJob["cell"]["budget"],
  { forward }: Evaluations,
): number {
  return evaluations === undefined ? steps : Math.min(steps, Math.floor(evaluations / Math.max(1, forward)));
}

async function makePictures(
  engine: Engine,
  { task }: StepSource,
  parameters: Arrays,
): Promise<PictureRecord[]> {
  const { pictures } = task;
  if (!pictures) return [];
  const names = Object.keys(parameters);
  const body = (inputs: Named, noise: (name: string, shape: readonly number[]) => Named[string]) =>
    pictures.body(
      Object.fromEntries(names.map((name) => [name.slice("task/".length), inputs[name]!])),
      Object.fromEntries(Object.keys(pictures.inputs).map((name) => [name, inputs[`picture/${name}`]!])),
      noise,
    );
  const inputs = { ...parameters, ...prefixed("picture", pictures.inputs) };
  const shapes = Object.fromEntries(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
  const compiled = await engine.compile(body, shapes);
  const outputs = await compiled.run(inputs, stream("pictures", task.name));
  compiled.dispose();
  return pictures.arrange(outputs).map((picture) => ({
    ...picture,
    tiles: picture.tiles.map((tile) =>
      Buffer.from(Uint8Array.from(tile, (x) => Math.round(255 * Math.min(1, Math.max(0, x))))).toString(
        "base64",
      ),
    ),
  }));
}

/** What the parts of a running cell share. */
interface Running {
  readonly job: CellJob;
  readonly observer: CellObserver;
  readonly source: StepSource;
  readonly trainer: Trainer;
  readonly evaluate: ReturnType<typeof evaluator>;
  readonly scalars: (step: number) => Arrays;
  readonly names: readonly string[];
  readonly evaluations: Evaluations;
  readonly clock: { train: number; compile: number; evaluate: number };
  elbo?: number;
}

const taskParameters = (running: Running): Arrays =>
  Object.fromEntries(
    Object.entries(running.trainer.parameters()).filter(([name]) => name.startsWith("task/")),
  );

const everything = (running: Running, step: number): Arrays => ({
  ...running.trainer.parameters(),
  ...running.trainer.state(),
  ...running.scalars(step),
});

const at = ({ evaluations, clock }: Running, step: number) => ({
  step,
  forward: step * evaluations.forward,
  backward: step * evaluations.backward,
  seconds: clock.train,
});

const finite = (x: number) => (Number.isFinite(x) ? x : null);

/** Models store the ELBO (higher is better), toys the cost. */
const metricOf = ({ metric }: Task) => metric;
const signed = ({ metric }: Task, cost: number) => (metric === "elbo" ? -cost : cost);

function row(
  running: Running,
  step: number,
  split: CurveRow["split"],
  metric: string,
  measured: Estimated,
): CurveRow {
  const { value, standardError, rows, whole } = measured;
  return { ...at(running, step), split, metric, value: finite(value), standardError, rows, whole };
}

/** The task's further measures: the accuracy of a classifier. */
async function measures(
  running: Running,
  step: number,
  split: Split,
  wanted: number | "all",
  inputs: Arrays,
) {
  const { source, evaluate, job } = running;
  const rows: CurveRow[] = [];
  for (const name of split === "train" ? [] : Object.keys(source.task.measures ?? {}))
    rows.push(
      row(running, step, split, name, await evaluate.measure(name, split, wanted, inputs, job.cell.seed)),
    );
  return rows;
}

/** Validation at a log point; answers whether all is still finite. */
async function logPoint(running: Running, step: number): Promise<boolean> {
  const { job, source, evaluate, scalars } = running;
  const { task, estimator } = source;
  const begun = seconds();
  const inputs = everything(running, step);
  const split = task.splits.valid > 0 ? "valid" : "train";
  const { validRows } = job.plan.evaluation;
  const cost = await evaluate.cost(split, validRows, inputs, job.cell.seed);
  const value = signed(task, cost.value);
  running.elbo = value;
  const rows = [row(running, step, split, metricOf(task), { ...cost, value })];
  if (estimator.claims.relaxed && validRows !== "all") {
    const gap = await evaluate.relaxationGap(split, validRows, inputs, job.cell.seed);
    rows.push(row(running, step, split, "relaxation-gap", gap));
  }
  rows.push(...(await measures(running, step, split, validRows, inputs)));
  const setting = (metric: string, scalarName: string): void => {
    const given = scalars(step)[scalarName];
    if (given) rows.push({ ...at(running, step), split: "train", metric, value: given.values[0]! });
  };
  setting("learning-rate", "rate");
  setting("temperature", "option/temperature");
  job.folder.appendCurve(rows);
  running.clock.evaluate += seconds() - begun;
  return Number.isFinite(value);
}

async function gradientPoint(running: Running, step: number, draw: Awaited<ReturnType<typeof compileDraw>>) {
  const { job, source } = running;
  const begun = seconds();
  const { values, ...counts } = await measureGradients(
    draw,
    source,
    { inputs: everything(running, step), seed: job.cell.seed, step },
    job.plan.gradients,
    () => new Promise(setImmediate),
  );
  job.folder.appendGradients([{ ...at(running, step), protocol: "own", ...counts, ...values }]);
  running.clock.evaluate += seconds() - begun;
}

async function finish(running: Running, step: number): Promise<void> {
  const { job, source, evaluate, observer } = running;
  const { task } = source;
  const { plan, cell, folder, engine } = job;
  const begun = seconds();
  const inputs = everything(running, step);
  const progress = () =>
    observer.progress({
      step,
      steps: step,
      phase: "evaluate",
      ...(running.elbo === undefined ? {} : { elbo: running.elbo }),
    });
  progress();
  const rows: CurveRow[] = [];
  // Without validation rows, the last log point has measured the training rows already.
  const splits = task.splits.valid > 0 ? (["train", "test"] as const) : (["test"] as const);
  for (const split of splits) {
    const wanted = split === "test" ? plan.evaluation.testRows : plan.evaluation.validRows;
    if (task.splits[split] > 0 && wanted !== 0) {
      const cost = await evaluate.cost(split, wanted, inputs, cell.seed);
      rows.push(row(running, step, split, metricOf(task), { ...cost, value: signed(task, cost.value) }));
      rows.push(...(await measures(running, step, split, wanted, inputs)));
    }
  }
  const { boundRows, validBoundRows = 0 } = plan.evaluation;
  for (const [split, wanted] of [
    ["valid", validBoundRows],
    ["test", boundRows],
  ] as const)
    if (task.metric === "elbo" && task.splits[split] > 0 && wanted !== 0) {
      const m = plan.boundSamples;
      const bound = await evaluate.bound(split, wanted, m, inputs, cell.seed, progress);
      rows.push({ ...row(running, step, split, "bound", bound), samples: m });
    }
  const pictures = await makePictures(engine, source, taskParameters(running));
  folder.appendCurve(rows);
  folder.writeRecord({ pictures });
  running.clock.evaluate += seconds() - begun;
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
  const draw = await compileDraw(job.engine, source, running.names);
  const rowsOf = batches(task.name, cell.seed, task.splits.train, task.rows);
  const checkpoint = folder.resume();
  let step = 0;
  let resumed = false;
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
    return fine;
  };
  const end = (outcome: CellOutcome) => (draw.dispose(), { ...outcome, step });
  let saved = seconds();
  let breathed = seconds();
  for (;;) {
    const done = step >= steps || (cell.budget.seconds !== undefined && clock.train >= cell.budget.seconds);
    if (!resumed && (points.has(step) || done)) {
      const fine = await logPoint(running, step);
      if (!fine) return end(diverged(step));
      if (gradientPoints.has(step) || done) await gradientPoint(running, step, draw);
      await observer.logged();
    }
    const stop = observer.interrupted();
    if (!resumed && (done || stop || seconds() - saved > plan.checkpointSeconds)) {
      if (!save()) return end(diverged(step));
      saved = seconds();
    }
    resumed = false;
    if (done) return end({ state: "done" });
    if (stop) return end({ state: "interrupted", error: `interrupted after step ${step}` });

    const log = points.has(step + 1) || step % lookEvery === 0;
    const begun = seconds();
    const batch = prefixed("batch", task.gather("train", rowsOf(step)));
    const logged = await trainer.step(
      { ...batch, ...scalars(step) },
      stream("train", task.name, cell.seed, step),
      log,
    );
    clock.train += seconds() - begun;
    if (logged && !Number.isFinite(logged["cost"])) return end(diverged(step));
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

const diverged = (step: number): CellOutcome => ({
  state: "diverged",
  error: `the cost was no longer finite at step ${step}; the last checkpoint before it is kept`,
});

/** Runs one cell; whatever it throws is a failure of this cell alone. */
export async function runCell(job: CellJob, observer: CellObserver): Promise<CellOutcome> {
  const running = await prepare(job, observer);
  const { trainer, evaluate, evaluations, clock } = running;
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
  }
}
