/** Estimates how long a reproduction takes here, from a few steps of each of its trainings. */
import type { Engine } from "../engine/engine.ts";
import { prepare } from "../plan/prepare.ts";
import type { Registry } from "../plan/registry.ts";
import { estimateTime } from "../train/estimate-time.ts";
import { wallSeconds } from "../tune/tuning-time.ts";
import { validationShare } from "../tune/validation.ts";
import { ratesOf, type ReproduceOptions } from "./reproduce-options.ts";
import { testRequest } from "./requests.ts";

/** Seconds of a draw of a toy's gradient and of compiling a step; rough, for both are small beside any training. */
const rough = { draw: 3e-4, compile: 3 } as const;

/** Seconds of wall-clock time that the whole reproduction takes. */
export async function estimateSeconds(
  options: ReproduceOptions,
  registry: Registry,
  engine: Engine,
): Promise<number> {
  const { budget, jobs } = options;
  let total = 0;
  for (const experiment of options.experiments)
    if (experiment.kind === "variance")
      total += experiment.columns.length * (experiment.draws * budget.draws * rough.draw + rough.compile);
    else if (experiment.kind === "speed")
      total += 2 * experiment.classes.length * (budget.speedSeconds + rough.compile);
    else {
      const rates = ratesOf(options, experiment);
      const estimators = experiment.columns.map(({ estimator }) => estimator);
      // Every rate takes the same time, so one is timed.
      const request = testRequest(options, experiment, estimators, [rates[0] ?? null]);
      const { seconds } = await estimateTime(await prepare(request, registry), engine);
      const tests = [...seconds.values()].reduce((sum, cell) => sum + cell, 0);
      const validation = rates.length > 1 ? rates.length * validationShare : 0;
      total += wallSeconds(tests * (1 + validation), jobs);
    }
  return total;
}
