/** From a request to the pairs of tasks and estimators it means, each option checked; nothing is loaded yet. */
import type { OptionSpecs, OptionValue, Settings } from "../../estimators/estimator.ts";
import type { TaskDefinition } from "../../tasks/task.ts";
import { resolveEntry } from "./wrapped-estimators.ts";
import { mistake } from "../errors.ts";
import { declaredName, optionName, readOptions, resolveOptions } from "../options/resolve.ts";
import type { EstimatorEntry, Registry } from "./registry.ts";
import type { Request } from "./request.ts";
import {
  fits,
  isGlob,
  matching,
  parseGrid,
  parseSelections,
  writeSelection,
  type Grid,
} from "../options/selection.ts";

export interface TaskChoice {
  readonly definition: TaskDefinition;
  readonly given: Settings;
  readonly settings: Settings;
  readonly label: string;
}

export interface EstimatorChoice {
  readonly entry: EstimatorEntry;
  readonly given: Settings;
  readonly label: string;
  /** Chosen by a pattern: left out, with a note, where it does not fit a task. */
  readonly byPattern: boolean;
}

export interface Matrix {
  readonly tasks: readonly TaskChoice[];
  readonly estimators: readonly EstimatorChoice[];
}

export function chooseMatrix(request: Request, registry: Registry): Matrix {
  const grids = request.grids.map(parseGrid);
  const used = new Set<Grid>();
  const tasks = chosen("task", request.tasks, registry.tasks, grids, used, {
    specsOf: ({ options }) => options,
    resolve: (definition) => definition,
  });
  const estimators = chosen("estimator", request.estimators, registry.estimators, grids, used, {
    specsOf: ({ estimator }) => estimator.options as OptionSpecs,
    resolve: (entry, given) => resolveEntry(entry, given, registry),
  });
  const unused = grids.find((grid) => !used.has(grid));
  if (unused !== undefined) {
    const names = [...estimators, ...tasks].map(({ item }) => item.name).join(", ");
    throw mistake(
      `--grid: a grid must vary an option of what runs (${names}), got "${unused.name}.${unused.key}"`,
    );
  }
  return {
    tasks: distinct(tasks.map(({ item, given, label }) => taskChoice(item, given, label))),
    estimators: distinct(
      estimators.map(({ item, given, label, byPattern }) => ({ entry: item, given, label, byPattern })),
    ),
  };
}

interface Chosen<C> {
  readonly item: C;
  readonly given: Settings;
  readonly label: string;
  readonly byPattern: boolean;
}

/** How a candidate's options are read, and which one a choice of options means (a combinator's inner estimator). */
interface Reading<C> {
  readonly specsOf: (item: C) => OptionSpecs;
  readonly resolve: (item: C, given: Readonly<Record<string, OptionValue>>) => C;
}

function chosen<C extends { readonly name: string; readonly title: string }>(
  kind: "task" | "estimator",
  texts: readonly string[],
  candidates: readonly C[],
  grids: readonly Grid[],
  used: Set<Grid>,
  { specsOf, resolve }: Reading<C>,
): Chosen<C>[] {
  const selections = parseSelections(texts, `--${kind}`);
  if (selections.length === 0) {
    const short = kind === "task" ? "-t cat10" : "-e gs";
    throw mistake(`--${kind}: at least one ${kind} must be named (such as ${short}), got none`);
  }
  return selections.flatMap(({ name, options }) =>
    matching(name, kind, candidates).flatMap((candidate) => {
      const first = resolve(candidate, options);
      const origin = { who: first.name, specs: specsOf(first) };
      const given = readOptions(options, origin);
      // A pattern varies those that have the option; a name must have it.
      const ours = grids.filter(
        ({ name: whose, key }) =>
          fits(first.name, whose) && (!isGlob(whose) || declaredName(key, origin.specs) !== undefined),
      );
      for (const grid of ours) used.add(grid);
      return settingsOfGrids(given, ours, origin).map((settings) => {
        const item = resolve(candidate, settings);
        readOptions(settings, { who: item.name, specs: specsOf(item) });
        return { item, given: settings, label: writeSelection(item.name, settings), byPattern: isGlob(name) };
      });
    }),
  );
}

/** The given settings with every combination of the grids' values. */
function settingsOfGrids(
  given: Settings,
  grids: readonly Grid[],
  origin: { who: string; specs: OptionSpecs },
): Settings[] {
  let all: Settings[] = [given];
  for (const { key, values } of grids) {
    const name = optionName(key, origin);
    if (Object.hasOwn(given, name)) {
      throw mistake(
        `--grid: "${name}" of ${origin.who} must be given once, got it as an option and in a grid`,
      );
    }
    all = all.flatMap((settings) =>
      values.map((value) => ({ ...settings, ...readOptions({ [name]: value }, origin) })),
    );
  }
  return all;
}

function taskChoice(definition: TaskDefinition, given: Settings, label: string): TaskChoice {
  const origin = { who: definition.name, specs: definition.options };
  const variant = given["variant"] ?? definition.options["variant"]?.default;
  const preset = definition.variants?.[String(variant)] ?? {};
  return { definition, given, settings: resolveOptions(given, { ...origin, preset }), label };
}

function distinct<C extends { readonly label: string }>(choices: readonly C[]): C[] {
  return choices.filter((choice, i) => choices.findIndex(({ label }) => label === choice.label) === i);
}

/** Why an estimator cannot run on a task, in a sentence, or nothing. */
export function refusal(
  task: TaskChoice,
  { entry, label }: EstimatorChoice,
  settings: Settings,
): string | undefined {
  const { claims } = entry.estimator;
  const sites = task.definition.sites(task.settings);
  const families = [...new Set(sites.map(({ family }) => family.name))];
  const strange = families.find((family) => !claims.families.includes(family));
  const on = `${label} on ${task.label}`;
  if (strange !== undefined) {
    return `${on}: ${entry.name} must meet only ${claims.families.join(" or ")} variables, got ${strange} ones`;
  }
  if (claims.sites === "one" && sites.length > 1) {
    return `${on}: ${entry.name} must meet one stochastic layer (it has no gradient for the layers before), got ${sites.length}`;
  }
  const wide = sites.find(({ family, shape }) => family.variables(shape) > 1);
  if (claims.variables === "one" && wide !== undefined) {
    const count = wide.family.variables(wide.shape);
    return `${on}: ${entry.name} must meet a single variable, got ${count} in layer "${wide.name}"`;
  }
  const why = entry.estimator.supports?.(sites, settings);
  return why === undefined ? undefined : `${on}: ${why}`;
}
