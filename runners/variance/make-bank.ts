/** Makes a bank: trains the reference run, keeps its parameters at three stages, and measures the references there. */
import { join } from "node:path";
import type { Arrays, Task } from "../../tasks/task.ts";
import {
  bankFile,
  bankVersion,
  packReference,
  pick,
  stageNames,
  type Bank,
  type StageSnapshot,
} from "./bank-files.ts";
import { initialise, scalarsAt } from "../train/initial-values.ts";
import { encodeCheckpoint } from "../store/checkpoint.ts";
import { summedText } from "../../reports/format/checked-json.ts";
import { makeFolder, replaceFile } from "../store/disk.ts";
import type { Engine } from "../engine/engine.ts";
import { environment } from "../errors.ts";
import { sha256 } from "../hash.ts";
import { norm } from "./moments.ts";
import { prefixed, type StepSource, trainingStep } from "../train/step.ts";
import { batches, stream } from "../train/noise-streams.ts";
import { fixedRows, referenceOf, type Setting, type Subject } from "./fixed-parameters.ts";

const copied = (arrays: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [name, { shape, values: values.slice() }]),
  );

/** The batch of step t for a source, its scalars, and whatever replaces them. */
const inputsAt = (source: StepSource, rows: Int32Array, step: number): Arrays => ({
  ...prefixed("batch", source.task.gather("train", rows)),
  ...scalarsAt(source)(step),
});

/** The task's parameters at a step, and what training to there has cost. */
interface Passed {
  readonly parameters: Arrays;
  readonly forward: number;
  readonly backward: number;
  readonly seconds: number;
}

/**
 * Trains as `bench run` trains the same pair and seed, bit for bit, and gives the task's parameters at the steps
 * named, which must rise.
 */
async function parametersAlong(
  engine: Engine,
  task: Task,
  subject: Subject,
  seed: number,
  at: readonly number[],
  progress: (step: number) => void,
): Promise<Passed[]> {
  const { estimator, settings } = subject;
  const initial = await initialise(task, estimator, settings, seed);
  const source: StepSource = { task, estimator, settings, initial };
  const { training, evaluations } = trainingStep(source);
  const trainer = await engine.train(training);
  const rowsOf = batches(task.name, seed, task.splits.train, task.rows);
  const found: Passed[] = [];
  let seconds = 0;
  try {
    for (let step = 0; ; step++) {
      if (at.includes(step)) {
        const { forward, backward } = step === 0 ? { forward: 0, backward: 0 } : evaluations()!;
        const parameters = copied(pick(trainer.save().arrays, "task/"));
        found.push({ parameters, forward: step * forward, backward: step * backward, seconds });
      }
      if (found.length === at.length) return found;
      progress(step);
      const fill = stream("train", task.name, seed, step);
      const begun = performance.now();
      const logged = await trainer.step(inputsAt(source, rowsOf(step), step), fill, step % 100 === 0);
      seconds += (performance.now() - begun) / 1000;
      if (logged && !Number.isFinite(logged["cost"]))
        throw environment(
          `bench bank: the reference run must stay finite (its parameters are kept), got cost ${logged["cost"]} at step ${step}`,
        );
      if (step % 16 === 0) await new Promise(setImmediate);
    }
  } finally {
    trainer.dispose();
  }
}

export interface BankRequest {
  readonly setting: Omit<Setting, "at" | "draws">;
  readonly taskVersion: number;
  /** Trained for the snapshots. */
  readonly trained: Subject;
  readonly steps: number;
  /** The most draws of a sampled reference. */
  readonly referenceDraws: number;
  readonly engineText: string;
  readonly progress: (message: string) => void;
}

/** Trains, measures the references, and writes the folder; bank.json comes last, so that half a bank is none. */
export async function makeBank(folder: string, request: BankRequest): Promise<Bank> {
  const { setting, trained, steps, progress } = request;
  const { engine, task, taskLabel, seed } = setting;
  const at = [0, Math.floor(steps / 2), steps];
  const every = Math.max(1, Math.floor(steps / 10));
  const along = await parametersAlong(engine, task, trained, seed, at, (step) => {
    if (step % every === 0) progress(`${taskLabel}: ${trained.label}, step ${step} of ${steps}`);
  });
  makeFolder(folder);
  const stages: Bank["stages"][number][] = [];
  for (const [index, { parameters, ...spent }] of along.entries()) {
    const [stage, step] = [stageNames[index]!, at[index]!];
    progress(`${taskLabel}: reference gradient at the ${stage}, step ${step}`);
    const where: Setting = { ...setting, draws: 0, at: { parameters, step } };
    const reference = await referenceOf(where, request.referenceDraws);
    const { arrays, beside } = packReference(reference);
    const snapshot = { step, arrays: { ...prefixed("task", parameters), ...arrays } };
    const name = `${stage}.snapshot`;
    const bytes = encodeCheckpoint(snapshot, beside);
    replaceFile(join(folder, name), bytes);
    stages.push({
      ...{ stage, step, ...spent },
      ...{ file: name, sha256: sha256(bytes), reference: reference.name, referenceError: reference.error },
      draws: "sum" in reference.gradient ? reference.gradient.draws.reduce((a, b) => a + b, 0) : null,
      norm: norm(reference.mean),
    });
  }
  const bank: Bank = {
    version: bankVersion,
    ...{ taskLabel, taskVersion: request.taskVersion, seed, engine: request.engineText },
    ...{ trained: trained.label, steps, data: task.sums },
    rows: [...fixedRows(task, seed)],
    stages,
  };
  replaceFile(bankFile(folder), summedText(bank));
  return bank;
}

/** Steps in which baselines and control variates may settle at a snapshot before they are measured. */
export const settling = 200;

/**
 * The estimator's own parameters and state after training at the snapshot with the task's parameters held: a
 * baseline that has never seen a cost would be measured at its worst. None at step 0, as in a run.
 */
export async function settle(
  { engine, task, seed }: Pick<Setting, "engine" | "task" | "seed">,
  { estimator, settings }: Subject,
  { step: from, parameters }: Pick<StageSnapshot, "step" | "parameters">,
): Promise<{ own: Arrays; state: Arrays; steps: number }> {
  const fresh = await initialise(task, estimator, settings, seed);
  const learned = Object.keys(fresh.own).length + Object.keys(fresh.state).length > 0;
  const steps = learned ? Math.min(settling, from) : 0;
  if (steps === 0) return { own: fresh.own, state: fresh.state, steps };
  const source: StepSource = { task, estimator, settings, initial: { ...fresh, parameters } };
  const trainer = await engine.train(trainingStep(source).training);
  const rowsOf = batches(task.name, seed, task.splits.train, task.rows);
  const held = { rate: { shape: [], values: Float32Array.of(0) } };
  for (let k = 0; k < steps; k++) {
    const inputs = { ...inputsAt(source, rowsOf(from + k), from), ...held };
    await trainer.step(inputs, stream("settle", task.name, seed, from, k), false);
    if (k % 16 === 0) await new Promise(setImmediate);
  }
  const { arrays } = trainer.save();
  const settled = { own: copied(pick(arrays, "own/")), state: copied(pick(arrays, "state/")), steps };
  trainer.dispose();
  return settled;
}
