/** What `bench check` tests, chosen alike in the command's own process and in the processes that help it. */
import type { OptionSpecs } from "../../estimators/estimator.ts";
import { chooseEngine, openEngine } from "../engine/index.ts";
import type { Engine } from "../engine/engine.ts";
import { mistake } from "../errors.ts";
import { readOptions, resolveOptions } from "../options/resolve.ts";
import {
  fits,
  isGlob,
  matching,
  parseSelections,
  type Selection,
  writeSelection,
} from "../options/selection.ts";
import { chooseTasks } from "../plan/matrix.ts";
import { type EstimatorEntry, openRegistry, type Registry, resolveEntry } from "../plan/registry.ts";
import { findPlugin, isPath, type NamedPlugin } from "../plugins/find-plugin.ts";
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
  const fromNames = named.flatMap((selection) => {
    const { name, options } = selection;
    if (isPath(name)) return definedIn(selection, registry, request);
    if (isTask(name, registry)) return tasksOf([writeSelection(name, options)], registry, request);
    return matching(name, "estimator or task", [...registry.estimators, ...registry.tasks])
      .filter((one) => "estimator" in one)
      .map((entry) => checkedEstimator(entry, options, registry));
  });
  return [...fromNames, ...(tasks.length === 0 ? [] : tasksOf(tasks, registry, request))];
}

/** Whether a name, or a pattern that no estimator matches, means tasks. */
function isTask(name: string, { estimators, tasks }: Registry): boolean {
  const among = (all: readonly { readonly name: string; readonly aliases?: readonly string[] }[]) =>
    all.some((one) => fits(one.name, name) || (!isGlob(name) && one.aliases?.includes(name)));
  return among(tasks) && !among(estimators);
}

/** The estimators and tasks of a plug-in's file. */
function definedIn({ name: spec, options }: Selection, registry: Registry, request: CheckRequest): Checked[] {
  const path = findPlugin({ spec, folder: request.folder });
  const estimators = registry.estimators.filter(({ source }) => source === path);
  const tasks = registry.tasks.filter(({ plugin }) => plugin?.source === path);
  return [
    ...estimators.map((entry) => checkedEstimator(entry, options, registry)),
    ...tasks.flatMap(({ name }) => tasksOf([writeSelection(name, options)], registry, request)),
  ];
}

function checkedEstimator(
  candidate: EstimatorEntry,
  written: Selection["options"],
  registry: Registry,
): Checked {
  const { name, estimator, title } = resolveEntry(candidate, written, registry);
  const scope = { who: name, specs: estimator.options as OptionSpecs };
  const given = readOptions(written, scope);
  const label = writeSelection(name, given);
  const tested = { estimator, settings: resolveOptions(given, scope), label };
  return { label, title, check: (engine, options) => checkEstimator(tested, engine, options) };
}

const tasksOf = (texts: readonly string[], registry: Registry, { data }: CheckRequest): Checked[] =>
  chooseTasks(texts, registry).map(({ definition, settings, label }) => ({
    label,
    title: definition.title,
    check: (engine, options) =>
      checkTask({ definition, settings, label }, engine, data === undefined ? {} : { folder: data }, options),
  }));
