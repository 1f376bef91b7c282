/** From a request to the tasks and estimators that it names, with their options checked. Loads no data. */
import type { OptionSpecs, OptionValue, Settings } from "../../estimators/estimator.ts";
import { mistake } from "../errors.ts";
import {
  declaredName,
  optionName,
  readOptions,
  resolveOptions,
  type OptionScope,
} from "../options/resolve.ts";
import {
  fits,
  isGlob,
  matching,
  parseGrid,
  parseSelections,
  writeSelection,
  type Grid,
} from "../options/selection.ts";
import { resolveEntry, type EstimatorEntry, type Registry, type TaskEntry } from "./registry.ts";
import type { Request } from "./request.ts";

export interface TaskChoice {
  readonly definition: TaskEntry;
  /** The options that the request names. */
  readonly options: Settings;
  /** All options: those of the request, of the variant and the defaults. */
  readonly settings: Settings;
  readonly label: string;
}

export interface EstimatorChoice {
  readonly entry: EstimatorEntry;
  /** The options that the request names. */
  readonly options: Settings;
  readonly label: string;
  /** Chosen by a pattern: skipped with a note, not an error, on tasks that it does not support. */
  readonly byPattern: boolean;
}

export interface Matrix {
  readonly tasks: readonly TaskChoice[];
  readonly estimators: readonly EstimatorChoice[];
}

export function chooseMatrix(request: Request, registry: Registry): Matrix {
  const grids = request.grids.map(parseGrid);
  const used = new Set<Grid>();
  const tasks = chooseTasks(request.tasks, registry, grids, used);
  const estimators = select("estimator", request.estimators, registry.estimators, grids, used, {
    specsOf: ({ estimator }) => estimator.options as OptionSpecs,
    resolve: (entry, options) => resolveEntry(entry, options, registry),
  });
  const unused = grids.find((grid) => !used.has(grid));
  if (unused !== undefined) {
    const names = [...estimators.map(({ item }) => item.name), ...tasks.map(({ definition }) => definition.name)].join(", "); // prettier-ignore
    throw mistake(`--grid: "${unused.name}.${unused.key}" is no option of ${names}.`);
  }
  const sites = tasks.flatMap(({ definition, settings }) => definition.sites(settings));
  const onSites = ({ estimator, ...entry }: EstimatorEntry): EstimatorEntry => ({
    ...entry,
    estimator: estimator.on?.(sites) ?? estimator,
  });
  return {
    tasks,
    estimators: distinct(estimators.map(({ item, ...choice }) => ({ entry: onSites(item), ...choice }))),
  };
}

/** The tasks that texts such as `cat10:variant=blog` name. */
export const chooseTasks = (
  texts: readonly string[],
  registry: Registry,
  grids: readonly Grid[] = [],
  used = new Set<Grid>(),
): TaskChoice[] =>
  distinct(
    select("task", texts, registry.tasks, grids, used, {
      specsOf: ({ options }) => options,
      resolve: (definition) => definition,
    }).map(({ item, options, label }) => taskChoice(item, options, label)),
  );

interface Selected<C> {
  readonly item: C;
  readonly options: Settings;
  readonly label: string;
  readonly byPattern: boolean;
}

interface Access<C> {
  readonly specsOf: (item: C) => OptionSpecs;
  /** The item that the options mean: a combinator gets its inner estimator. */
  readonly resolve: (item: C, options: Readonly<Record<string, OptionValue>>) => C;
}

function select<C extends { readonly name: string; readonly title: string }>(
  kind: "task" | "estimator",
  texts: readonly string[],
  candidates: readonly C[],
  grids: readonly Grid[],
  used: Set<Grid>,
  { specsOf, resolve }: Access<C>,
): Selected<C>[] {
  const selections = parseSelections(texts, `--${kind}`);
  if (selections.length === 0)
    throw mistake(`--${kind} is required, for example ${kind === "task" ? "-t cat10" : "-e gs"}.`);
  return selections.flatMap(({ name, options: written }) =>
    matching(name, kind, candidates).flatMap((candidate) => {
      const first = resolve(candidate, written);
      const scope = { who: first.name, specs: specsOf(first) };
      // A grid of a pattern varies the items that have the option; a grid of a name requires the option.
      const applicable = grids.filter(
        (grid) =>
          (fits(first.name, grid.name) || grid.name === name) &&
          (!isGlob(grid.name) || declaredName(grid.key, scope.specs) !== undefined),
      );
      for (const grid of applicable) used.add(grid);
      return withGrids(readOptions(written, scope), applicable, scope).map((options) => {
        const item = resolve(candidate, options);
        readOptions(options, { who: item.name, specs: specsOf(item) });
        return { item, options, label: writeSelection(item.name, options), byPattern: isGlob(name) };
      });
    }),
  );
}

/** The options with every combination of the values of the grids. */
function withGrids(options: Settings, grids: readonly Grid[], scope: OptionScope): Settings[] {
  let all: Settings[] = [options];
  for (const { key, values } of grids) {
    const name = optionName(key, scope);
    if (Object.hasOwn(options, name))
      throw mistake(`--grid: "${name}" of ${scope.who} is already given as an option.`);
    all = all.flatMap((settings) =>
      values.map((value) => ({ ...settings, ...readOptions({ [name]: value }, scope) })),
    );
  }
  return all;
}

function taskChoice(definition: TaskEntry, options: Settings, label: string): TaskChoice {
  const { name: who, options: specs, variants } = definition;
  const variant = options["variant"] ?? specs["variant"]?.default;
  const preset = variants?.[String(variant)] ?? {};
  return { definition, options, settings: resolveOptions(options, { who, specs, preset }), label };
}

/** The first choice of each label. */
export function distinct<C extends { readonly label: string }>(choices: readonly C[]): C[] {
  return choices.filter((choice, i) => choices.findIndex(({ label }) => label === choice.label) === i);
}
