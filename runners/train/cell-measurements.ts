/** What is measured of a cell at its log points and at its end, and the rows that are stored. */
import type { CurveRow } from "../../reports/format/records.ts";
import type { Arrays, Split, Task } from "../../tasks/task.ts";
import type { Trainer } from "../engine/engine.ts";
import type { Rows } from "../plan/plan.ts";
import type { CellJob, CellObserver, CellProgress } from "./cell-job.ts";
import type { EvaluatedRows, Evaluator, RowMean } from "./evaluation.ts";
import type { CompiledDraw } from "./compile-draw.ts";
import { finiteOrNull, measureGradients } from "./gradient-statistics.ts";
import type { PictureMaker } from "./pictures.ts";
import type { Evaluations } from "./program.ts";
import { prefixed, under } from "./step-inputs.ts";
import { seconds } from "./training-loop.ts";
import type { TrainingSetup } from "./training-setup.ts";

/** A cell that is being trained: its job, and everything that was made for it. */
export interface RunningCell {
  readonly job: CellJob;
  readonly observer: CellObserver;
  readonly setup: TrainingSetup;
  readonly trainer: Trainer;
  readonly draw: CompiledDraw;
  readonly evaluate: Evaluator;
  readonly pictures: PictureMaker;
  readonly scalars: (step: number) => Arrays;
  /** Evaluations of the cost per row and step. */
  readonly evaluations: Evaluations;
  /** Seconds spent so far. */
  readonly clock: { train: number; compile: number; evaluate: number };
  /** The latest validation ELBO; minus the cost for a toy. */
  elbo?: number;
}

/** Models store the ELBO, of which more is better; toys store the cost. */
export const signed = ({ metric }: Task, cost: number) => (metric === "elbo" ? -cost : cost);

/** What stands in every row of a cell: the step, and what training has cost up to it. */
export const spentAt = ({ evaluations, clock }: RunningCell, step: number) => ({
  step,
  forward: step * evaluations.forward,
  backward: step * evaluations.backward,
  seconds: clock.train,
});

export const reportProgress = ({ observer, elbo }: RunningCell, progress: Omit<CellProgress, "elbo">) =>
  observer.progress({ ...progress, ...(elbo === undefined ? {} : { elbo }) });

const inputsNow = ({ trainer, scalars }: RunningCell, step: number): Arrays => ({
  ...trainer.parameters(),
  ...trainer.state(),
  ...scalars(step),
});

const taskParameters = ({ trainer }: RunningCell) => prefixed("task", under("task", trainer.parameters()));

/** Runs a measurement; its time counts as evaluation. */
async function timed<R>({ clock }: RunningCell, measure: () => Promise<R>): Promise<R> {
  const begun = seconds();
  const result = await measure();
  clock.evaluate += seconds() - begun;
  return result;
}

const curveRow = (
  cell: RunningCell,
  step: number,
  split: Split,
  metric: string,
  { value, standardError, rows, whole }: RowMean,
): CurveRow => ({
  ...{ ...spentAt(cell, step), split, metric, value: finiteOrNull(value) },
  ...{ standardError, rows, whole },
});

/** Evaluates the cost, the task's further measures and, if `gap`, the relaxation gap on rows of a split. */
async function evaluateSplit(
  cell: RunningCell,
  step: number,
  on: EvaluatedRows,
  gap = false,
): Promise<CurveRow[]> {
  const { task } = cell.setup;
  const cost = await cell.evaluate.cost(on);
  const rows = [curveRow(cell, step, on.split, task.metric, { ...cost, value: signed(task, cost.value) })];
  for (const name of on.split === "train" ? [] : Object.keys(task.measures ?? {}))
    rows.push(curveRow(cell, step, on.split, name, await cell.evaluate.measure(name, on)));
  if (gap) {
    const difference = await cell.evaluate.relaxationGap(on, cost.values);
    rows.push(curveRow(cell, step, on.split, "relaxation-gap", difference));
  }
  return rows;
}

/**
 * The single numbers among an estimator's parameters, such as a scale or a temperature, as metrics; a parameter `log-NAME` is
 * stored as exp of its value, under NAME. `inputs` are named as in step-inputs.ts.
 */
