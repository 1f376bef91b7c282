/** The time first: what a reproduction will take here and what it can afford; what has begun is kept as it is. */
import { join } from "node:path";
import { demand } from "../../reports/format/demand.ts";
import { shownRate } from "../../reports/format/reproduction-record.ts";
import { readSummed, summedText } from "../../reports/format/checked-json.ts";
import { replaceFile } from "../store/disk.ts";
import type { Engine } from "../engine/engine.ts";
import { mistake } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import { prepare } from "../plan/prepare.ts";
import type { Registry } from "../plan/registry.ts";
import { parseSeeds } from "../options/selection.ts";
import {
  allocate,
  fitting,
  ratesAt,
  secondsOf,
  type Allocation,
  type Choice,
  type Item,
  type Load,
} from "./budgets.ts";
import type { Experiment, PaperData, TrainingExperiment } from "./paper.ts";
import { plainRequest, type Shared } from "./requests.ts";
import { timeCell, type CellTiming } from "../train/timing.ts";

export interface Schedule {
  /** What was asked for. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly jobs: number;
  /** Of the whole, by the first steps of each column. */
  readonly allocation: Allocation;
  readonly items: readonly (Item & { readonly column: string })[];
  /** By experiment, from when it begins: cells of the same steps go on where they were. */
  readonly shares: Readonly<Record<string, Share>>;
}

/** What an experiment takes of the budget. */
export interface Share extends Choice {
  readonly validationSteps: number;
  /** Its rates are chosen, and its test runs are begun: nothing changes any more. */
  readonly settled: boolean;
}

export interface Asked extends Shared {
  readonly paper: PaperData;
  readonly experiments: readonly Experiment[];
  readonly jobs: number;
}

const path = (folder: string) => join(folder, "schedule.json");

const askedOf = ({ paper, experiments, budget, engine, data, seeds }: Asked) => ({
  paper: paper.key,
  experiments: experiments.map(({ id }) => id),
  budget: budget.name,
  engine: engine ?? null,
  data: data ?? null,
  seeds,
});

/** The schedule of an earlier, interrupted call; refuses a folder of another reproduction. */
export function readSchedule(folder: string, asked: Asked): Schedule | undefined {
  const read = readSummed(path(folder));
  if (read === undefined) return undefined;
  demand(
    read,
    { asked: "object", jobs: "number", allocation: "object", items: "array", shares: "object" },
    path(folder),
  );
  const found = read as unknown as Schedule;
  const [before, now] = [canonicalJson(found.asked), canonicalJson(askedOf(asked))];
  if (before === now) return found;
  throw mistake(
    `${folder}: a folder must hold one reproduction (else its table mixes unequal cells), got ${before} there and ${now} now; choose another --name, or --force`,
  );
}

export const trainingOf = (experiments: readonly Experiment[]): TrainingExperiment[] =>
  experiments.filter((experiment) => experiment.kind === "training");

/** Times the first steps of every cell, and shares out the time that is left. */
export async function makeSchedule(
  asked: Asked,
  { registry, engine, left }: { registry: Registry; engine: Engine; left: () => number | undefined },
): Promise<Schedule> {
  const items: (Item & { column: string })[] = [];
  for (const experiment of trainingOf(asked.experiments)) {
    let bound: number | undefined;
    for (const { title, estimator } of experiment.columns) {
      const request = plainRequest({ ...experiment, estimators: [estimator] }, asked);
      const prepared = await prepare(request, registry);
      const timing: CellTiming = await timeCell(prepared.plan.cells[0]!, prepared, engine, bound);
      bound ??= timing.bound;
      const [task] = prepared.tasks.values();
      items.push({
        experiment: experiment.id,
        column: title,
        stepSeconds: timing.step,
        // Compiled are the step, a draw of its gradient, the evaluations and the pictures.
        overhead: 3 * timing.compile + 1,
        boundSeconds: experiment.quantities.some(({ metric }) => metric === "bound") ? bound : 0,
        testRows: task!.splits.test,
        steps: experiment.steps,
        ...(experiment.rates === undefined ? {} : { rates: experiment.rates }),
      });
    }
  }
  const load = { ...loadOf(items, asked), others: othersSeconds(asked) };
  return {
    asked: askedOf(asked),
    jobs: asked.jobs,
    allocation: allocate(asked.budget, load, left()),
    items,
    shares: {},
  };
}

