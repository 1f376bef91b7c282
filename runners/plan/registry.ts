/** The estimators and tasks that can be chosen: the built-in ones and those of plug-ins. */
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Estimator, OptionValue } from "../../estimators/estimator.ts";
import { type Combinator, innerOptions } from "../../estimators/wrappers/wrapper.ts";
import type { TaskDefinition } from "../../tasks/task.ts";
import { mistake } from "../errors.ts";
import { sha256 } from "../hash.ts";
import { matching } from "../options/selection.ts";
import { findPlugin, type NamedPlugin } from "../plugins/find-plugin.ts";
import { sourceHash } from "../plugins/source-hash.ts";

export interface EstimatorEntry {
  readonly estimator: Estimator;
  readonly name: string;
  readonly title: string;
  readonly aliases: readonly string[];
  /** The file: relative to the package for a built-in estimator, absolute for a plug-in. */
  readonly source: string;
  readonly plugin: boolean;
  /** SHA-256 of the file and of all files that it uses. */
  readonly sourceHash: () => string;
  /** For an estimator that wraps another one. */
  readonly combinator?: Combinator;
  /** The hash of the combinator's file without that of the inner estimator. */
  readonly combinatorHash?: () => string;
}

export interface TaskEntry extends TaskDefinition {
  /** Where a task of a plug-in comes from: its file, and the SHA-256 of that and of all files that it uses. */
  readonly plugin?: { readonly source: string; readonly hash: string };
}

/** The version of a task. For a plug-in its source is a part of it, because each change may be one of its numbers. */
export const versionOf = ({ version, plugin }: TaskEntry): number | string =>
  plugin === undefined ? version : `${version}, source ${plugin.hash.slice(0, 12)}`;

export interface Registry {
  readonly estimators: readonly EstimatorEntry[];
  readonly tasks: readonly TaskEntry[];
}

export async function openRegistry(plugins: readonly NamedPlugin[] = []): Promise<Registry> {
  const [{ combinators, estimators }, { tasks }] = await Promise.all([
    import("../../estimators/index.ts"),
    import("../../tasks/index.ts"),
  ]);
  const plain = estimators.map((estimator) => ({ estimator, ...builtIn("estimators", estimator) }));
  const entries: EstimatorEntry[] = [...plain, ...combinators.map((one) => withUsualInner(one, plain))];
  const registry = { estimators: entries, tasks: [...tasks] as TaskEntry[] };
  const paths = new Set<string>();
  for (const plugin of plugins) {
    const path = findPlugin(plugin);
    if (!paths.has(path)) await addPlugin(plugin.spec, path, registry);
    paths.add(path);
  }
  return registry;
}

/** Adds what a plug-in defines. Throws where one of its names is taken, even by something of the other kind. */
async function addPlugin(
  spec: string,
  path: string,
  { estimators, tasks }: { readonly estimators: EstimatorEntry[]; readonly tasks: TaskEntry[] },
): Promise<void> {
  const [{ toolkitIn }, { loadPlugin }, { checkedDefinition }] = await Promise.all([
    import("../plugins/plugin-toolkit.ts"),
    import("../plugins/load-plugin.ts"),
    import("../plugins/checked-task.ts"),
  ]);
  const made = await loadPlugin(spec, path, toolkitIn(dirname(path)));
  const refuseTaken = ({ name, aliases = [] }: Pick<TaskDefinition, "name" | "aliases">) => {
    for (const own of [name, ...aliases]) {
      const has = (other: Pick<TaskDefinition, "name" | "aliases">) =>
        other.name === own || other.aliases?.includes(own) === true;
      const estimator = estimators.find(has);
      const task = tasks.find(has);
      if (estimator === undefined && task === undefined) continue;
      const file = estimator?.plugin === true ? estimator.source : task?.plugin?.source;
      const owner =
        file === undefined ? `a built-in ${estimator ? "estimator" : "task"}` : `the plug-in ${file}`;
      throw mistake(`plug-in ${spec}: the name "${own}" is taken by ${owner}.`);
    }
  };
  const hash = sourceHash(path);
  for (const estimator of made.estimators) {
    refuseTaken(estimator);
    const { name, title, aliases = [] } = estimator;
    estimators.push({ estimator, name, title, aliases, source: path, plugin: true, sourceHash: () => hash });
  }
  for (const definition of made.tasks) {
    refuseTaken(definition);
    const who = `plug-in ${spec}: task ${definition.name}`;
    tasks.push({ ...checkedDefinition(who, definition), plugin: { source: path, hash } });
  }
}

/** The entry of a built-in estimator or combinator, without the estimator. */
function builtIn(folder: string, { name, title, aliases = [] }: Estimator | Combinator) {
  const source = `${folder}/${name}${extname(import.meta.url)}`;
  const path = fileURLToPath(new URL(`../../${source}`, import.meta.url));
  return { name, title, aliases, source, plugin: false, sourceHash: () => sourceHash(path) };
}

/** A combinator around the estimator that is the default of its option `of`. */
function withUsualInner(combinator: Combinator, plain: readonly EstimatorEntry[]): EstimatorEntry {
  const entry = builtIn("estimators/wrappers", combinator);
  const inner = plain.find(({ name }) => name === combinator.options["of"]!.default)!;
  return combined(combinator, inner, { ...entry, combinatorHash: entry.sourceHash });
}

/** A combinator around an inner estimator. Its hash covers the files of both. */
function combined(
  combinator: Combinator,
  inner: EstimatorEntry,
  entry: Omit<EstimatorEntry, "estimator" | "combinator"> & { readonly combinatorHash: () => string },
  named: Readonly<Record<string, EstimatorEntry>> = {},
): EstimatorEntry {
  const all = [inner, ...Object.values(named)];
  for (const { estimator } of all) {
    const why = combinator.accepts(estimator);
    if (why !== undefined) throw mistake(`${combinator.name}: ${why}`);
  }
  const ofSites = Object.entries(named).map(([site, { estimator }]) => [site, estimator] as const);
  return {
    ...entry,
    combinator,
    estimator: combinator.combine(inner.estimator, Object.fromEntries(ofSites)),
    sourceHash: () => sha256([entry.combinatorHash(), ...all.map((one) => one.sourceHash())].join(" ")),
  };
}

/** The entry that the options mean: a combinator gets the inner estimators that its option `of` and those of sites name. */
export function resolveEntry(
  entry: EstimatorEntry,
  options: Readonly<Record<string, OptionValue>>,
  registry: Registry,
): EstimatorEntry {
  const { combinator, combinatorHash } = entry;
  if (combinator === undefined || combinatorHash === undefined) return entry;
  const innerOf = (slot: string, written = options[slot]) => {
    const [found] = matching(String(written), "estimator", registry.estimators);
    return resolveEntry(found!, innerOptions(options, slot), registry);
  };
  const isSite = (name: string) => !name.includes(".") && !Object.hasOwn(combinator.options, name);
  const sites = combinator.perSite === true ? Object.keys(options).filter(isSite) : [];
  if (options["of"] === undefined && sites.length === 0) return entry;
  const named = Object.fromEntries(sites.map((site) => [site, innerOf(site)]));
  const inner = innerOf("of", options["of"] ?? combinator.options["of"]!.default);
  return combined(combinator, inner, { ...entry, combinatorHash }, named);
}