export const learnedScalars = (inputs: Arrays): [metric: string, value: number | null][] =>
  Object.entries(under("own", inputs)).flatMap(([name, { values }]): [string, number | null][] => {
    if (values.length !== 1) return [];
    const plain = name.replace(/^log-/, "");
    const value = plain === name ? values[0]! : Math.exp(values[0]!);
    return [[`learned-${plain}`, finiteOrNull(value)]];
  });

/** Evaluates the validation rows and stores the rows of a log point. Returns whether the cost is finite. */
export const measureLogPoint = (cell: RunningCell, step: number): Promise<boolean> =>
  timed(cell, async () => {
    const { job, setup } = cell;
    const { task, estimator } = setup;
    const inputs = inputsNow(cell, step);
    const split = task.splits.valid > 0 ? "valid" : "train";
    const on = { split, rows: job.plan.evaluation.validRows, inputs, seed: job.cell.seed } as const;
    const gap = estimator.claims.relaxed === true && on.rows !== "all";
    const rows = await evaluateSplit(cell, step, on, gap);
    const { value } = rows[0]!;
    const single = (metric: string, value: number | null) =>
      rows.push({ ...spentAt(cell, step), split: "train", metric, value });
    single("learning-rate", inputs["learning-rate"]!.values[0]!);
    const temperature = inputs["option/temperature"];
    if (temperature) single("temperature", temperature.values[0]!);
    for (const [metric, value] of learnedScalars(inputs)) single(metric, value);
    job.folder.appendCurve(rows);
    cell.elbo = value ?? NaN;
    return value !== null;
  });

/** Measures the gradient's statistics at the present parameters and stores their row. */
export const measureGradientPoint = (cell: RunningCell, step: number): Promise<void> =>
  timed(cell, async () => {
    const { job, setup, draw } = cell;
    const at = { inputs: inputsNow(cell, step), seed: job.cell.seed, step };
    const { values, ...counts } = await measureGradients(draw, setup, at, job.plan.gradients);
    job.folder.appendGradients([{ ...spentAt(cell, step), protocol: "own", ...counts, ...values }]);
  });

/** Stores the first row of the task's picture. Rows of later steps, which a crash left, are made again. */
export const storePictureRow = (cell: RunningCell, step: number): Promise<void> =>
  timed(cell, async () => {
    const { folder } = cell.job;
    const tiles = await cell.pictures.firstRow(taskParameters(cell));
    if (tiles === undefined) return;
    const before = (folder.readRecord()?.strip ?? []).filter((row) => row.step < step);
    folder.writeRecord({ strip: [...before, { step, tiles }] });
  });

/** Evaluates a trained cell: training and test rows, the bound, and the pictures. */
export const evaluateEnd = (cell: RunningCell, step: number): Promise<void> =>
  timed(cell, async () => {
    const { job, setup, evaluate } = cell;
    const { task } = setup;
    const { testRows, validRows, boundRows, validBoundRows = 0 } = job.plan.evaluation;
    const inputs = inputsNow(cell, step);
    const progress = () => reportProgress(cell, { step, steps: step, phase: "evaluate" });
    progress();
    const rows: CurveRow[] = [];
    const on = (split: Split, count: Rows) => ({ split, rows: count, inputs, seed: job.cell.seed });
    const has = (split: Split, count: Rows) => task.splits[split] > 0 && count !== 0;
    // Without validation rows, the last log point has measured the training rows already.
    if (task.splits.valid > 0 && has("train", validRows))
      rows.push(...(await evaluateSplit(cell, step, on("train", validRows))));
    if (has("test", testRows)) rows.push(...(await evaluateSplit(cell, step, on("test", testRows))));
    for (const [split, count] of [
      ["valid", validBoundRows],
      ["test", boundRows],
    ] as const)
      if (task.metric === "elbo" && has(split, count)) {
        const samples = job.plan.boundSamples;
        const bound = await evaluate.bound(on(split, count), samples, progress);
        rows.push({ ...curveRow(cell, step, split, "bound", bound), samples });
      }
    job.folder.appendCurve(rows);
    await storePictures(cell);
  });

async function storePictures(cell: RunningCell): Promise<void> {
  const { folder } = cell.job;
  const { strip = [], pictures: before = [] } = folder.readRecord() ?? {};
  const made = await cell.pictures.all(taskParameters(cell), strip);
  // A cell whose end is evaluated again has no strip any more, but its picture.
  const kept = before.filter(({ name }) => made.every((picture) => picture.name !== name));
  folder.writeRecord({ pictures: [...made, ...kept], strip: undefined });
}
