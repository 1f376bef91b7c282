/** From an experiment to what is asked of a run: ordinary cells, measured as the budget allows. */
import type { Measurement, Rows } from "../plan/plan.ts";
import type { Request } from "../plan/request.ts";
import { unknownName } from "../options/suggest.ts";
import { validation, type Budget } from "./budgets.ts";
import type { Experiment, PaperData, TrainingExperiment } from "./paper.ts";

/** What all requests of a reproduction share. */
export interface Shared {
  readonly budget: Budget;
  readonly engine?: string;
  readonly data?: string;
  readonly seeds: string;
}

/** The experiments that `--only` names, each perhaps by its group; all without it. */
export function chooseExperiments(paper: PaperData, only: readonly string[]): readonly Experiment[] {
  const groups = paper.groups ?? {};
  const names = only.flatMap((text) => text.split(",").map((part) => part.trim()));
  const known = [...paper.experiments.map(({ id }) => id), ...Object.keys(groups)];
  for (const name of names) {
    if (known.includes(name)) continue;
    throw unknownName(`experiment of ${paper.key}:`, name, known);
  }
  const wanted = new Set(names.flatMap((name) => groups[name] ?? [name]));
  return names.length === 0 ? paper.experiments : paper.experiments.filter(({ id }) => wanted.has(id));
}

function base({ engine, data, budget, seeds }: Shared, own: { readonly labelled?: boolean }): Request {
  return {
    ...{ estimators: [], tasks: [], grids: [], plugins: [], seeds },
    ...(engine === undefined ? {} : { engine }),
    ...(data === undefined || own.labelled === true ? {} : { data }),
    quick: budget.name === "quick",
  };
}

export const withOption = (selection: string, option: string): string =>
  `${selection}${selection.includes(":") ? "," : ":"}${option}`;

/** Without a rate of its own a task keeps its default. */
const atRate = (task: string, rate: number | null) =>
  rate === null ? task : withOption(task, `learning-rate=${rate}`);

const bounded = ({ quantities }: TrainingExperiment) => quantities.some(({ metric }) => metric === "bound");

/** Few draws: `bench variance` measures gradients, and this what the paper prints. */
const gradients = { batches: 2, draws: 4, points: 2 } as const;

export interface Trained {
  readonly experiment: TrainingExperiment;
  readonly estimators: readonly string[];
  readonly steps: number;
}

/**
 * Cells of every estimator at every rate, evaluated on the test split, of which only those chosen are run; reports call
 * the task by its name without the rate.
 */
export function testRequest(
  { experiment, estimators, steps }: Trained,
  rates: readonly (number | null)[],
  shared: Shared,
  testRows: Rows,
): Request {
  const measurement: Measurement = {
    logPoints: 20,
    evaluation: { validRows: 1000, testRows: "all", boundRows: bounded(experiment) ? testRows : 0 },
    boundSamples: shared.budget.boundSamples,
    gradients,
  };
  return {
    ...base(shared, experiment),
    tasks: rates.map((rate) => atRate(experiment.task, rate)),
    taskLabel: experiment.task,
    estimators,
    steps: String(steps),
    measurement,
  };
}

/** Cells of every rate on the first seed; of the test split nothing is looked at. */
export function validationRequest(
  { experiment, estimators, steps }: Trained,
  rates: readonly number[],
  shared: Shared,
): Request {
  const measurement: Measurement = {
    logPoints: 5,
    evaluation: {
      ...{ validRows: validation.rows, testRows: 0, boundRows: 0 },
      validBoundRows: bounded(experiment) ? validation.rows : 0,
    },
    boundSamples: validation.samples,
    gradients: { ...gradients, points: 0 },
  };
  return {
    ...base({ ...shared, seeds: "1" }, experiment),
    tasks: rates.map((rate) => atRate(experiment.task, rate)),
    estimators,
    steps: String(steps),
    measurement,
  };
}

/** A plan that is only timed, or measured in another way than by training. */
export function plainRequest(
  { task, estimators, labelled }: Pick<Trained, "estimators"> & { task: string; labelled?: boolean },
  shared: Shared,
): Request {
  return {
    ...base({ ...shared, seeds: "1" }, labelled === true ? { labelled } : {}),
    tasks: [task],
    estimators,
    steps: "1",
  };
}
