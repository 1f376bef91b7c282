/** How long the trials and the runs take here, from a few steps of each pair. */
import { isComplete } from "../../reports/format/checksums.ts";
import { cellPath } from "../../reports/format/read-run.ts";
import type { Engine } from "../engine/engine.ts";
import type { PlannedCell } from "../plan/plan.ts";
import { cellSeconds, pairName, timePairs } from "../train/estimate-time.ts";
import { trialsIn, type Tuning } from "./tuning.ts";

/** Cells that run at once share caches and memory, and do this share of what they would do alone. */
const sharedSpeed = 0.9;

/** Seconds of wall-clock time of cells that take so many seconds one after another. */
export const wallSeconds = (seconds: number, jobs: number): number =>
  seconds / (jobs === 1 ? 1 : sharedSpeed * jobs);

/** Whether trials, or runs at the defaults, are left to do in a run's folder. */
export const isLeft = ({ usual, trials }: Tuning, run: string): boolean =>
  left(trials.prepared.plan.cells, trialsIn(run)).length + left(usual.plan.cells, run).length > 0;

const left = (cells: readonly PlannedCell[], folder: string) =>
  cells.filter((cell) => !isComplete(cellPath(folder, cell)));

/** Seconds of what is left to do. A run with chosen options is taken to last as long as at the defaults. */
export async function estimateTuning(
  { usual, pairs, trials }: Tuning,
  engine: Engine,
  run: string,
  jobs: number,
): Promise<{ readonly seconds: number; readonly failed: readonly string[] }> {
  const { timings, failed } = await timePairs(usual, engine);
  const { plan, tasks } = trials.prepared;
  const waiting = new Set(left(plan.cells, trialsIn(run)));
  let sum = 0;
  for (const { cell, trials: ofPair } of pairs) {
    const timing = timings.get(pairName(cell));
    if (timing === undefined) continue;
    for (const { pair } of ofPair) {
      const trial = plan.cells.find((one) => one.taskKey === pair.task && one.label === pair.estimator);
      if (trial && waiting.has(trial)) sum += cellSeconds(trial, plan, tasks.get(pair.task)!, timing);
    }
    const runs = left(usual.plan.cells, run).filter((one) => pairName(one) === pairName(cell)).length;
    const both = ofPair.length > 0 ? 2 : 1;
    sum += both * runs * cellSeconds(cell, usual.plan, usual.tasks.get(cell.taskKey)!, timing);
  }
  return { seconds: wallSeconds(sum, jobs), failed };
}
