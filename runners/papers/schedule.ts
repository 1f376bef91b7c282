/** The time first: what a reproduction will take here and what it can afford, kept so that going on changes nothing. */
import { join } from "node:path";
import { demand } from "../../reports/demand.ts";
import { readSummed, summedText } from "../../reports/summed.ts";
import { replaceFile } from "../disk.ts";
import type { Engine } from "../engine/engine.ts";
import { mistake } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import { prepare } from "../prepare.ts";
import type { Registry } from "../registry.ts";
import { parseSeeds } from "../selection.ts";
import { allocate, ratesAt, type Allocation, type Item } from "./budgets.ts";
import type { Experiment, PaperData, TrainingExperiment } from "./paper.ts";
import { plainRequest, type Shared } from "./requests.ts";
import { timeCell, type CellTiming } from "./timing.ts";

export interface Schedule {
  /** What was asked for. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly allocation: Allocation;
  readonly items: readonly (Item & { readonly column: string })[];
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
  demand(read, { asked: "object", allocation: "object", items: "array" }, path(folder));
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
  folder: string,
  asked: Asked,
  { registry, engine, left }: { registry: Registry; engine: Engine; left: () => number | undefined },
): Promise<Schedule> {
  const items: (Item & { column: string })[] = [];
  for (const experiment of trainingOf(asked.experiments)) {
    let bound: number | undefined;
    for (const { title, estimator } of experiment.columns) {
      const request = plainRequest({ ...experiment, estimators: [estimator] }, asked);
      const prepared = await prepare(request, registry);
      const timing: CellTiming = await timeCell(prepared, engine, bound);
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
  const load = {
    items,
    seeds: parseSeeds(asked.seeds).length,
    jobs: asked.jobs,
    others: othersSeconds(asked),
  };
  const schedule: Schedule = {
    asked: askedOf(asked),
    allocation: allocate(asked.budget, load, left()),
    items,
  };
  replaceFile(path(folder), summedText(schedule));
  return schedule;
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
export function gaveUp({ allocation, items }: Schedule, { budget, experiments }: Asked): string[] {
  const { steps, richness, testRows } = allocation;
  const training = trainingOf(experiments);
  const most = Math.max(0, ...training.map((experiment) => experiment.steps));
  const said: string[] = [];
  if (steps < most)
    said.push(`steps: ${steps.toLocaleString("en-US")} where there may be ${most.toLocaleString("en-US")}`);
  const grid = training.find(({ rates }) => rates !== undefined)?.rates;
  if (grid !== undefined && ratesAt(grid, richness).length < grid.all.length) {
    const tried = ratesAt(grid, richness);
    const which = tried.length === 1 ? `${tried[0]} alone, untuned` : tried.join(", ");
    said.push(`learning rates: ${which}, of ${grid.all.join(", ")}`);
  }
  const bounded = items.some(({ boundSeconds }) => boundSeconds > 0);
  if (bounded && testRows !== "all")
    said.push(`test images: ${testRows} of them, seeded and the same for all, where the paper has all`);
  if (bounded && budget.boundSamples !== 1000)
    said.push(`m: ${budget.boundSamples} where the paper has 1000`);
  const draws = experiments.find((experiment) => experiment.kind === "variance")?.draws;
  if (draws !== undefined && budget.draws < 1) said.push(`draws: ${draws * budget.draws} of ${draws}`);
  return said;
}
