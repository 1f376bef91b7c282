/** The estimator under test: its options, the problems that it admits, and its training step on a problem. */
import type { Estimator } from "../../estimators/estimator.ts";
import type { Arrays } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import { chooseEngine, defaultEngine, openEngine } from "../engine/index.ts";
import { refusal } from "../plan/choose-pairs.ts";
import { stream } from "../train/noise-streams.ts";
import { setUpTraining, withValues, type TrainingSetup } from "../train/training-setup.ts";
import type { LabelledEstimator } from "../variance/gradient-draws.ts";
import { problems, type CheckProblem } from "./problems.ts";

/** The seed of all noise: a check gives the same answer every time. */
export const seed = 0;

export interface Subject extends LabelledEstimator {
  /** Runs tensor by tensor, so that a check can replace uniforms. */
  readonly engine: Engine;
  /** The engine that trains by default, opened at the first call. */
  readonly trainingEngine: () => Promise<Engine>;
  /** Closes the engine that trains. */
  readonly close: () => Promise<void>;
  readonly admitted: readonly CheckProblem[];
  readonly refused: readonly { readonly problem: CheckProblem; readonly why: string }[];
}

/** Why the estimator cannot run on a problem, in a sentence; undefined if it can. */
export function refusalOf(
  { estimator, settings, label }: LabelledEstimator,
  { definition, settings: options, name }: CheckProblem,
): string | undefined {
  return refusal({ definition, settings: options, label: name }, { estimator, label }, settings);
}

export function subjectOf(tested: LabelledEstimator, engine: Engine): Subject {
  const admitted: CheckProblem[] = [];
  const refused: { problem: CheckProblem; why: string }[] = [];
  for (const problem of problems) {
    const why = refusalOf(tested, problem);
    if (why === undefined) admitted.push(problem);
    else refused.push({ problem, why });
  }
  const sites = admitted.flatMap(({ definition, settings }) => definition.sites(settings));
  let opened: Promise<Engine> | undefined;
  return {
    ...tested,
    estimator: tested.estimator.on?.(sites) ?? tested.estimator,
    engine,
    trainingEngine: () => (opened ??= openEngine(chooseEngine(defaultEngine))),
    close: async () => (await opened)?.close(),
    admitted,
    refused,
  };
}

type Setups = Map<number, Promise<TrainingSetup>>;
const setups = new WeakMap<object, WeakMap<CheckProblem, Setups>>();

/** The step of an estimator on a problem with so many rows, from initial values. It is set up once. */
export function stepOn(
  subject: Pick<Subject, "estimator" | "settings">,
  problem: CheckProblem,
  rows: number,
): Promise<TrainingSetup> {
  const ofSubject = setups.get(subject) ?? new WeakMap<CheckProblem, Setups>();
  setups.set(subject, ofSubject);
  const ofProblem = ofSubject.get(problem) ?? (new Map() as Setups);
  ofSubject.set(problem, ofProblem);
  const { estimator, settings } = subject;
  const setup =
    ofProblem.get(rows) ?? problem.task(rows).then((task) => setUpTraining(task, estimator, settings, seed));
  ofProblem.set(rows, setup);
  return setup;
}

/** Whether the estimator carries a state from step to step. */
export async function hasState(subject: Subject): Promise<boolean> {
  const { initial } = await stepOn(subject, subject.admitted[0]!, 1);
  return Object.keys(initial.state).length > 0;
}

/** Whether the claims name this parameter of the estimator, or its group, as a coefficient. */
export const isCoefficient = ({ claims }: Estimator, name: string): boolean =>
  claims.coefficients?.some((group) => name === group || name.startsWith(`${group}/`)) ?? false;

/** Applies a function to each value; it gets the value and the name of its array. */
export const mapValues = (arrays: Arrays, f: (x: number, name: string) => number): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [
      name,
      { shape, values: values.map((x) => f(x, name)) },
    ]),
  );

/**
 * The step with the estimator's parameters moved away from their initial values, so that a control variate that starts
 * at zero hides no mistake: the coefficients by ½, or, if the claims name none, all parameters by a random ±½.
 */
export async function movedStepOn(
  subject: Pick<Subject, "estimator" | "settings">,
  problem: CheckProblem,
  rows: number,
): Promise<TrainingSetup> {
  const setup = await stepOn(subject, problem, rows);
  const { task, estimator } = setup;
  const start = setup.initial.estimatorParameters;
  if (estimator.claims.coefficients) {
    const estimatorParameters = mapValues(start, (x, name) => (isCoefficient(estimator, name) ? x + 0.5 : x));
    return withValues(setup, { estimatorParameters });
  }
  const fill = stream("check moves", task.name, seed);
  const moved = Object.entries(start).map(([name, { shape, values }]) => {
    const uniforms = new Float32Array(values.length);
    fill(name, uniforms);
    return [name, { shape, values: values.map((x, i) => x + uniforms[i]! - 0.5) }];
  });
  return withValues(setup, { estimatorParameters: Object.fromEntries(moved) as Arrays });
}
