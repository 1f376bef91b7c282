/** Sensitivity: what a grid over options says of an estimator, and what the best of n trials would be. */
import { listed, plural } from "../aggregate/numbers.ts";
import { chooseMeasure, lastValue, latestStage, measured } from "../aggregate/measures.ts";
import type { Cell, Setting as Value } from "../format/records.ts";
import { broken } from "../aggregate/estimator-row.ts";
import { fewestSeeds, intervalOn } from "../aggregate/statistics.ts";
import type { Measure } from "../format/summary.ts";
import { inkFor } from "./palette.ts";
import type { Ink } from "./palette.ts";
import type { SensitivityPanel, Setting } from "./sensitivity.ts";

type Options = Readonly<Record<string, Value>>;

/** A cell under the name it is grouped by: the estimator and the task, each with its options. */
interface Trial {
  readonly cell: Cell;
  readonly name: string;
  readonly options: Options;
}

/** Options of task and estimator together; the task's under `task.` */
const trialOf = (cell: Cell): Trial => {
  const { estimator, estimatorOptions, taskOptions } = cell.record;
  const ofTask = Object.entries(taskOptions).map(([name, value]) => [`task.${name}`, value] as const);
  return { cell, name: estimator, options: { ...estimatorOptions, ...Object.fromEntries(ofTask) } };
};

const written = (name: string, options: Options, without?: string) => {
  const parts = Object.entries(options).flatMap(([key, value]) =>
    key === without ? [] : [`${key}=${value}`],
  );
  return parts.length === 0 ? name : `${name}:${parts.join(",")}`;
};

function grouped<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** Families that differ in this option alone, at two values or more. */
function families(trials: readonly Trial[], option: string): Map<string, Trial[]> {
  const having = trials.filter(({ options }) => Object.hasOwn(options, option));
  const groups = grouped(having, ({ name, options }) => written(name, options, option));
  for (const [family, members] of groups)
    if (new Set(members.map(({ options }) => String(options[option]))).size < 2) groups.delete(family);
  return groups;
}

function settingsOf(
  family: string,
  members: readonly Trial[],
  option: string,
  log: boolean,
  valueOf: (cell: Cell) => number | null,
): Setting[] {
  return [...grouped(members, ({ options }) => String(options[option])).values()].flatMap((same) => {
    const values = same.flatMap(({ cell }) => valueOf(cell) ?? []);
    const x = same[0]!.options[option]!;
    if (values.length === 0) return [];
    const range = intervalOn(log ? "log" : "linear", values);
    return [{ family, x: typeof x === "number" ? x : String(x), ...range, seeds: values.length }];
  });
}

/** The axis of an option's values: logarithmic where they are above zero and span a decade. */
export function acrossOf(xs: readonly Setting["x"][]): SensitivityPanel["across"] {
  if (!xs.every((x) => typeof x === "number")) return "ordinal";
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  return least > 0 && most / least >= 10 ? "log" : "linear";
}

/**
 * A family in the ink of the report's estimator of that name or, failing that, of its first member; inks that are
 * taken fall back to one of their own, past the report's.
 */
function inksOf(families: readonly string[], trials: readonly Trial[], report: readonly Ink[]): Ink[] {
  const spare = inkFor([...report.map(({ label }) => label), ...families]).slice(report.length);
  const taken = new Set<Ink>();
  return families.map((family, index) => {
    const [name] = family.split(":");
    const members = trials.filter((trial) => trial.name === name).map(({ cell }) => cell.record.label);
    const ink = [family, ...members]
      .map((label) => report.find((one) => one.label === label))
      .find((one) => one !== undefined && !taken.has(one));
    if (ink === undefined) return { ...spare[index]!, label: family };
    taken.add(ink);
    return { ...ink, label: family };
  });
}

/** The families of a panel's settings, each with the estimators that it is made of. */
function familiesOf(
  settings: readonly Setting[],
  groups: ReadonlyMap<string, readonly Trial[]>,
  trials: readonly Trial[],
  report: readonly Ink[],
): SensitivityPanel["families"] {
  const names = [...new Set(settings.map(({ family }) => family))];
  return inksOf(names, trials, report).map((ink) => ({
    ...ink,
    members: [...new Set(groups.get(ink.label)?.map(({ cell }) => cell.record.label))],
  }));
}

/** What points and bars are, for as many seeds as there are. */
function bandNote(settings: readonly Setting[], log: boolean): string {
  const most = Math.max(...settings.map(({ seeds }) => seeds));
  const centre = log ? "Geometric mean" : "Mean";
  if (most === 1) return "One seed: no interval.";
  if (most < fewestSeeds) return `${centre} over ${most} seeds, too few for an interval.`;
  return `${centre} over seeds and its 95% interval.`;
}

const unitOf = ({ title, unit }: Measure) => (unit === "" ? title : `${title} (${unit})`);

