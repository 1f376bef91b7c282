/** From the chosen tasks and estimators to the pairs that run: which fit, and the tasks with their data. */
import { usesWeights } from "../../estimators/core/multi-sample.ts";
import { lacking } from "../../estimators/distributions/family.ts";
import type { Estimator, OptionSpecs, Settings } from "../../estimators/estimator.ts";
import type { Task } from "../../tasks/task.ts";
import { mistake } from "../errors.ts";
import { resolveOptions } from "../options/resolve.ts";
import { chooseMatrix, distinct, type EstimatorChoice, type Matrix, type TaskChoice } from "./matrix.ts";
import type { Registry } from "./registry.ts";
import type { Request } from "./request.ts";

export interface PlannedPair {
  readonly task: TaskChoice;
  readonly estimator: EstimatorChoice;
  /** The task's name in reports [default: its label]. */
  readonly taskLabel?: string;
}

export interface Pairs {
  readonly matrix: Matrix;
  readonly pairs: readonly PlannedPair[];
  /** Each task with its data, by label. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** A sentence for each pair that was skipped. */
  readonly notes: readonly string[];
}

/** The pairs of a request. Errors in the request are found before data are loaded. */
export async function selectPairs(request: Request, registry: Registry): Promise<Pairs> {
  const { matrix, all } = pairsOf(request, registry);
  const fitting = judged(all);
  const tasks = await createTasks(fitting.pairs, request.data);
  const { pairs, notes } = keep(fitting.pairs, (pair) => missingBound(pair, tasks.get(pair.task.label)!));
  return { matrix, pairs, tasks, notes: [...fitting.notes, ...notes] };
}

/** The pairs that a request names, by lists or one by one. */
function pairsOf(request: Request, registry: Registry) {
  if (request.pairs === undefined) {
    const matrix = chooseMatrix(request, registry);
    return { matrix, all: everyPair(matrix) };
  }
  const all = request.pairs.map(({ task, estimator, taskLabel, label }): PlannedPair => {
    const one = chooseMatrix({ ...request, grids: [], tasks: [task], estimators: [estimator] }, registry);
    const choice = one.estimators[0]!;
    return {
      task: one.tasks[0]!,
      estimator: label === undefined ? choice : { ...choice, label },
      ...(taskLabel === undefined ? {} : { taskLabel }),
    };
  });
  const matrix = {
    tasks: distinct(all.map((pair) => pair.task)),
    estimators: distinct(all.map((pair) => pair.estimator)),
  };
  return { matrix, all };
}

const everyPair = ({ tasks, estimators }: Matrix): PlannedPair[] =>
  tasks.flatMap((task) => estimators.map((estimator) => ({ task, estimator })));

/** The pairs that fit, as far as it is known without data. */
export const judgePairs = (matrix: Matrix): Pick<Pairs, "pairs" | "notes"> => judged(everyPair(matrix));

function judged(all: readonly PlannedPair[]): Pick<Pairs, "pairs" | "notes"> {
  return keep(all, ({ task, estimator }) => {
    const { label, entry } = estimator;
    return refusal(task, { estimator: entry.estimator, label }, settingsOf(estimator));
  });
}

/** Keeps the pairs that nothing speaks against. Others are an error, or a note if a pattern chose the estimator. */
function keep(pairs: readonly PlannedPair[], refuse: (pair: PlannedPair) => string | undefined) {
  const notes: string[] = [];
  const kept = pairs.filter((pair) => {
    const why = refuse(pair);
    if (why !== undefined && !pair.estimator.byPattern) throw mistake(why);
    if (why !== undefined) notes.push(`Skipped: ${why}`);
    return why === undefined;
  });
  if (kept.length === 0) throw mistake(`No estimator fits a task. ${notes.join(" ")}`);
  return { pairs: kept, notes };
}

async function createTasks(pairs: readonly PlannedPair[], folder?: string): Promise<Map<string, Task>> {
  const tasks = new Map<string, Task>();
  for (const { task } of pairs) {
    const { label, definition, settings } = task;
    if (!tasks.has(label))
      tasks.set(label, await definition.create(settings, folder === undefined ? {} : { folder }));
  }
  return tasks;
}

/**
 * Why an estimator cannot run on a task, as a sentence; undefined when it can.
 *
 * @param settings All options of the estimator.
 */
export function refusal(
  task: Pick<TaskChoice, "definition" | "settings" | "label">,
  { estimator, label }: { readonly estimator: Estimator; readonly label: string },
  settings: Settings,
): string | undefined {
  const { claims } = estimator;
  const sites = task.definition.sites(task.settings);
  for (const { family } of sites) {
    const needed = lacking(family, claims.requires);
    if (needed !== undefined) return `${label} needs ${needed}; those of ${task.label} are ${family.name}.`;
  }
  if (claims.sites === "one" && sites.length > 1)
    return `${label} supports one stochastic layer; ${task.label} has ${sites.length}.`;
  const wide = sites.find(({ family, shape }) => family.variables(shape) > 1);
  if (claims.variables === "one" && wide !== undefined) {
    const count = wide.family.variables(wide.shape);
    return `${label} supports a single variable; layer "${wide.name}" of ${task.label} has ${count}.`;
  }
  if (claims.needs === "derivatives" && task.definition.valuesOnly?.(task.settings) === true)
    return `${label} needs derivatives of the cost with respect to the samples; ${task.label} has only its values. Choose an estimator that needs no more, such as rloo.`;
  const why = estimator.supports?.(sites, settings);
  return why === undefined ? undefined : `${label} on ${task.label}: ${why}`;
}

/** Why an estimator with an objective of log weights does not fit a task; known only once the task is created. */
function missingBound({ task: { label }, estimator }: PlannedPair, task: Task): string | undefined {
  if (!usesWeights(estimator.entry.estimator.claims) || task.metric === "elbo") return undefined;
  return `${estimator.label} optimises a multi-sample bound; ${label} has none.`;
}

/** All options of an estimator: those of the request, those that the task provides and the defaults. */
export function settingsOf({ entry, options }: EstimatorChoice, task?: Task): Settings {
  const specs = entry.estimator.options as OptionSpecs;
  const temperature = task?.temperature;
  const fromTask = Object.keys(specs).filter(
    (name) => specs[name]!.fromTask === true && temperature !== undefined,
  );
  const preset = Object.fromEntries(fromTask.map((name) => [name, temperature!]));
  return resolveOptions(options, { who: entry.name, specs, preset });
}
