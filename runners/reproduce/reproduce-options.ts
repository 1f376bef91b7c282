/** The options of a reproduction, and the steps, learning rates and folders that follow for an experiment. */
import { basename, join } from "node:path";
import type { writeReport } from "../../reports/export/write-report.ts";
import { mistake } from "../errors.ts";
import type { RunSettings } from "../jobs/run-cells.ts";
import { numberIn } from "../options/quantities.ts";
import { unknownName } from "../options/suggest.ts";
import type { Registry } from "../plan/registry.ts";
import type { ReproductionBudget } from "./budgets.ts";
import type { Experiment, PaperData, TrainingExperiment } from "./paper.ts";
import type { Store } from "./stored-values.ts";

export interface ReproduceOptions {
  readonly paper: PaperData;
  readonly experiments: readonly Experiment[];
  readonly budget: ReproductionBudget;
  /** Instead of the budget's: training steps of every cell. */
  readonly steps?: number;
  /** Instead of the budget's: learning rates tried where the paper has a grid. */
  readonly rates?: readonly number[];
  /** As `--seeds` takes them. */
  readonly seeds: string;
  /** Cells that run at once. */
  readonly jobs: number;
  readonly engine?: string;
  /** A folder of IDX files. */
  readonly data?: string;
  /** Trains every cell, and compares its values with the stored ones. */
  readonly verify: boolean;
}

/** The options, and what `bench reproduce` gives beside them. `folder` is that of the whole reproduction. */
export interface ReproduceSettings extends Omit<RunSettings, "name" | "mine" | "openLanes" | "writeReport"> {
  readonly options: ReproduceOptions;
  readonly registry: Registry;
  /** Cells that have ended before, here or elsewhere. */
  readonly store: Store;
  readonly citation: string;
  readonly link: string;
  readonly writeReport: (...args: Parameters<typeof writeReport>) => Promise<unknown>;
  /** Called before anything is run or written, with seconds of the whole and of earlier calls. */
  readonly announce: (seconds: { readonly estimated: number; readonly spent: number }) => void;
  /** Stops after the announcement. */
  readonly dryRun: boolean;
}

/** The experiments that `--only a,b` names by themselves or by their group; all of them without `--only`. */
export function chooseExperiments(paper: PaperData, only: readonly string[]): readonly Experiment[] {
  const groups = paper.groups ?? {};
  const known = [...paper.experiments.map(({ id }) => id), ...Object.keys(groups)];
  const names = only.flatMap((text) => text.split(",")).map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName(`${paper.key} experiment`, unknown, known);
  const chosen = names.flatMap((name) => groups[name] ?? [name]);
  return only.length === 0 ? paper.experiments : paper.experiments.filter(({ id }) => chosen.includes(id));
}

/** The learning rates of `--rates 1e-3,3e-4`, ascending. */
export function parseRates(text: string, experiments: readonly Experiment[]): readonly number[] {
  const rates = text.split(",").map((part) => numberIn(part, "--rates"));
  const wrong = rates.find((rate) => rate <= 0);
  if (wrong !== undefined) throw mistake(`--rates must be positive, got ${wrong}.`);
  if (!experiments.some((experiment) => experiment.kind === "training" && experiment.rates !== undefined))
    throw mistake("--rates requires an experiment with a grid of learning rates; these have none.");
  return [...new Set(rates)].sort((a, b) => a - b);
}

/** Training steps of a test cell. */
export const stepsOf = ({ budget, steps }: ReproduceOptions, experiment: TrainingExperiment): number =>
  steps ?? Math.min(budget.steps, experiment.steps);

/** Samples m of an experiment's bound: those of its paper, or as many as the budget allows. */
export const boundSamplesOf = ({ budget }: ReproduceOptions, { boundSamples = 1000 }: TrainingExperiment) =>
  Math.min(budget.boundSamples, boundSamples);

/** Learning rates to choose from; empty where the task keeps its default, and nothing is chosen of a single one. */
export function ratesOf({ budget, rates }: ReproduceOptions, experiment: TrainingExperiment) {
  return experiment.rates === undefined ? [] : (rates ?? experiment.rates.slice(-budget.rates));
}

/** Whether the gradient's variance is measured along training; a budget with fewer draws leaves it out. */
export const drawsVariances = ({ budget }: ReproduceOptions, { variances }: TrainingExperiment): boolean =>
  variances === true && budget.draws === 1;

/** Options that decide what is measured, as the record stores them; paths without their folder. */
export function measuredSettings(options: ReproduceOptions): Record<string, unknown> {
  const { paper, experiments, budget, steps, rates, seeds, engine, data } = options;
  return {
    ...{ paper: paper.key, experiments: experiments.map(({ id }) => id), budget: budget.name },
    ...{ steps: steps ?? null, rates: rates ?? null, seeds, engine: engine ?? null },
    data: data === undefined ? null : basename(data),
  };
}

/** The run folder of an experiment's test cells. */
export const testFolder = (folder: string, experiment: string) => join(folder, "runs", experiment);

/** The run folder of the cells that choose its learning rates. */
export const validationFolder = (folder: string, experiment: string) => join(folder, "rates", experiment);
