/** Panels of a grid of options: the result against each option, and the best of n configurations tried. */
import { isBroken } from "../aggregate/estimator-row.ts";
import { groupBy } from "../format/group-by.ts";
import { chooseMeasure, lastValue, latestStage, measured } from "../aggregate/measures.ts";
import { listed, plural } from "../aggregate/numbers.ts";
import { intervalOn } from "../aggregate/statistics.ts";
import type { Cell, MatrixCell } from "../format/records.ts";
import type { Measure } from "../format/summary.ts";
import { intervalNote } from "./curve-panels.ts";
import { inkFor, type Ink } from "./palette.ts";
import type { SensitivityPanel, SensitivityPoint } from "./panels.ts";

/** A cell with the estimator's name and the options of the estimator and the task, the task's under `task.` */
interface GridCell {
  readonly cell: Cell;
  readonly name: string;
  readonly options: MatrixCell["estimatorOptions"];
}

function gridCell(cell: Cell): GridCell {
  const { estimator, estimatorOptions, taskOptions } = cell.record;
  const ofTask = Object.entries(taskOptions).map(([name, value]) => [`task.${name}`, value] as const);
  return { cell, name: estimator, options: { ...estimatorOptions, ...Object.fromEntries(ofTask) } };
}

/** `gs:samples=2`, without one option. */
function labelOf({ name, options }: GridCell, without?: string): string {
  const parts = Object.entries(options).filter(([key]) => key !== without);
  return parts.length === 0 ? name : `${name}:${parts.map(([key, value]) => `${key}=${value}`).join(",")}`;
}

/** Cells of a task with what they are ranked by, and the estimators' inks in the report. */
interface Grid {
  readonly cells: readonly GridCell[];
  readonly measure: Measure;
  readonly valueOf: (cell: Cell) => number | null;
  readonly inks: readonly Ink[];
}

/** Groups of cells that differ in this option alone and have it at two values or more. */
function familiesWith(cells: readonly GridCell[], option: string): Map<string, GridCell[]> {
  const having = cells.filter(({ options }) => Object.hasOwn(options, option));
  const groups = groupBy(having, (one) => labelOf(one, option));
  for (const [family, members] of groups)
    if (new Set(members.map(({ options }) => String(options[option]))).size < 2) groups.delete(family);
  return groups;
}

function pointsOf(
  family: string,
  members: readonly GridCell[],
  option: string,
  { valueOf, measure }: Grid,
): SensitivityPoint[] {
  return [...groupBy(members, ({ options }) => String(options[option])).values()].flatMap((same) => {
    const values = same.flatMap(({ cell }) => valueOf(cell) ?? []);
    if (values.length === 0) return [];
    const x = same[0]!.options[option]!;
    const range = intervalOn(measure.scale, values);
    return [{ family, x: typeof x === "number" ? x : String(x), ...range, seeds: values.length }];
  });
}

/** The scale of an axis over an option's values: logarithmic where they are positive and span a decade. */
export function optionScale(values: readonly SensitivityPoint["x"][]): SensitivityPanel["xScale"] {
  if (!values.every((value) => typeof value === "number")) return "ordinal";
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least > 0 && most / least >= 10 ? "log" : "linear";
}

/** The families of a panel, each in the ink of its first member whose ink is free, else in an ink of its own. */
function inkedFamilies(
  points: readonly SensitivityPoint[],
  groups: ReadonlyMap<string, readonly GridCell[]>,
  inks: readonly Ink[],
): SensitivityPanel["families"] {
  const families = [...new Set(points.map(({ family }) => family))];
  const unused = inkFor([...inks.map(({ label }) => label), ...families]).slice(inks.length);
  const taken = new Set<Ink>();
  return families.map((family, index) => {
    const members = [...new Set(groups.get(family)!.map(({ cell }) => cell.record.label))];
    const ink = inks.find((one) => members.includes(one.label) && !taken.has(one));
    if (ink !== undefined) taken.add(ink);
    return { ...(ink ?? unused[index]!), label: family, members };
  });
}

/** What the two kinds of panels share. */
function gridPanel(
  grid: Grid,
  groups: ReadonlyMap<string, readonly GridCell[]>,
  points: readonly SensitivityPoint[],
) {
  const { title, unit, scale } = grid.measure;
  const logarithmic = scale === "log" && points.every(({ mean }) => mean > 0);
  return {
    shape: "sensitivity",
    y: unit === "" ? title : `${title} (${unit})`,
    scales: [logarithmic ? "log" : "linear"],
    families: inkedFamilies(points, groups, grid.inks),
    points,
  } as const;
}

