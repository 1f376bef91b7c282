/** The options that ranges vary, for each pair of task and estimator, and the settings to try. */
import type { OptionSpec, OptionSpecs, Settings } from "../../estimators/estimator.ts";
import { key, uniformAt } from "../../tasks/noise.ts";
import { mistake } from "../errors.ts";
import { primes, type OptionRange } from "../options/ranges.ts";
import { declaredName, optionName, readOption } from "../options/resolve.ts";
import { fits, isGlob } from "../options/selection.ts";
import { unknownName } from "../options/suggest.ts";
import type { EstimatorChoice, Matrix, TaskChoice } from "../plan/matrix.ts";

/** An option of a task or an estimator, with its range. */
export interface TunedOption {
  readonly of: "task" | "estimator";
  readonly option: string;
  readonly range: OptionRange;
  readonly integer: boolean;
  /** Its dimension of the search. The same range is the same dimension for all, so that all try the same values. */
  readonly dimension: number;
}

/** A task or an estimator of the request. */
interface Owner {
  readonly of: TunedOption["of"];
  readonly label: string;
  readonly names: readonly string[];
  readonly specs: OptionSpecs;
  readonly given: Settings;
}

const ownerOfTask = ({ definition, label, options }: TaskChoice): Owner => ({
  ...{ of: "task", label, names: [definition.name, ...(definition.aliases ?? [])] },
  ...{ specs: definition.options, given: options },
});

const ownerOfEstimator = ({ entry, label, options }: EstimatorChoice): Owner => ({
  ...{ of: "estimator", label, names: [entry.name, ...entry.aliases] },
  ...{ specs: entry.estimator.options as OptionSpecs, given: options },
});

/**
 * The tuned options of each task and of each estimator, by label. A range without a name is of all tasks; one with a name
 * is of that estimator or task alone, and with a pattern of those that have the option.
 */
export function tunedOptions(ranges: readonly OptionRange[], { tasks, estimators }: Matrix) {
  const owners = [...tasks.map(ownerOfTask), ...estimators.map(ownerOfEstimator)];
  const found = new Map(owners.map((owner) => [owner, [] as TunedOption[]]));
  for (const [dimension, range] of ranges.entries())
    for (const owner of ownersOf(range, owners)) {
      const tuned = { ...tunedOption(owner, range), dimension };
      if (found.get(owner)!.some(({ option }) => option === tuned.option))
        throw mistake(`--tune: "${tuned.option}" of ${owner.label} is given twice.`);
      found.get(owner)!.push(tuned);
    }
  const ofKind = (of: Owner["of"], label: string) =>
    [...found].find(([owner]) => owner.of === of && owner.label === label)?.[1] ?? [];
  return (task: string, estimator: string) => [...ofKind("task", task), ...ofKind("estimator", estimator)];
}

/** Those that a range varies. */
function ownersOf({ name, key: written }: OptionRange, owners: readonly Owner[]): Owner[] {
  const has = ({ specs }: Owner) => declaredName(written, specs) !== undefined;
  if (name === undefined) {
    const tasks = owners.filter(({ of }) => of === "task");
    if (!tasks.some(has)) {
      const known = owners.flatMap(({ of, names: [first], specs }) =>
        Object.keys(specs).map((option) => (of === "task" ? option : `${first}.${option}`)),
      );
      throw unknownName("option of --tune:", written, [...new Set(known)]);
    }
    const without = tasks.find((owner) => !has(owner));
    if (without === undefined) return tasks;
    const one = tasks.find(has)!.names[0]!;
    throw mistake(
      `--tune: ${without.label} has no option "${written}"; name the task that has it, as in ${one}.${written}.`,
    );
  }
  const named = owners.filter(({ names }) => names.some((own) => fits(own, name)));
  if (named.length === 0)
    throw unknownName(
      "estimator or task of --tune:",
      name,
      owners.map(({ names }) => names[0]!),
    );
  const chosen = isGlob(name) ? named.filter(has) : named;
  if (chosen.length > 0) return chosen;
  throw mistake(
    `--tune: "${name}.${written}" is no option of ${named.map(({ label }) => label).join(", ")}.`,
  );
}

const isNumeric = ({ schedule, choices, default: usual }: OptionSpec) =>
  schedule === true || (typeof usual === "number" && choices === undefined);

function tunedOption({ of, label, names, specs, given }: Owner, range: OptionRange) {
  const option = optionName(range.key, { who: names[0]!, specs });
  const spec = specs[option]!;
  if (Object.hasOwn(given, option))
    throw mistake(`--tune: "${option}" of ${label} is already given as an option.`);
  if (!isNumeric(spec))
    throw mistake(
      `--tune: "${option}" of ${label} is not a number; try its values with --grid '${names[0]}.${option}=A|B'.`,
    );
  for (const end of [range.low, range.high]) readOption(`--tune: ${option} of ${label}`, spec, end);
  return { of, option, range, integer: spec.integer === true };
}

/** The digits of a whole number in a base, mirrored at the point: van der Corput's sequence. */
function radicalInverse(index: number, base: number): number {
  let [value, digit] = [0, 1 / base];
  for (let rest = index; rest > 0; rest = Math.floor(rest / base), digit /= base)
    value += (rest % base) * digit;
  return value;
}

/** Point `index` of a Halton sequence, each coordinate shifted by a random number of the seed and taken modulo 1. */
export function haltonPoint(index: number, dimension: number, seed: number): number {
  return (radicalInverse(index, primes[dimension]!) + uniformAt(key("tune", seed, dimension), 0)) % 1;
}

function valueAt({ range: { low, high, log }, integer }: TunedOption, u: number): number {
  const top = integer ? high + 1 : high;
  const value = log ? low * (top / low) ** u : low + u * (top - low);
  const rounded = integer ? Math.floor(value) : Number(value.toPrecision(4));
  return Math.min(high, Math.max(low, rounded));
}

/** Points of the sequence that are looked at for each setting: a few whole numbers have fewer settings than trials. */
const patience = 100;

/** So many different settings of the options, or all that there are: a value for each option. None where nothing is tuned. */
export function settingsToTry(options: readonly TunedOption[], count: number, seed: number): number[][] {
  const found = new Map<string, number[]>();
  for (let i = 1; i <= patience * count && found.size < count && options.length > 0; i++) {
    const values = options.map((one) => valueAt(one, haltonPoint(i, one.dimension, seed)));
    if (!found.has(String(values))) found.set(String(values), values);
  }
  return [...found.values()];
}
