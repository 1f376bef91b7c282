/** The estimators that `bench check` tests, chosen alike in the command's own process and in the processes that help it. */
import type { OptionSpecs } from "../../estimators/estimator.ts";
import { chooseEngine, openEngine } from "../engine/index.ts";
import { mistake } from "../errors.ts";
import { readOptions, resolveOptions } from "../options/resolve.ts";
import { matching, parseSelections, writeSelection } from "../options/selection.ts";
import { openRegistry, resolveEntry } from "../plan/registry.ts";
import { findPlugin, isPath, type NamedPlugin } from "../plugins/find-plugin.ts";
import type { LabelledEstimator } from "../variance/gradient-draws.ts";

/** Plain data, so that another process can choose the same. */
export interface CheckRequest {
  /** Estimators with options, or files of plug-ins. */
  readonly names: readonly string[];
  readonly plugins: readonly NamedPlugin[];
  /** The folder of files in `names`. */
  readonly folder: string;
}

interface TestedEstimator extends LabelledEstimator {
  readonly title: string;
}

/** The engine of all checks, which runs tensor by tensor. */
export const openCheckEngine = () => openEngine(chooseEngine("wasm"));

/** The named estimators with their options; a file is loaded as a plug-in. */
export async function chooseChecked({ names, plugins, folder }: CheckRequest): Promise<TestedEstimator[]> {
  const named = parseSelections(names, "bench check");
  if (named.length === 0) throw mistake("bench check expects the name of an estimator, for example rebar.");
  const files = named.flatMap(({ name }) => (isPath(name) ? [{ spec: name, folder }] : []));
  const registry = await openRegistry([...plugins, ...files]);
  const { estimators } = registry;
  return named.flatMap(({ name, options: written }) => {
    const entries = isPath(name)
      ? estimators.filter(({ source }) => source === findPlugin({ spec: name, folder }))
      : matching(name, "estimator", estimators);
    return entries.map((candidate): TestedEstimator => {
      const entry = resolveEntry(candidate, written, registry);
      const scope = { who: entry.name, specs: entry.estimator.options as OptionSpecs };
      const given = readOptions(written, scope);
      const label = writeSelection(entry.name, given);
      return {
        estimator: entry.estimator,
        title: entry.title,
        settings: resolveOptions(given, scope),
        label,
      };
    });
  });
}
