/** What a budget buys: steps, learning rates tried, images evaluated; and what it gives up against the paper's. */
import { mistake } from "../errors.ts";
import type { Rows } from "../plan/plan.ts";
import type { RateGrid } from "./paper.ts";

export interface Budget {
  readonly name: string;
  readonly doc: string;
  /** Of wall-clock time. */
  readonly seconds?: number;
  /** At most so many steps of a cell. */
  readonly steps?: number;
  /** Steps for which a richer choice of learning rates is given up. */
  readonly enough: number;
  readonly rates: "one" | "fitting" | "all";
  readonly boundSamples: number;
  /** Of the test split, the first that takes no more than a fifth of the time. */
  readonly testRows: readonly Rows[];
  /** Share of the draws of variance experiments. */
  readonly draws: number;
  /** Of each measurement of speed. */
  readonly speedSeconds: number;
}

export const budgets: readonly Budget[] = [
  {
    name: "quick",
    doc: "500 steps, one learning rate, m = 50 on 1,000 images: to see that it works",
    ...{ steps: 500, enough: 1, rates: "one", boundSamples: 50, testRows: [1000] },
    ...{ draws: 0.1, speedSeconds: 1 },
  },
  {
    name: "hour",
    doc: "as many steps as an hour bears, the larger learning rates",
    ...{ seconds: 3600, enough: 30_000, rates: "fitting", boundSamples: 1000, testRows: ["all", 2000, 1000] },
    ...{ draws: 1, speedSeconds: 16 },
  },
  {
    name: "night",
    doc: "twelve hours, the paper's grid where it fits",
    ...{ seconds: 43_200, enough: 100_000, rates: "fitting", boundSamples: 1000, testRows: ["all"] },
    ...{ draws: 1, speedSeconds: 16 },
  },
  {
    name: "paper",
    doc: "the paper's grid and steps, however long it takes",
    ...{ enough: 1, rates: "all", boundSamples: 1000, testRows: ["all"] },
    ...{ draws: 1, speedSeconds: 16 },
  },
];

/** Fewer steps than this say nothing, and a budget that cannot pay them is refused. */
export const leastSteps = 500;

/** The steps of a run that chooses a learning rate, as a share of the run it chooses for. */
const validationShare = 1 / 6;

/** Share of a limited time that is planned with; the rest is for what the estimate missed. */
const planned = 0.85;

/** A trained column of an experiment, as its first steps showed it. */
export interface Item {
  readonly experiment: string;
  readonly stepSeconds: number;
  /** Of compiling, measuring gradients and pictures, for each cell. */
  readonly overhead: number;
  /** Of the bound, for one row and one sample. */
  readonly boundSeconds: number;
  readonly testRows: number;
  /** The paper's. */
  readonly steps: number;
  readonly rates?: RateGrid;
}

export interface Allocation {
  /** At most so many steps; an experiment whose paper has fewer takes those. */
  readonly steps: number;
  /** Index into the grid's choices: 0 is all of it. */
  readonly richness: number;
  readonly testRows: Rows;
  /** Of the whole, measurements of speed and variance too. */
  readonly seconds: number;
}

export const ratesAt = ({ all, fewer }: RateGrid, richness: number): readonly number[] =>
  [all, ...fewer][Math.min(richness, fewer.length)]!;

export const validationSteps = (steps: number): number => Math.max(1, Math.round(steps * validationShare));

/** Rows of the validation bound that chooses a rate, and its samples. */
export const validation = { rows: 1000, samples: 100 } as const;

export interface Load {
  readonly items: readonly Item[];
  readonly seeds: number;
  /** Cells at once. */
  readonly jobs: number;
  /** Seconds of experiments that train nothing. */
  readonly others: number;
}

export type Choice = Pick<Allocation, "steps" | "richness" | "testRows">;

/** Processes share caches and memory: two at once do not do twice as much. */
const speedUp = (jobs: number) => (jobs === 1 ? 1 : 0.9 * jobs);

/** Of preparing a plan and, where there are several, starting its processes. */
const startSeconds = (jobs: number) => (jobs === 1 ? 0.5 : 4);

const rowsOf = (rows: Rows, all: number) => (rows === "all" ? all : Math.min(rows, all));

/** Seconds of a plan of such cells: while its last cells end, the other processes have nothing to do. */
function planSeconds(cells: readonly number[], jobs: number): number {
  const total = cells.reduce((sum, seconds) => sum + seconds, 0);
  const idle = (Math.max(0, ...cells) * (jobs - 1)) / jobs;
  return total / speedUp(jobs) + idle / 2 + startSeconds(jobs);
}

