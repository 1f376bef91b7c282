/** What is measured of a cell while it trains and when it ends, and how it is written down. */
import type { CurveRow } from "../../reports/format/records.ts";
import type { Arrays, Split, Task } from "../../tasks/task.ts";
import type { Trainer } from "../engine/engine.ts";
import { type Estimated, type evaluator } from "./evaluation.ts";
import { type compileDraw, measureGradients } from "./gradient-statistics.ts";
import { learned } from "./learned-scalars.ts";
import type { CellJob, CellObserver } from "./cell-job.ts";
import type { Pictures } from "./pictures.ts";
import type { Evaluations } from "./program.ts";
import type { StepSource } from "./step.ts";

export const seconds = () => performance.now() / 1000;

/** What the parts of a running cell share. */
export interface Running {
  readonly job: CellJob;
  readonly observer: CellObserver;
  readonly source: StepSource;
  readonly trainer: Trainer;
  readonly evaluate: ReturnType<typeof evaluator>;
  readonly pictures: Pictures;
  readonly scalars: (step: number) => Arrays;
  readonly names: readonly string[];
  readonly evaluations: Evaluations;
  readonly clock: { train: number; compile: number; evaluate: number };
  elbo?: number;
}

export const taskParameters = ({ trainer }: Pick<Running, "trainer">): Arrays =>
  Object.fromEntries(Object.entries(trainer.parameters()).filter(([name]) => name.startsWith("task/")));

const everything = (running: Running, step: number): Arrays => ({
  ...running.trainer.parameters(),
  ...running.trainer.state(),
  ...running.scalars(step),
});

export const at = ({ evaluations, clock }: Running, step: number) => ({
  step,
  forward: step * evaluations.forward,
  backward: step * evaluations.backward,
  seconds: clock.train,
});

const finite = (x: number) => (Number.isFinite(x) ? x : null);

/** Models store the ELBO (higher is better), toys the cost. */
export const metricOf = ({ metric }: Task) => metric;
export const signed = ({ metric }: Task, cost: number) => (metric === "elbo" ? -cost : cost);

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
export async function logPoint(running: Running, step: number): Promise<boolean> {
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
  for (const [metric, value] of learned(inputs))
    rows.push({ ...at(running, step), split: "train", metric, value });
  job.folder.appendCurve(rows);
  running.clock.evaluate += seconds() - begun;
  return Number.isFinite(value);
}

export async function gradientPoint(
  running: Running,
  step: number,
  draw: Awaited<ReturnType<typeof compileDraw>>,
) {
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

export async function finish(running: Running, step: number): Promise<void> {
  const { job, source, evaluate, observer } = running;
  const { task } = source;
  const { plan, cell, folder } = job;
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
  const { strip = [], pictures: before = [] } = folder.readRecord() ?? {};
  const made = await running.pictures.last(taskParameters(running), strip);
  // An end that is done again has no strip any more, but its picture.
  const kept = before.filter(({ name }) => made.every((picture) => picture.name !== name));
  folder.appendCurve(rows);
  folder.writeRecord({ pictures: [...made, ...kept], strip: undefined });
  running.clock.evaluate += seconds() - begun;
}
