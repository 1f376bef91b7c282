/** Makes a bank: trains the reference run, keeps its parameters at three stages, and measures the references there. */
import type { Arrays } from "../../tasks/task.ts";
import { environment } from "../errors.ts";
import { makeFolder } from "../../reports/format/disk.ts";
import { norm } from "../train/draw-sums.ts";
import { fixedRows, stream } from "../train/noise-streams.ts";
import { trainingInputs, under } from "../train/step-inputs.ts";
import { trainingStep } from "../train/step.ts";
import { trainSteps } from "../train/training-loop.ts";
import { setUpTraining } from "../train/training-setup.ts";
import { stageNames, writeBank, writeStage, type Bank, type BankStage } from "./bank-files.ts";
import type { DrawConditions, LabelledEstimator } from "./gradient-draws.ts";
import type { Reference } from "./reference.ts";

/** A stage whose reference is to be measured. */
export interface NamedPoint {
  readonly name: string;
  readonly at: { readonly parameters: Arrays; readonly step: number };
}

export interface BankRequest {
  readonly conditions: Omit<DrawConditions, "at">;
  /** Measures the references at the stages, in their order. */
  readonly referencesAt: (stages: readonly NamedPoint[]) => Promise<readonly Reference[]>;
  readonly taskVersion: Bank["taskVersion"];
  /** Trained for the snapshots. */
  readonly trained: LabelledEstimator;
  readonly steps: number;
  readonly engineText: string;
  readonly progress: (message: string) => void;
}

/** Makes a bank in the folder. bank.json is written last, so an interrupted bank is none. */
export async function makeBank(folder: string, request: BankRequest): Promise<Bank> {
  const { conditions, trained, steps } = request;
  const { task, taskLabel, seed } = conditions;
  const trainedStages = await trainStages(request, [0, Math.floor(steps / 2), steps]);
  const points = trainedStages.map(({ parameters, step }, k) => ({
    name: stageNames[k]!,
    at: { parameters, step },
  }));
  const references = await request.referencesAt(points);
  makeFolder(folder);
  const stages: BankStage[] = [];
  for (const [index, { step, parameters, ...spent }] of trainedStages.entries()) {
    const [stage, reference] = [stageNames[index]!, references[index]!];
    const { name, gradient, mean, error } = reference;
    stages.push({
      ...{ stage, step, ...spent },
      ...writeStage(folder, stage, { step, parameters, reference }),
      ...{ reference: name, referenceError: error },
      draws: "sum" in gradient ? gradient.draws.reduce((a, b) => a + b, 0) : null,
      norm: norm(mean),
    });
  }
  return writeBank(folder, {
    ...{ taskLabel, taskVersion: request.taskVersion, seed, engine: request.engineText },
    ...{ trained: trained.label, steps, data: task.sums, rows: [...fixedRows(task, seed)(0)], stages },
  });
}

/** The task's parameters at a step, and what training up to there has cost. */
type TrainedStage = Pick<BankStage, "step" | "forward" | "backward" | "seconds"> & {
  readonly parameters: Arrays;
};

/** Trains as `bench run` trains the same pair and seed, bit for bit, and keeps the task's parameters at the steps given. */
async function trainStages(
  { conditions: { engine, task, taskLabel, seed }, trained, steps, progress }: BankRequest,
  at: readonly number[],
): Promise<TrainedStage[]> {
  const { estimator, settings, label } = trained;
  const setup = await setUpTraining(task, estimator, settings, seed);
  const { training, evaluations } = trainingStep(setup);
  const trainer = await engine.train(training);
  const stages: TrainedStage[] = [];
  const every = Math.max(1, Math.floor(steps / 10));
  let seconds = 0;
  const keep = (step: number) => {
    const { forward, backward } = step === 0 ? { forward: 0, backward: 0 } : evaluations()!;
    const parameters = under("task", trainer.save().arrays);
    stages.push({ step, parameters, forward: step * forward, backward: step * backward, seconds });
  };
  const { step, diverged } = await trainSteps({
    trainer,
    inputs: trainingInputs(setup, seed),
    noise: (step) => stream("train", task.name, seed, step),
    proceed(step) {
      if (at.includes(step)) keep(step);
      if (step < steps && step % every === 0) progress(`${taskLabel}: ${label}, step ${step} of ${steps}`);
      return step < steps;
    },
    logs: (step) => step % 100 === 0,
    onStep(finished) {
      seconds += finished.seconds;
    },
  });
  trainer.dispose();
  if (diverged)
    throw environment(`bench bank: the reference run diverged: its cost was not finite at step ${step}.`);
  return stages;
}
