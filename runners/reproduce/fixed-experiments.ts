/** Experiments that train nothing: variances at fixed parameters, and steps per second. */
import type { ReproducedRow, SpeedRow } from "../../reports/format/reproduction-record.ts";
import type { Engine } from "../engine/engine.ts";
import { prepare } from "../plan/prepare.ts";
import { groupReference, measureInGroup, openVariance } from "../variance/variance-plan.ts";
import { rowsOf, type MeasuredColumn } from "./measured-values.ts";
import type { SpeedExperiment, VarianceExperiment } from "./paper.ts";
import type { ReproduceSettings } from "./reproduce-options.ts";
import { plainRequest, withOption } from "./requests.ts";
import { costModel, measureSpeed } from "./speed.ts";

/** Gradient and variance of each column, as `bench variance` measures them, until the user interrupts. */
export async function measureVariances(
  { options, reporter, interrupted }: ReproduceSettings,
  experiment: VarianceExperiment,
): Promise<ReproducedRow[]> {
  const draws = Math.max(40, Math.round(experiment.draws * options.budget.draws));
  const estimators = experiment.columns.map(({ estimator }) => estimator);
  const request = plainRequest(options, experiment.task, estimators);
  const { groups, close } = await openVariance({ request, draws, seed: 0 });
  try {
    const group = groups[0]!;
    const reference = await groupReference(group);
    const columns: MeasuredColumn[] = [];
    for (const column of experiment.columns) {
      const estimator = group.estimators.find(({ label }) => label === column.estimator)!;
      if (interrupted()) columns.push({ column });
      else {
        reporter.note(`${experiment.title}: ${column.title}, ${draws} draws`);
        const { variance, gradient } = await measureInGroup(group, estimator, reference);
        const fixed = {
          gradient: {
            value: gradient.parameters![0]!,
            // That of a coordinate, where all are alike; variance.parameters is the trace.
            standardError: Math.sqrt(variance.parameters / gradient.parameters!.length / draws),
          },
          variance: { value: variance.parameters, standardError: variance.standardError },
        };
        columns.push({ column, fixed });
      }
    }
    return rowsOf(experiment, columns);
  } finally {
    await close();
  }
}

/** Speeds by the number of classes, until the user interrupts. Labels are random unless they are the ten digits. */
export async function measureSpeeds(
  { options, registry, reporter, interrupted }: ReproduceSettings,
  { id, title, task, classes, sampling, marginal, published }: SpeedExperiment,
  engine: Engine,
): Promise<SpeedRow[]> {
  const seconds = options.budget.speedSeconds;
  const rows: SpeedRow[] = [];
  for (const count of classes) {
    if (interrupted()) break;
    reporter.note(`${title}: K = ${count}, ${2 * seconds} s`);
    const request = plainRequest(options, withOption(task, `classes=${count}`), [sampling, marginal], true);
    const prepared = await prepare(request, registry);
    const measured = await measureSpeed(prepared, { sampling, marginal }, engine, seconds);
    const { taskKey, taskSettings } = prepared.plan.cells[0]!;
    const model = costModel(taskSettings, prepared.tasks.get(taskKey)!.features);
    rows.push({ experiment: id, classes: count, ...measured, model, published: published[count] ?? null });
  }
  return rows;
}