function optionPanel(grid: Grid, option: string): SensitivityPanel[] {
  const { cells, measure, valueOf } = grid;
  const groups = familiesWith(cells, option);
  const points = [...groups].flatMap(([family, members]) => pointsOf(family, members, option, grid));
  if (points.length < 2) return [];
  const xScale = optionScale(points.map(({ x }) => x));
  if (xScale !== "ordinal") points.sort((a, b) => Number(a.x) - Number(b.x));
  const missing = [...groups.values()].flat().filter(({ cell }) => valueOf(cell) === null).length;
  return [
    {
      ...gridPanel(grid, groups, points),
      name: `against ${option}`,
      title: `${measure.title} at the end against ${option}`,
      notes: [
        intervalNote(Math.max(...points.map(({ seeds }) => seeds)), measure.scale),
        ...(missing > 0 ? [`Left out because without a value: ${plural(missing, "cell")}.`] : []),
      ],
      x: option.replace(/^task\./, ""),
      xScale,
    },
  ];
}

/** A configuration: its value, and the value by which the best one is chosen; more is better for `chosenBy`. */
interface Trial {
  readonly chosenBy: number;
  readonly value: number;
}

/**
 * The expected value of the best on validation among n of the N trials, drawn without replacement. The trial of rank r
 * (worst first) is it with probability C(r − 1, n − 1) / C(N, n) (Dodge et al. 2019).
 */
export function bestOf(trials: readonly Trial[], n: number): number {
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

/** The trials of one estimator: its configurations with a value, and the number of those with a broken seed. */
function trialsOf(members: readonly GridCell[], { measure, valueOf }: Grid) {
  const sign = measure.higherIsBetter ? 1 : -1;
  const average = (values: readonly number[]) => intervalOn(measure.scale, values).mean;
  const configurations = [...groupBy(members, (one) => labelOf(one)).values()];
  const whole = configurations.filter((same) => !same.some(({ cell }) => isBroken(cell.record.state)));
  const trials = whole.flatMap((same) => {
    const values = same.flatMap(({ cell }) => {
      const value = valueOf(cell);
      return value === null ? [] : [{ value, by: lastValue(cell, measure.metric, "valid") ?? value }];
    });
    if (values.length === 0) return [];
    const chosenBy = sign * average(values.map(({ by }) => by));
    return [{ chosenBy, value: average(values.map(({ value }) => value)), seeds: values.length }];
  });
  return { trials, broken: configurations.length - whole.length };
}

function bestPanel(grid: Grid): SensitivityPanel[] {
  const { cells, measure } = grid;
  const sign = measure.higherIsBetter ? 1 : -1;
  const groups = groupBy(cells, ({ name }) => name);
  const found = [...groups].map(([family, members]) => ({ family, ...trialsOf(members, grid) }));
  const values = found.flatMap(({ trials }) => trials.map(({ value }) => sign * value));
  if (values.length === 0) return [];
  // A configuration that breaks was tried and paid for: it counts as the worst value of all.
  const worst = { chosenBy: -Infinity, value: sign * Math.min(...values), seeds: Infinity };
  const points = found.flatMap(({ family, trials, broken }): SensitivityPoint[] => {
    const all = [...trials, ...Array.from({ length: broken }, () => worst)];
    if (all.length < 2) return [];
    const fewest = Math.min(...all.map(({ seeds }) => seeds));
    const seeds = Number.isFinite(fewest) ? fewest : 0;
    return all.map((_, index) => ({
      ...{ family, x: index + 1, mean: bestOf(all, index + 1), low: null, high: null, seeds },
    }));
  });
  if (points.length === 0) return [];
  const broken = found.filter((one) => one.broken > 0);
  const validated = cells.some(({ cell }) => lastValue(cell, measure.metric, "valid") !== null);
  const chosen = validated
    ? "on validation"
    : "by the plotted measure itself, which is optimistic, since there is no validation split";
  return [
    {
      ...gridPanel(grid, groups, points),
      name: "best of n trials",
      title: `${measure.title} of the best of n trials`,
      notes: [
        `Expected over which n configurations of the grid were tried; the best one is chosen ${chosen}. Compare at equal numbers of trials.`,
        ...(broken.length === 0
          ? []
          : [
              `Counted as the worst trial because a seed did not finish: ${listed(
                broken.map((one) => `${plural(one.broken, "configuration")} of ${one.family}`),
              )}.`,
            ]),
      ],
      x: "trials (configurations tried)",
      xScale: "linear",
      wholeX: true,
    },
  ];
}

/** Panels of all cells of a task, over all of its options and estimators; none where no grid ran. */
export function sensitivityPanels(cells: readonly Cell[], inks: readonly Ink[]): SensitivityPanel[] {
  const measure = chooseMeasure(cells);
  if (measure === null || measure.provisional) return [];
  const stage = latestStage(cells);
  const grid: Grid = {
    ...{ cells: cells.map(gridCell), measure, inks },
    valueOf: (cell) => measured(cell, measure, stage),
  };
  const options = new Set(grid.cells.flatMap((one) => Object.keys(one.options)));
  const panels = [...options].flatMap((option) => optionPanel(grid, option));
  return panels.length === 0 ? [] : [...panels, ...bestPanel(grid)];
}