/** Of items alone. */
export const loadOf = (items: readonly Item[], { seeds, jobs }: Pick<Asked, "seeds" | "jobs">): Load => ({
  ...{ items, seeds: parseSeeds(seeds).length, jobs, others: 0 },
});

/**
 * An earlier schedule whose experiments that have not begun are done by another number of processes; what was begun is
 * not refused where fewer cannot bear it.
 */
export function withJobs(schedule: Schedule, asked: Asked, left: number | undefined): Schedule {
  if (schedule.jobs === asked.jobs) return schedule;
  const load = { ...loadOf(schedule.items, asked), others: othersSeconds(asked) };
  const choice = fitting(asked.budget, load, left) ?? schedule.allocation;
  const seconds = secondsOf(load, choice, asked.budget.boundSamples);
  return { ...schedule, jobs: asked.jobs, allocation: { ...choice, seconds } };
}

export function writeSchedule(folder: string, schedule: Schedule): void {
  replaceFile(path(folder), summedText(schedule));
}

/** What an experiment has, or would have by the first plan. */
export function choiceOf({ allocation, shares }: Schedule, { id, steps }: TrainingExperiment): Choice {
  const { richness, testRows, ...share } = shares[id] ?? allocation;
  return { richness, testRows, steps: Math.min(share.steps, steps) };
}

/** Of a draw of an exact toy, and of compiling: rough, and small beside any training. */
const drawSeconds = 3e-4;
const compileSeconds = 3;

function othersSeconds({ experiments, budget }: Asked): number {
  return experiments.reduce((sum, experiment) => {
    if (experiment.kind === "training") return sum;
    if (experiment.kind === "speed")
      return sum + 2 * experiment.classes.length * (budget.speedSeconds + compileSeconds);
    return sum + experiment.columns.length * (experiment.draws * budget.draws * drawSeconds + 1);
  }, 0);
}

/** What the schedule spares against the paper's budget, in a sentence each. */
export function gaveUp(schedule: Schedule, { budget, experiments }: Asked): string[] {
  const training = trainingOf(experiments);
  const tuned = training.filter(({ rates }) => rates !== undefined);
  const said = [
    ...new Set([
      ...spared(training, (one) => fewerSteps(choiceOf(schedule, one).steps, one)),
      ...spared(tuned, (one) => fewerRates(choiceOf(schedule, one).richness, one)),
    ]),
  ];
  const bounded = new Set(
    schedule.items.filter(({ boundSeconds }) => boundSeconds > 0).map((item) => item.experiment),
  );
  const evaluated = training.filter(({ id }) => bounded.has(id));
  said.push(
    ...spared(evaluated, (one) => {
      const { testRows } = choiceOf(schedule, one);
      return testRows === "all"
        ? undefined
        : `test images: ${grouped(testRows)} of them, seeded and the same for all, where the paper has all`;
    }),
  );
  if (evaluated.length > 0 && budget.boundSamples !== 1000)
    said.push(`m: ${budget.boundSamples} where the paper has 1000`);
  const draws = experiments.find((experiment) => experiment.kind === "variance")?.draws;
  if (draws !== undefined && budget.draws < 1) said.push(`draws: ${draws * budget.draws} of ${draws}`);
  return said;
}

/** One sentence where it is the same for all that it can be of, else each with the experiments that it is of. */
function spared(
  training: readonly TrainingExperiment[],
  say: (experiment: TrainingExperiment) => string | undefined,
): string[] {
  const by = new Map<string, string[]>();
  for (const experiment of training) {
    const sentence = say(experiment);
    if (sentence !== undefined) by.set(sentence, [...(by.get(sentence) ?? []), experiment.id]);
  }
  return [...by].map(([sentence, ids]) =>
    ids.length === training.length ? sentence : `${sentence} (${ids.join(", ")})`,
  );
}

const grouped = (count: number) => count.toLocaleString("en-US");

const fewerSteps = (steps: number, { steps: most }: TrainingExperiment) =>
  steps < most ? `steps: ${grouped(steps)} where there may be ${grouped(most)}` : undefined;

function fewerRates(richness: number, { rates: grid }: TrainingExperiment): string | undefined {
  if (grid === undefined) return undefined;
  const tried = ratesAt(grid, richness);
  if (tried.length >= grid.all.length) return undefined;
  const which =
    tried.length === 1 ? `${shownRate(tried[0]!)} alone, untuned` : tried.map(shownRate).join(", ");
  return `learning rates: ${which}, of ${grid.all.map(shownRate).join(", ")}`;
}
