/** What `bench check` tests, chosen alike in the command's own process and in the processes that help it. */
import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";
import { chooseEngine, openEngine } from "../engine/index.ts";
import type { Engine } from "../engine/engine.ts";
import { mistake } from "../errors.ts";
import { readOptions, resolveOptions } from "../options/resolve.ts";
import { matching, parseSelections, type Selection, writeSelection } from "../options/selection.ts";
import { chooseTasks } from "../plan/matrix.ts";
import { type EstimatorEntry, openRegistry, type Registry, resolveEntry } from "../plan/registry.ts";
import { findPlugin, isPath, type NamedPlugin } from "../plugins/find-plugin.ts";
import type { LabelledEstimator } from "../variance/gradient-draws.ts";
import { checkTask } from "./check-task.ts";
import { checkEstimator } from "./index.ts";
import type { CheckOptions, CheckReport } from "./run-checks.ts";

/** Plain data, so that another process can choose the same. */
export interface CheckRequest {
  /** Estimators or tasks with options, or files of plug-ins. */
  readonly names: readonly string[];
  /** Tasks with options. */
  readonly tasks?: readonly string[];
  readonly plugins: readonly NamedPlugin[];
  /** The folder of files in `names`. */
  readonly folder: string;
  /** The folder of IDX files of `--data`. */
  readonly data?: string;
}

/** An estimator or a task. */
export interface Checked {
  readonly label: string;
  readonly title: string;
  readonly check: (engine: Engine, options?: CheckOptions) => Promise<CheckReport>;
}

/** The engine of all checks, which runs tensor by tensor. */
export const openCheckEngine = () => openEngine(chooseEngine("wasm"));

/** The estimators and tasks that are named, with their options; a file is loaded as a plug-in. */
export async function chooseChecked(request: CheckRequest): Promise<Checked[]> {
  const { names, tasks = [], plugins, folder } = request;
  const named = parseSelections(names, "bench check");
  if (named.length === 0 && tasks.length === 0)
    throw mistake("bench check expects the name of an estimator or a task, for example rebar.");
  const files = named.flatMap(({ name }) => (isPath(name) ? [{ spec: name, folder }] : []));
  const registry = await openRegistry([...plugins, ...files]);
  const fromNames = named.flatMap((selection) => chosenBy(selection, registry, request));
  return [...fromNames, ...(tasks.length === 0 ? [] : tasksOf(tasks, registry, request))];
}

/** What a name, a pattern or a file means; a pattern means tasks only where it matches no estimator. */
function chosenBy({ name, options }: Selection, registry: Registry, request: CheckRequest): Checked[] {
  const { estimators, tasks } = registry;
  const asTasks = (chosen: Registry["tasks"]) =>
    chosen.flatMap((one) => tasksOf([writeSelection(one.name, options)], registry, request));
  const asEstimators = (chosen: Registry["estimators"]) =>
    chosen.map((entry) => checkedEstimator(entry, options, registry));
  if (isPath(name)) {
    const path = findPlugin({ spec: name, folder: request.folder });
    const own = estimators.filter(({ source }) => source === path);
    return [...asEstimators(own), ...asTasks(tasks.filter(({ plugin }) => plugin?.source === path))];
  }
  const found = matching(name, "estimator or task", [...estimators, ...tasks]);
  const chosen = found.filter((one): one is EstimatorEntry => "estimator" in one);
  return chosen.length > 0 ? asEstimators(chosen) : asTasks(found.filter((one) => "create" in one));
}

/** A candidate with the options that were written; others have their value in `preset`, if the estimator has them, or the default. */
export function labelledEstimator(
  candidate: EstimatorEntry,
  written: Selection["options"],
  registry: Registry,
  preset: Settings = {},
): LabelledEstimator {
  const { name, estimator } = resolveEntry(candidate, written, registry);
  const specs = estimator.options as OptionSpecs;
  const known = Object.entries(preset).filter(([option]) => Object.hasOwn(specs, option));
  const scope = { who: name, specs, preset: Object.fromEntries(known) };
  const given = readOptions(written, scope);
  return { estimator, settings: resolveOptions(given, scope), label: writeSelection(name, given) };
}

function checkedEstimator(
  candidate: EstimatorEntry,
  written: Selection["options"],
  registry: Registry,
): Checked {
  const tested = labelledEstimator(candidate, written, registry);
  const { label, estimator } = tested;
  return {
    label,
    title: estimator.title,
    check: (engine, options) => checkEstimator(tested, engine, options),
  };
}

const tasksOf = (texts: readonly string[], registry: Registry, { data }: CheckRequest): Checked[] =>
  chooseTasks(texts, registry).map(({ definition, settings, label }) => ({
    label,
    title: definition.title,
    check: (engine, options) =>
      checkTask({ definition, settings, label }, engine, data === undefined ? {} : { folder: data }, options),
  }));