/** Of an experiment's validation runs and of its test runs. */
export function experimentSeconds(
  items: readonly Item[],
  { seeds, jobs }: Pick<Load, "seeds" | "jobs">,
  choice: Choice,
  boundSamples: number,
): { readonly validation: number; readonly test: number } {
  const rates = Math.max(
    0,
    ...items.map((item) => (item.rates ? ratesAt(item.rates, choice.richness).length : 1)),
  );
  const bound = (item: Item, rows: number, m: number) => rows * m * item.boundSeconds;
  const steps = (item: Item) => Math.min(choice.steps, item.steps);
  const test = items.flatMap((item) => {
    const rows = rowsOf(choice.testRows, item.testRows);
    const seconds = item.overhead + steps(item) * item.stepSeconds + bound(item, rows, boundSamples);
    return new Array<number>(seeds).fill(seconds);
  });
  const valid = items.flatMap((item) => {
    const rows = Math.min(validation.rows, item.testRows);
    const seconds =
      item.overhead + validationSteps(steps(item)) * item.stepSeconds + bound(item, rows, validation.samples);
    return new Array<number>(rates).fill(seconds);
  });
  return {
    validation: rates > 1 ? planSeconds(valid, jobs) : 0,
    test: planSeconds(test, jobs),
  };
}

/** Seconds of a choice by the items' times. */
export function secondsOf(load: Load, choice: Choice, boundSamples: number): number {
  const names = [...new Set(load.items.map(({ experiment }) => experiment))];
  return names.reduce((sum, name) => {
    const items = load.items.filter(({ experiment }) => experiment === name);
    const { validation: valid, test } = experimentSeconds(items, load, choice, boundSamples);
    return sum + valid + test;
  }, load.others);
}

/** Of those, the ones that choose learning rates. */
export function choosingSeconds(load: Omit<Load, "others">, choice: Choice, boundSamples: number): number {
  const names = [...new Set(load.items.map(({ experiment }) => experiment))];
  const itemsOf = (name: string) => load.items.filter(({ experiment }) => experiment === name);
  return names.reduce(
    (sum, name) => sum + experimentSeconds(itemsOf(name), load, choice, boundSamples).validation,
    0,
  );
}

/** The most steps that fit into so many seconds; 0 where none do. */
function mostSteps(load: Load, choice: Omit<Choice, "steps">, samples: number, seconds: number): number {
  let low = 0;
  let high = Math.max(...load.items.map(({ steps }) => steps));
  if (secondsOf(load, { ...choice, steps: high }, samples) <= seconds) return high;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (secondsOf(load, { ...choice, steps: middle }, samples) <= seconds) low = middle;
    else high = middle;
  }
  return low;
}

const poorestOf = ({ items }: Load) => Math.max(0, ...items.map(({ rates }) => rates?.fewer.length ?? 0));
const topOf = ({ items }: Load) => Math.max(1, ...items.map(({ steps }) => steps));

/** What the least costs: `leastSteps` at the fewest rates, on the fewest images. */
export const leastChoice = (budget: Budget, load: Load): Choice => ({
  steps: Math.min(leastSteps, topOf(load)),
  richness: poorestOf(load),
  testRows: budget.testRows.at(-1)!,
});

/**
 * The richest choice of learning rates with enough steps, and the most steps that go with it; nothing where so many
 * seconds cannot bear `leastSteps` of every cell.
 */
export function fitting(budget: Budget, load: Load, left: number | undefined): Choice | undefined {
  const { boundSamples, enough, steps: cap } = budget;
  const [top, poorest] = [topOf(load), poorestOf(load)];
  if (left === undefined) {
    const richness = budget.rates === "one" ? poorest : 0;
    return { steps: Math.min(cap ?? top, top), richness, testRows: budget.testRows[0]! };
  }
  const time = planned * left;
  if (load.items.length === 0) return { steps: top, richness: 0, testRows: budget.testRows[0]! };
  const evaluating = (testRows: Rows) =>
    secondsOf(load, { steps: 0, richness: poorest, testRows }, boundSamples) - load.others;
  const testRows = budget.testRows.find((rows) => evaluating(rows) <= time / 5) ?? budget.testRows.at(-1)!;
  const floor = Math.min(enough, top);
  let steps = 0;
  for (let richness = 0; richness <= poorest; richness++) {
    steps = mostSteps(load, { richness, testRows }, boundSamples, time);
    if (steps >= floor) return { steps, richness, testRows };
  }
  return steps >= Math.min(leastSteps, top) ? { steps, richness: poorest, testRows } : undefined;
}

/** As `fitting`, before anything is run; refuses a time in which no cell would be trained for `leastSteps`. */
export function allocate(budget: Budget, load: Load, left: number | undefined): Allocation {
  const seconds = (choice: Choice) => secondsOf(load, choice, budget.boundSamples);
  const choice = fitting(budget, load, left);
  if (choice !== undefined) return { ...choice, seconds: seconds(choice) };
  const least = seconds(leastChoice(budget, load));
  throw mistake(
    `--budget ${budget.name}: its ${Math.round(left!)} s must bear at least ${leastSteps} steps of each of ${load.items.length} cells on ${load.seeds} seed${load.seeds === 1 ? "" : "s"}, ` +
      `which take about ${Math.ceil(least / planned)} s here; choose fewer with --only, or a larger --budget`,
  );
}
