/** What there is to choose from: the built-in estimators and tasks, and the plug-ins that were named. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Combinator } from "../../estimators/wrappers/wrapper.ts";
import type { Estimator } from "../../estimators/estimator.ts";
import type { TaskDefinition } from "../../tasks/task.ts";
import { combinedEntry } from "./wrapped-estimators.ts";
import { mistake } from "../errors.ts";
import { findPlugin, loadPlugin } from "../plugins/load.ts";
import { sourceHash } from "../plugins/source-hash.ts";

export interface EstimatorEntry {
  readonly estimator: Estimator;
  readonly name: string;
  readonly title: string;
  readonly aliases: readonly string[];
  /** The file it is in: relative to the package for a built-in one, absolute for a plug-in. */
  readonly source: string;
  readonly plugin: boolean;
  /** SHA-256 of that file; of a plug-in, of those near it too that it is made of. */
  readonly sourceHash: () => string;
  /** Of a combinator: what it is without the inner estimator, and the hash of its file alone. */
  readonly combinator?: Combinator;
  readonly own?: () => string;
}

export interface Registry {
  readonly estimators: readonly EstimatorEntry[];
  readonly tasks: readonly TaskDefinition[];
}

/** A plug-in as it was named, and the folder from which to look for it. */
export interface NamedPlugin {
  readonly spec: string;
  readonly folder: string;
}

export async function openRegistry(plugins: readonly NamedPlugin[] = []): Promise<Registry> {
  const [{ combinators, estimators }, { tasks }] = await Promise.all([
    import("../../estimators/index.ts"),
    import("../../tasks/index.ts"),
  ]);
  const plain = estimators.map(builtIn);
  const entries = [...plain, ...combinators.map((combinator) => combination(combinator, plain))];
  const paths = new Set<string>();
  for (const { spec, folder } of plugins) {
    const path = findPlugin(spec, folder);
    if (paths.has(path)) continue;
    paths.add(path);
    const { toolkit } = await import("../../estimators/core/toolkit.ts");
    const { estimator, sourceHash } = await loadPlugin(spec, folder, toolkit);
    const taken = entries.find(({ name }) => name === estimator.name);
    if (taken !== undefined) {
      const whose = taken.plugin ? `the plug-in ${taken.source}` : "a built-in estimator";
      throw mistake(
        `plug-in ${spec}: its name must be its own, got "${estimator.name}", the name of ${whose}`,
      );
    }
    entries.push(entryOf(estimator, path, true, () => sourceHash));
  }
  return { estimators: entries, tasks };
}

function builtIn(estimator: Estimator): EstimatorEntry {
  const { source, hash } = fileOf(estimator.name);
  return entryOf(estimator, source, false, hash);
}

/** The file that defines a built-in estimator or combinator. */
function fileOf(name: string, folder = "estimators") {
  const source = `${folder}/${name}${extname(import.meta.url)}`;
  const path = fileURLToPath(new URL(`../../${source}`, import.meta.url));
  return { source, hash: () => sourceHash(path) };
}

/** A combinator with the estimator that is the default of its option `of`. */
function combination(combinator: Combinator, plain: readonly EstimatorEntry[]): EstimatorEntry {
  const { name, title, aliases = [], options } = combinator;
  const { source, hash } = fileOf(name, "estimators/wrappers");
  const inner = plain.find((entry) => entry.name === options["of"]!.default)!;
  return combinedEntry(combinator, inner, {
    name,
    title,
    aliases,
    source,
    plugin: false,
    own: hash,
    sourceHash: hash,
  });
}

function entryOf(
  estimator: Estimator,
  source: string,
  plugin: boolean,
  sourceHash: () => string,
): EstimatorEntry {
  const { name, title, aliases = [] } = estimator;
  return { estimator, name, title, aliases, source, plugin, sourceHash };
}
