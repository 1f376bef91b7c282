/** From a request to a plan: data are loaded, every option resolved, every pairing judged, every cell named. */
import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";
import type { PublishedRecord } from "../../reports/format/records.ts";
import { defaultSteps, type Task } from "../../tasks/task.ts";
import {
  chooseEngine,
  defaultEngine,
  engineVersion,
  resolvedText,
  type EngineChoice,
} from "../engine/index.ts";
import { mistake } from "../errors.ts";
import { hashOf } from "../hash.ts";
import { chooseMatrix, refusal, type EstimatorChoice, type Matrix, type TaskChoice } from "./matrix.ts";
import { resolveOptions } from "../options/resolve.ts";
import {
  protocolVersion,
  quick,
  usual,
  type Budget,
  type Measurement,
  type Plan,
  type PlannedCell,
  type Rows,
} from "./plan.ts";
import type { Registry } from "./registry.ts";
import { countIn, secondsIn, type Request } from "./request.ts";
import { parseSeeds } from "../options/selection.ts";

export interface Prepared {
  readonly plan: Plan;
  readonly matrix: Matrix;
  readonly seeds: readonly number[];
  /** By `taskKey`. */
  readonly tasks: ReadonlyMap<string, Task>;
  readonly engine: EngineChoice;
  /** What the user should know before it starts. */
  readonly notes: readonly string[];
  /** Values that papers print for these cells; reports draw them beside the measured ones. */
  readonly published?: readonly PublishedRecord[];
}

/** Plans the run. Mistakes are found before data are loaded, and data before anything runs. */
export async function prepare(request: Request, registry: Registry): Promise<Prepared> {
  const engine = chooseEngine(request.engine ?? defaultEngine);
  const seeds = parseSeeds(request.seeds ?? String(request.quick ? quick.seeds : usual.seeds));
  const limits = readLimits(request);
  const matrix = chooseMatrix(request, registry);
  const judged = judgePairs(matrix);
  const version = engineVersion(engine);
  const measurement = request.measurement ?? measurementOf(request);
  const tasks = await createTasks(judged.pairs, request.data);
  const bound = judgeBounds(judged.pairs, tasks);
  const notes = [...judged.notes, ...bound.notes];
  const { taskLabel } = request;
  const surroundings = { measurement, engine: `${resolvedText(engine)}, ${version}`, taskLabel };
  const cells = bound.pairs.flatMap((pair) =>
    cellsOf(pair, tasks.get(pair.task.label)!, seeds, limits, surroundings),
  );
  const plan: Plan = {
    protocol: protocolVersion,
    cells: cells.filter(({ hash }, i) => cells.findIndex((cell) => cell.hash === hash) === i),
    engine: engine.text,
    quick: request.quick,
    ...measurement,
    checkpointSeconds: secondsIn(request.checkpointEvery ?? "30s", "--checkpoint-every"),
    ...(request.data === undefined ? {} : { data: request.data }),
    plugins: request.plugins.map(({ spec }) => spec),
  };
  return { plan, matrix, seeds, tasks, engine, notes };
}

const nothingFits = (notes: readonly string[]) =>
  mistake(`estimators and tasks: at least one pair must fit, got none; ${notes.join("; ")}`);

export interface Pair {
  readonly task: TaskChoice;
  readonly estimator: EstimatorChoice;
}

/** The pairs that fit; those that do not are a mistake, or left out with a note when a pattern chose them. */
export function judgePairs({ tasks, estimators }: Matrix): { pairs: Pair[]; notes: string[] } {
  const notes: string[] = [];
  const pairs: Pair[] = [];
  for (const task of tasks) {
    for (const estimator of estimators) {
      const why = refusal(task, estimator, settingsOf(estimator));
      if (why === undefined) pairs.push({ task, estimator });
      else if (estimator.byPattern) notes.push(`left out: ${why}`);
      else throw mistake(why);
    }
  }
  if (pairs.length === 0) throw nothingFits(notes);
  return { pairs, notes };
}

/** Each pair's task with its data, by label. */
export async function createTasks(pairs: readonly Pair[], folder?: string): Promise<Map<string, Task>> {
  const tasks = new Map<string, Task>();
  for (const { task: choice } of pairs)
    if (!tasks.has(choice.label)) {
      const { label, definition, settings } = choice;
      tasks.set(label, await definition.create(settings, folder === undefined ? {} : { folder }));
    }
  return tasks;
}

