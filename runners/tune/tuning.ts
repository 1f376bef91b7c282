/** Tunes options on equal terms: the same number of short trials for every estimator on every task, judged on validation. */
import { join } from "node:path";
import type { Cell, TunedRecord } from "../../reports/format/records.ts";
import { mistake } from "../errors.ts";
import type { OptionRange } from "../options/ranges.ts";
import { writeSelection } from "../options/selection.ts";
import type { PlannedCell } from "../plan/plan.ts";
import { prepare, type Prepared } from "../plan/prepare.ts";
import type { Registry } from "../plan/registry.ts";
import type { Request, RequestedPair } from "../plan/request.ts";
import { trialsFolder } from "../store/run-manifest.ts";
import { settingsToTry, tunedOptions, type TunedOption } from "./tuned-options.ts";
import {
  bestTrial,
  readCells,
  validationMeasurement,
  validationResult,
  validationShare,
  validationValue,
} from "./validation.ts";

/** The seed of every trial. The seeds of the runs are others, so that no run profits from the luck of a trial. */
export const tuningSeed = 1_000_000;

export interface TuningRequest {
  readonly ranges: readonly OptionRange[];
  readonly trials: number;
  /** Training steps of a trial [default: a sixth of the run's]. */
  readonly steps?: string;
}

/** The trials of one estimator on one task. */
interface TunedPair {
  /** A cell of the pair at its default. */
  readonly cell: PlannedCell;
  readonly trials: readonly {
    readonly pair: RequestedPair;
    readonly options: Readonly<Record<string, number>>;
  }[];
}

export interface Tuning {
  /** The run at its defaults. */
  readonly usual: Prepared;
  readonly request: Request;
  readonly pairs: readonly TunedPair[];
  /** The plan of the trials, and its request. */
  readonly trials: { readonly request: Request; readonly prepared: Prepared };
  readonly notes: readonly string[];
}

/** Plans the trials of a run. Errors in the ranges are found before anything runs. */
export async function planTuning(
  request: Request,
  registry: Registry,
  { ranges, trials: count, steps }: TuningRequest,
  usual: Prepared,
): Promise<Tuning> {
  if (usual.seeds.includes(tuningSeed))
    throw mistake(`--tune uses seed ${tuningSeed} for its trials; choose other --seeds.`);
  const optionsOf = tunedOptions(ranges, usual.matrix);
  const notes: string[] = [];
  const pairs = pairsOf(usual.plan.cells).map((cell): TunedPair => {
    const tuned = optionsOf(cell.taskKey, cell.label);
    const settings = settingsToTry(tuned, count, tuningSeed);
    const name = `${cell.label} on ${cell.taskLabel}`;
    if (tuned.length === 0) notes.push(`${name} has nothing to tune.`);
    else if (settings.length < count) notes.push(`${name} has ${settings.length} settings only.`);
    return { cell, trials: settings.map((values) => trialOf(cell, tuned, values)) };
  });
  // A range varies at least one task or estimator, so that there are trials.
  const all = pairs.flatMap(({ trials }) => trials.map(({ pair }) => pair));
  const { evaluations: _, ...without } = request;
  const asked: Request = {
    ...(steps === undefined ? { ...request, share: validationShare } : { ...without, steps }),
    ...{ seeds: `${tuningSeed}-${tuningSeed}`, measurement: validationMeasurement(), pairs: all },
  };
  const prepared = await prepare(asked, registry);
  return { usual, request, pairs, trials: { request: asked, prepared }, notes };
}

/** A cell of each pair of task and estimator. */
const pairsOf = (cells: readonly PlannedCell[]) =>
  cells.filter(
    ({ taskKey, label }, i) =>
      cells.findIndex((other) => other.taskKey === taskKey && other.label === label) === i,
  );

function trialOf(
  { task, taskOptions, estimator, estimatorOptions }: PlannedCell,
  tuned: readonly TunedOption[],
  values: readonly number[],
): TunedPair["trials"][number] {
  const of = (kind: TunedOption["of"]) =>
    Object.fromEntries(tuned.flatMap((one, i) => (one.of === kind ? [[one.option, values[i]!]] : [])));
  return {
    pair: {
      task: writeSelection(task, { ...taskOptions, ...of("task") }),
      estimator: writeSelection(estimator, { ...estimatorOptions, ...of("estimator") }),
    },
    options: Object.fromEntries(
      tuned.map((one, i) => [one.of === "task" ? one.option : `${estimator}.${one.option}`, values[i]!]),
    ),
  };
}

/** The folder of the trials in the folder of a run. */
export const trialsIn = (run: string): string => join(run, trialsFolder);

/** The request of the run at its defaults and at the chosen options, and the trials as the report shows them. */
export function chooseSettings({ request, pairs, trials }: Tuning, run: string) {
  const cells = readCells(trialsIn(run));
  const wanted: RequestedPair[] = [];
  const tuned: TunedRecord[] = [];
  for (const { cell, trials: ofPair } of pairs) {
    const { taskKey, taskLabel, label } = cell;
    wanted.push({ task: taskKey, estimator: label });
    if (ofPair.length === 0) continue;
    const planned = ofPair.map(({ pair }) =>
      trials.prepared.plan.cells.find((one) => one.taskKey === pair.task && one.label === pair.estimator),
    );
    const found = planned.map((one) => (one === undefined ? undefined : cells.get(one.hash)));
    const best = bestTrial(ofPair.map((trial, i) => ({ ...trial, value: validationValue(found[i]) })));
    const tunedLabel = `${label} (tuned)`;
    if (best) wanted.push({ ...best.pair, taskLabel, label: tunedLabel });
    tuned.push({
      ...{ task: taskLabel, estimator: label, label: tunedLabel, seed: tuningSeed },
      steps: planned[0]!.budget.steps,
      ...judgedBy(found),
      trials: ofPair.map(({ options }, i) => ({ options, value: validationResult(found[i])?.value ?? null })),
      chosen: best?.options ?? null,
    });
  }
  return { request: { ...request, pairs: wanted }, tuned };
}

/** The measure of the trials; that of an ELBO where none has one. */
function judgedBy(cells: readonly (Cell | undefined)[]) {
  const first = cells.map(validationResult).find((result) => result !== null);
  const { metric, split, higherIsBetter } =
    first ?? ({ metric: "elbo", split: "valid", higherIsBetter: true } as const);
  return { metric, split, higherIsBetter };
}