function optionPanel(
  trials: readonly Trial[],
  option: string,
  measure: Measure,
  valueOf: (cell: Cell) => number | null,
  report: readonly Ink[],
): SensitivityPanel | null {
  const groups = families(trials, option);
  const log = measure.scale === "log";
  const settings = [...groups].flatMap(([family, members]) =>
    settingsOf(family, members, option, log, valueOf),
  );
  const across = acrossOf(settings.map(({ x }) => x));
  if (across !== "ordinal") settings.sort((a, b) => Number(a.x) - Number(b.x));
  if (settings.length < 2) return null;
  const lost = [...groups.values()].flat().filter(({ cell }) => valueOf(cell) === null).length;
  return {
    name: `against ${option}`,
    title: `${measure.title} at the end against ${option}`,
    notes: [
      bandNote(settings, log),
      ...(lost > 0 ? [`${lost} cell${lost === 1 ? "" : "s"} without a value left out.`] : []),
    ],
    x: option.replace(/^task\./, ""),
    y: unitOf(measure),
    scales: [log && settings.every(({ mean: centre }) => centre > 0) ? "log" : "linear"],
    across,
    families: familiesOf(settings, groups, trials, report),
    settings,
  };
}

/**
 * The expected value of the trial that is best on validation among n drawn without replacement, exactly: the one of
 * rank r among N (worst first) is it with probability C(r − 1, n − 1) / C(N, n). (Dodge et al. 2019.)
 */
export function bestOf(
  trials: readonly { readonly chosenBy: number; readonly value: number }[],
  n: number,
): number {
  const sorted = [...trials].sort((a, b) => a.chosenBy - b.chosenBy || 0);
  const N = sorted.length;
  let probability = n / N;
  let expected = 0;
  for (let r = N; r >= n; r--) {
    expected += probability * sorted[r - 1]!.value;
    probability *= (r - n) / Math.max(1, r - 1);
  }
  return expected;
}

function bestPanel(
  trials: readonly Trial[],
  measure: Measure,
  valueOf: (cell: Cell) => number | null,
  report: readonly Ink[],
): SensitivityPanel | null {
  const sign = measure.higherIsBetter ? 1 : -1;
  const log = measure.scale === "log";
  const centre = (values: readonly number[]) => intervalOn(measure.scale, values).mean;
  const chooses = (cell: Cell) => lastValue(cell, measure.metric, "valid") ?? valueOf(cell);
  const validated = trials.some(({ cell }) => lastValue(cell, measure.metric, "valid") !== null);
  const groups = grouped(trials, ({ name }) => name);
  const found = [...groups].map(([family, members]) => {
    const configurations = [...grouped(members, ({ name, options }) => written(name, options)).values()];
    const lost = configurations.filter((same) => same.some(({ cell }) => broken.has(cell.record.state)));
    const whole = configurations.flatMap((same) => {
      if (lost.includes(same)) return [];
      const both = same.flatMap(({ cell }) => {
        const [value, by] = [valueOf(cell), chooses(cell)];
        return value === null || by === null ? [] : [{ value, by }];
      });
      if (both.length === 0) return [];
      return [
        {
          chosenBy: sign * centre(both.map(({ by }) => by)),
          value: centre(both.map(({ value }) => value)),
          seeds: both.length,
        },
      ];
    });
    return { family, whole, lost: lost.length };
  });
  const values = found.flatMap(({ whole }) => whole.map(({ value }) => sign * value));
  // A setting that breaks is a trial that was paid for; the worst value of all is the best that can be said of it.
  const worst = { chosenBy: -Infinity, value: sign * Math.min(...values), seeds: Infinity };
  const settings: Setting[] = [];
  for (const { family, whole, lost } of values.length === 0 ? [] : found) {
    const all = [...whole, ...Array.from({ length: lost }, () => worst)];
    if (all.length < 2) continue;
    const fewest = Math.min(...all.map(({ seeds }) => seeds));
    const seeds = Number.isFinite(fewest) ? fewest : 0;
    for (let n = 1; n <= all.length; n++)
      settings.push({ family, x: n, mean: bestOf(all, n), low: null, high: null, seeds });
  }
  if (settings.length === 0) return null;
  const lost = found.flatMap((one) =>
    one.lost === 0 ? [] : [`${plural(one.lost, "setting")} of ${one.family}`],
  );
  return {
    name: "best of n trials",
    title: `${measure.title} of the best of n trials`,
    notes: [
      `Expected over which n settings of the grid were tried; the best is chosen ${validated ? "on validation" : "by this very measure (there is no validation), which flatters it"}. Compare at equal trials.`,
      ...(lost.length === 0
        ? []
        : [`Broken on some seed, and counted as the worst trial of all: ${listed(lost)}.`]),
    ],
    x: "trials (settings tried)",
    y: unitOf(measure),
    scales: [log && settings.every(({ mean: value }) => value > 0) ? "log" : "linear"],
    across: "linear",
    whole: true,
    families: familiesOf(settings, groups, trials, report),
    settings,
  };
}

/** Panels of one task's name, over all its options and estimators; none where no grid ran. */
export function sensitivityPanels(cells: readonly Cell[], report: readonly Ink[]): SensitivityPanel[] {
  const measure = chooseMeasure(cells);
  if (measure === null || measure.provisional) return [];
  const stage = latestStage(cells);
  const valueOf = (cell: Cell) => measured(cell, measure, stage);
  const trials = cells.map(trialOf);
  const options = [...new Set(trials.flatMap(({ options: own }) => Object.keys(own)))];
  const panels = options.flatMap((option) => optionPanel(trials, option, measure, valueOf, report) ?? []);
  const best = panels.length === 0 ? null : bestPanel(trials, measure, valueOf, report);
  return best === null ? panels : [...panels, best];
}
