/** From a request to a plan: data loaded, options resolved, pairs judged, and a hash for every cell. */
import type { PublishedRecord, TunedRecord } from "../../reports/format/records.ts";
import type { Settings } from "../../estimators/estimator.ts";
import { defaultDataSet } from "../../tasks/data/data-set-names.ts";
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
import { countIn, numberIn, secondsIn } from "../options/quantities.ts";
import { parseSeeds } from "../options/selection.ts";
import { unknownName } from "../options/suggest.ts";
import type { Matrix } from "./matrix.ts";
import { selectPairs, settingsOf, type PlannedPair } from "./choose-pairs.ts";
import {
  protocolVersion,
  quick,
  usual,
  type Budget,
  type Measurement,
  type Plan,
  type PlannedCell,
} from "./plan.ts";
import { versionOf, type Registry } from "./registry.ts";
import type { Request } from "./request.ts";

export interface Prepared {
  readonly plan: Plan;
  readonly matrix: Matrix;
  readonly seeds: readonly number[];
  /** Tasks with their data, by `taskKey`. */
  readonly tasks: ReadonlyMap<string, Task>;
  readonly engine: EngineChoice;
  /** Sentences for the user, such as which pairs are skipped. */
  readonly notes: readonly string[];
  /** Values that papers print for these cells; reports draw them beside the measured ones. */
  readonly published?: readonly PublishedRecord[];
  /** The values of `--target` by the labels of their tasks. */
  readonly targets: Readonly<Record<string, number>>;
  /** The trials of `--tune` by which options of these cells were chosen. */
  readonly tuned?: readonly TunedRecord[];
}

/** Plans a run. Errors in the request are found before data are loaded, and faults of data before anything runs. */
export async function prepare(request: Request, registry: Registry): Promise<Prepared> {
  const engine = chooseEngine(request.engine ?? defaultEngine);
  const seeds = parseSeeds(request.seeds ?? String(request.quick ? quick.seeds : usual.seeds));
  const limits = limitsOf(request);
  const measurement = request.measurement ?? measurementOf(request);
  const checkpointSeconds = secondsIn(request.checkpointEvery ?? usual.checkpointEvery, "--checkpoint-every");
  const version = engineVersion(engine);
  const { matrix, pairs, tasks, notes } = await selectPairs(request, registry);
  const { taskLabel, share } = request;
  const shared = { measurement, engine: `${resolvedText(engine)}, ${version}`, taskLabel, share };
  const cells = pairs.flatMap((pair) => cellsOf(pair, tasks.get(pair.task.label)!, seeds, limits, shared));
  const plan: Plan = {
    protocol: protocolVersion,
    cells: cells.filter(({ hash }, i) => cells.findIndex((cell) => cell.hash === hash) === i),
    engine: engine.text,
    quick: request.quick,
    ...measurement,
    checkpointSeconds,
    ...(request.data === undefined ? {} : { data: request.data }),
    plugins: request.plugins.map(({ spec }) => spec),
  };
  const targets = targetsOf(request.targets ?? [], plan.cells);
  return { plan, matrix, seeds, tasks, engine, notes, targets };
}

/** Reads `cat10=-120`, or a value for the only task. A task is named by its label, or by its name for all its variants. */
function targetsOf(texts: readonly string[], cells: readonly PlannedCell[]): Record<string, number> {
  const labels = [...new Set(cells.map(({ taskLabel }) => taskLabel))];
  const targets: Record<string, number> = {};
  for (const text of texts) {
    const equals = text.lastIndexOf("=");
    const name = text.slice(0, Math.max(0, equals)).trim();
    const value = numberIn(text.slice(equals + 1), "--target");
    if (name === "" && labels.length > 1)
      throw mistake(`--target: name the task of ${text}, as in ${labels[0]}=${value}.`);
    const named = cells.filter((cell) => name === "" || cell.taskLabel === name || cell.task === name);
    if (named.length === 0) throw unknownName("task of --target:", name, labels);
    for (const { taskLabel } of named) targets[taskLabel] = value;
  }
  return targets;
}

function limitsOf({ steps, evaluations, timeLimit, quick: short }: Request): Partial<Budget> {
  return {
    ...(steps !== undefined ? { steps: countIn(steps, "--steps") } : short ? { steps: quick.steps } : {}),
    ...(evaluations === undefined ? {} : { evaluations: countIn(evaluations, "--evals") }),
    ...(timeLimit === undefined ? {} : { seconds: secondsIn(timeLimit, "--time-limit") }),
  };
}

/** The first limit wins. The task's usual steps count only where neither steps nor evaluations are limited. */
function budgetOf(limits: Partial<Budget>, usualSteps: number, forward: number): Budget {
  const { evaluations } = limits;
  const enough =
    evaluations === undefined ? Infinity : Math.max(1, Math.floor(evaluations / Math.max(forward, 1)));
  const steps = limits.steps ?? (evaluations === undefined ? usualSteps : Infinity);
  return { ...limits, steps: Math.min(steps, enough) };
}

/** A share of a budget: at least one step. */
function shareOf({ steps, evaluations, seconds }: Budget, share: number): Budget {
  return {
    steps: Math.max(1, Math.round(steps * share)),
    ...(evaluations === undefined ? {} : { evaluations: Math.max(1, Math.round(evaluations * share)) }),
    ...(seconds === undefined ? {} : { seconds: seconds * share }),
  };
}

function measurementOf({ quick: short, boundRows: rows }: Request): Measurement {
  const { logPoints, evaluation, boundSamples, gradients } = short ? quick : usual;
  const boundRows =
    rows === undefined ? evaluation.boundRows : rows === "all" ? rows : countIn(rows, "--bound-rows");
  return { logPoints, evaluation: { ...evaluation, boundRows }, boundSamples, gradients };
}

interface Shared {
  readonly measurement: Measurement;
  /** The engine with its changed options and the version of its library. */
  readonly engine: string;
  readonly taskLabel: string | undefined;
  readonly share: number | undefined;
}

/** Cells of the default data set keep the hashes that they had before there were others. */
function hashed({ dataset, ...options }: Settings): Settings {
  return dataset === undefined || dataset === defaultDataSet ? options : { dataset, ...options };
}

/** A cell for each seed. */
function cellsOf(
  { task: choice, estimator, taskLabel: ofPair }: PlannedPair,
  task: Task,
  seeds: readonly number[],
  limits: Partial<Budget>,
  { measurement, engine, taskLabel = ofPair ?? choice.label, share }: Shared,
): PlannedCell[] {
  const { entry } = estimator;
  const settings = settingsOf(estimator, task);
  const { forward, backward } = entry.estimator.claims.evaluations(task.sites, settings);
  if (![forward, backward].every((count) => Number.isFinite(count) && count >= 0))
    throw mistake(
      `${entry.name}: claims.evaluations must return two numbers, at least 0, got ${forward} and ${backward}.`,
    );
  const whole = budgetOf(limits, defaultSteps(choice.definition, choice.settings), forward);
  const budget = share === undefined ? whole : shareOf(whole, share);
  const version = versionOf(choice.definition);
  return seeds.map((seed) => {
    const resolved = {
      protocol: protocolVersion,
      task: { name: task.name, version, options: hashed(choice.settings) },
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
      taskOptions: choice.options,
      taskSettings: choice.settings,
      estimator: entry.name,
      estimatorOptions: estimator.options,
      estimatorSettings: settings,
      label: estimator.label,
      taskKey: choice.label,
      taskLabel,
      seed,
      budget,
      resolved,
    };
  });
}