/** As `judgePairs`, of what is known only once the tasks are made: the bounds that they offer. */
export function judgeBounds(pairs: readonly Pair[], tasks: ReadonlyMap<string, Task>) {
  const notes: string[] = [];
  const fitting = pairs.filter((pair) => {
    const why = missingBound(pair, tasks.get(pair.task.label)!);
    if (why !== undefined && !pair.estimator.byPattern) throw mistake(why);
    if (why !== undefined) notes.push(`left out: ${why}`);
    return why === undefined;
  });
  if (fitting.length === 0) throw nothingFits(notes);
  return { pairs: fitting, notes };
}

/** Why an estimator of a multi-sample bound does not fit a task. */
function missingBound({ task: { label }, estimator }: Pair, task: Task): string | undefined {
  const { objective } = estimator.entry.estimator.claims;
  if (objective !== "multi-sample" || task.bound === "sampled") return undefined;
  return `${estimator.label} on ${label}: the task must offer a multi-sample bound (its objective), got none`;
}

/** Defaults, what the task provides for them, and the given options. */
export function settingsOf({ entry, given }: EstimatorChoice, task?: Task): Settings {
  const specs = entry.estimator.options as OptionSpecs;
  const provided = task?.temperature;
  const preset = Object.fromEntries(
    Object.entries(specs)
      .filter(([, spec]) => spec.fromTask === true && provided !== undefined)
      .map(([name]) => [name, provided!]),
  );
  return resolveOptions(given, { who: entry.name, specs, preset });
}

interface Limits {
  readonly steps?: number;
  readonly evaluations?: number;
  readonly seconds?: number;
}

function readLimits({ steps, evaluations, timeLimit, quick: short }: Request): Limits {
  return {
    ...(steps !== undefined ? { steps: countIn(steps, "--steps") } : short ? { steps: quick.steps } : {}),
    ...(evaluations === undefined ? {} : { evaluations: countIn(evaluations, "--evals") }),
    ...(timeLimit === undefined ? {} : { seconds: secondsIn(timeLimit, "--time-limit") }),
  };
}

/** The first limit wins. The task's own number of steps holds only where neither steps nor evaluations are given. */
function budgetOf({ steps, evaluations, seconds }: Limits, usualSteps: number, forward: number): Budget {
  const enough =
    evaluations === undefined ? Infinity : Math.max(1, Math.floor(evaluations / Math.max(forward, 1)));
  const given = steps ?? (evaluations === undefined ? usualSteps : Infinity);
  return {
    steps: Math.min(given, enough),
    ...(evaluations === undefined ? {} : { evaluations }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

function measurementOf({ quick: short, boundRows: asked }: Request): Measurement {
  const { logPoints, evaluation, boundSamples, gradients } = short ? quick : usual;
  const boundRows: Rows =
    asked === undefined ? evaluation.boundRows : asked === "all" ? "all" : countIn(asked, "--bound-rows");
  return { logPoints, evaluation: { ...evaluation, boundRows }, boundSamples, gradients };
}

function cellsOf(
  { task: choice, estimator }: Pair,
  task: Task,
  seeds: readonly number[],
  limits: Limits,
  {
    measurement,
    engine,
    taskLabel = choice.label,
  }: { measurement: Measurement; engine: string; taskLabel: string | undefined },
): PlannedCell[] {
  const { entry } = estimator;
  const { claims } = entry.estimator;
  const settings = settingsOf(estimator, task);
  const { forward, backward } = claims.evaluations(task.sites, settings);
  if (![forward, backward].every((count) => Number.isFinite(count) && count >= 0)) {
    throw mistake(
      `${entry.name}: claims.evaluations must give two numbers from 0, got ${forward} and ${backward}`,
    );
  }
  const budget = budgetOf(limits, defaultSteps(choice.definition, choice.settings), forward);
  return seeds.map((seed) => {
    const resolved = {
      protocol: protocolVersion,
      task: { name: task.name, version: choice.definition.version, options: choice.settings },
      estimator: { name: entry.name, source: entry.sourceHash(), options: settings },
      seed,
      budget,
      engine,
      data: task.sums,
      measurement,
    };
    return {
      hash: hashOf(resolved),
      task: task.name,
      taskOptions: choice.given,
      taskSettings: choice.settings,
      estimator: entry.name,
      estimatorOptions: estimator.given,
      estimatorSettings: settings,
      label: estimator.label,
      ...{ taskKey: choice.label, taskLabel },
      seed,
      budget,
      resolved,
    };
  });
}
