/** What is checked: an estimator with its options, the problems it admits, and what several checks measure once. */
import type { Estimator, Settings } from "../../estimators/estimator.ts";
import type { Arrays } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { BenchError } from "../errors.ts";
import { refusal } from "../plan/pairs.ts";
import type { EstimatorEntry } from "../plan/registry.ts";
import {
  setUpTraining,
  withValues,
  type InitialValues,
  type TrainingSetup,
} from "../train/training-setup.ts";
import { randomTensors } from "../train/noise-streams.ts";
import { problems, type CheckProblem } from "./problems.ts";

export const seed = 0;

export interface Subject {
  readonly estimator: Estimator;
  readonly settings: Settings;
  readonly label: string;
  /** Eager, so that uniforms can be given. */
  readonly engine: Engine;
  readonly admitted: readonly CheckProblem[];
  readonly refused: readonly { readonly problem: CheckProblem; readonly why: string }[];
}

export interface Chosen {
  readonly entry: EstimatorEntry;
  readonly given: Settings;
  readonly settings: Settings;
  readonly label: string;
}

/** Why the estimator cannot meet a problem, in a sentence, or nothing. */
export function refusalOf(
  { estimator, settings, label }: Pick<Subject, "estimator" | "settings" | "label">,
  { definition, settings: options, name }: CheckProblem,
): string | undefined {
  return refusal({ definition, settings: options, label: name }, { estimator, label }, settings);
}

export function subjectOf({ entry: { estimator }, settings, label }: Chosen, engine: Engine): Subject {
  const judged = problems.map((problem) => ({
    problem,
    why: refusalOf({ estimator, settings, label }, problem),
  }));
  return {
    estimator,
    settings,
    label,
    engine,
    admitted: judged.flatMap(({ problem, why }) => (why === undefined ? [problem] : [])),
    refused: judged.flatMap(({ problem, why }) => (why === undefined ? [] : [{ problem, why }])),
  };
}

export interface Changes extends Partial<InitialValues> {
  readonly estimator?: Estimator;
  readonly settings?: Settings;
}

/** The step on a problem with so many rows, from the start, with what the caller replaces. */
export async function sourceOf(
  subject: Subject,
  problem: CheckProblem,
  rows: number,
  changes: Changes = {},
): Promise<TrainingSetup> {
  const { estimator = subject.estimator, settings = subject.settings } = changes;
  const task = await problem.task(rows);
  return withValues(await setUpTraining(task, estimator, settings, seed), changes);
}

/** Whether the estimator carries a state from step to step. */
export async function hasState(subject: Subject, problem: CheckProblem): Promise<boolean> {
  const { initial } = await sourceOf(subject, problem, 1);
  return Object.keys(initial.state).length > 0;
}

/** Whether the claims name this parameter of the estimator, or its group, as a coefficient. */
export const isCoefficient = ({ claims }: Estimator, name: string): boolean =>
  claims.coefficients?.some((group) => name === group || name.startsWith(`${group}/`)) ?? false;

export const map = (arrays: Arrays, f: (x: number, i: number, name: string) => number): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [
      name,
      { shape, values: values.map((x, i) => f(x, i, name)) },
    ]),
  );

/**
 * The estimator's parameters half a unit from their start, so that a control variate that starts at zero hides no mistake: the
 * named coefficients, or all of them by up to ½ where none are named.
 */
export function moved({ task, estimator, initial }: TrainingSetup): Arrays {
  const { coefficients } = estimator.claims;
  if (coefficients)
    return map(initial.estimatorParameters, (x, _i, name) => (isCoefficient(estimator, name) ? x + 0.5 : x));
  const random = randomTensors("check moves", task.name, seed);
  const shifts = new Map(
    Object.entries(initial.estimatorParameters).map(([name, { shape }]) => {
      const tensor = random(name, shape);
      const values = tensor.dataSync();
      tensor.dispose();
      return [name, values];
    }),
  );
  return map(initial.estimatorParameters, (x, i, name) => x + shifts.get(name)![i]! - 0.5);
}

/** What `action` gives, or the sentence with which it refuses; a defect (a TypeError, say) is thrown on. */
export async function attempt<R>(action: () => Promise<R>): Promise<{ value: R } | { error: string }> {
  try {
    return { value: await action() };
  } catch (error) {
    const refuses = error instanceof BenchError || (error instanceof Error && error.constructor === Error);
    if (!refuses) throw error;
    return { error: error.message };
  }
}
