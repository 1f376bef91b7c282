/** From an experiment to the request of an ordinary run. */
import type { Request } from "../plan/request.ts";
import type { TrainingExperiment } from "./paper.ts";
import { validationMeasurement, validationSteps } from "../tune/validation.ts";
import { boundSamplesOf, drawsVariances, stepsOf, type ReproduceOptions } from "./reproduce-options.ts";

/** Few draws: `bench variance` measures gradients, and a reproduction measures what the paper prints. */
const gradients = { batches: 2, draws: 4, points: 2 } as const;
const manyGradients = { batches: 8, draws: 64, points: 20 } as const;

/** The request of one task, with nothing said of its measurement. */
export function plainRequest(
  { engine, data, budget }: ReproduceOptions,
  task: string,
  estimators: readonly string[],
  labelled = false,
): Request {
  return {
    ...{ tasks: [task], estimators, grids: [], plugins: [], seeds: "1", steps: "1" },
    ...(engine === undefined ? {} : { engine }),
    ...(data === undefined || labelled ? {} : { data }),
    quick: budget.name === "quick",
  };
}

export const withOption = (selection: string, option: string): string =>
  `${selection}${selection.includes(":") ? "," : ":"}${option}`;

/** The experiment's task at each rate, or at its default where the rate is null. */
const tasksAt = ({ task }: TrainingExperiment, rates: readonly (number | null)[]) =>
  rates.map((rate) => (rate === null ? task : withOption(task, `learning-rate=${rate}`)));

const bounded = ({ quantities }: TrainingExperiment) => quantities.some(({ metric }) => metric === "bound");

/**
 * Cells of every estimator at every rate, evaluated on the test split; only those at the chosen rates will run. Reports
 * call the task by its name without the rate.
 */
export function testRequest(
  options: ReproduceOptions,
  experiment: TrainingExperiment,
  estimators: readonly string[],
  rates: readonly (number | null)[],
): Request {
  const boundRows = bounded(experiment) ? options.budget.testRows : 0;
  return {
    ...plainRequest(options, experiment.task, estimators, experiment.labelled),
    ...{ tasks: tasksAt(experiment, rates), taskLabel: experiment.task, seeds: options.seeds },
    steps: String(stepsOf(options, experiment)),
    measurement: {
      logPoints: 20,
      evaluation: { validRows: 1000, testRows: "all", boundRows },
      boundSamples: boundSamplesOf(options, experiment),
      gradients: drawsVariances(options, experiment) ? manyGradients : gradients,
    },
  };
}

/** Cells of every estimator at every rate on the first seed; the test split is not read. */
export function validationRequest(
  options: ReproduceOptions,
  experiment: TrainingExperiment,
  rates: readonly number[],
): Request {
  const { task, columns, labelled } = experiment;
  const estimators = columns.map(({ estimator }) => estimator);
  return {
    ...plainRequest(options, task, estimators, labelled),
    tasks: tasksAt(experiment, rates),
    steps: String(validationSteps(stepsOf(options, experiment))),
    measurement: validationMeasurement(bounded(experiment) ? 1000 : 0),
  };
}
