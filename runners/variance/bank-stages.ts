/** Measures estimators at the stages of a bank: against its reference on one batch, and over several batches as a run does. */
import { usesWeights } from "../../estimators/core/multi-sample.ts";
import type { Estimator } from "../../estimators/estimator.ts";
import type { GradientRow } from "../../reports/format/records.ts";
import { finiteOrNull } from "../train/gradient-statistics.ts";
import { usual } from "../plan/plan.ts";
import { stream, trainingRows } from "../train/noise-streams.ts";
import { stepInputs } from "../train/step-inputs.ts";
import { fitEstimator } from "../train/training-loop.ts";
import { setUpTraining, withValues, type InitialValues } from "../train/training-setup.ts";
import { readStage, type Bank, type StageSnapshot } from "./bank-files.ts";
import type { DrawConditions, LabelledEstimator } from "./gradient-draws.ts";
import { measureAtPoints, type MeasurementPoint } from "./measure-variance.ts";
import type { VarianceRow } from "../../reports/format/variance-row.ts";

/** Batches and draws as in a run. */
const { batches, draws: drawsOfBatch } = usual.gradients;

/** The most steps in which the estimator's parameters are fitted at a stage. */
const mostFitSteps = 200;

/** A bank and how it is measured: plain data, so that another process can measure the same. */
export interface StagesRequest {
  readonly folder: string;
  readonly bank: Bank;
  readonly draws: number;
}

/** A row of the estimator for each stage, in their order. */
export async function measureStages(
  { folder, bank, draws }: StagesRequest,
  conditions: Omit<DrawConditions, "at">,
  estimator: LabelledEstimator,
): Promise<VarianceRow[]> {
  const fitted: number[] = [];
  const points: MeasurementPoint[] = [];
  for (const stage of bank.stages) {
    const { reference, ...at } = readStage(folder, stage);
    const { steps, ...values } = await fitAtStage(conditions, estimator, at);
    fitted.push(steps);
    const there = { ...conditions, at: { ...at, ...values } };
    points.push({ conditions: there, draws, reference, batches: { batches, draws: drawsOfBatch } });
  }
  const measured = await measureAtPoints(points, estimator);
  return measured.map((row, k) => ({ ...row, stage: bank.stages[k]!.stage, settled: fitted[k]! }));
}

type EstimatorValues = Pick<InitialValues, "estimatorParameters" | "state">;

/**
 * The estimator's parameters and state after some training at the stage: a baseline that has never seen a cost would be
 * measured at its worst. None at step 0, as in a run.
 */
async function fitAtStage(
  { engine, task, seed }: Omit<DrawConditions, "at">,
  { estimator, settings }: LabelledEstimator,
  { step: from, parameters }: Pick<StageSnapshot, "step" | "parameters">,
): Promise<EstimatorValues & { readonly steps: number }> {
  const start = await setUpTraining(task, estimator, settings, seed);
  const { estimatorParameters, state } = start.initial;
  const learns = Object.keys(estimatorParameters).length + Object.keys(state).length > 0;
  const steps = learns ? Math.min(mostFitSteps, from) : 0;
  if (steps === 0) return { estimatorParameters, state, steps };
  const setup = withValues(start, { parameters });
  const rowsOf = trainingRows(task, seed);
  const inputs = stepInputs(setup);
  const fitted = await fitEstimator(engine, setup, {
    steps,
    inputs: (k) => inputs(from, rowsOf(from + k)),
    noise: (k) => stream("settle", task.name, seed, from, k),
  });
  return { ...fitted, steps };
}

/** The row as a run stores it. An estimator of another objective has no bias against this one's gradient. */
export function gradientRow(row: VarianceRow, { claims }: Estimator, bank: Bank): GradientRow {
  const { step, forward, backward, seconds, stage } = bank.stages.find((one) => one.step === row.step)!;
  const { values, notFinite, ...counts } = row.batches!;
  const comparison = {
    bias: finiteOrNull(row.bias.norm),
    biasRelative: finiteOrNull(row.bias.relative),
    biasZ: finiteOrNull(row.bias.z),
    biasDraws: row.draws,
    cosine: row.cosine,
    reference: row.reference,
    referenceError: row.referenceError,
  };
  return {
    ...{ step, forward, backward, seconds, protocol: "shared", stage, along: bank.trained },
    ...counts,
    ...values,
    ...(usesWeights(claims) ? {} : comparison),
    notFinite: notFinite + row.notFinite,
  };
}
