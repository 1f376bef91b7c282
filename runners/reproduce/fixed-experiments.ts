/** The experiments that train nothing: variances at fixed parameters, and steps per second. */
import type { SpeedRow } from "../../reports/format/reproduction-record.ts";
import type { Engine } from "../engine/engine.ts";
import { hashOf } from "../hash.ts";
import { prepare } from "../plan/prepare.ts";
import type { Registry } from "../plan/registry.ts";
import { measureVariance, referenceOf, type Setting } from "../variance/fixed-parameters.ts";
import type { SpeedExperiment, VarianceExperiment } from "./paper.ts";
import { plainRequest, withOption } from "./requests.ts";
import type { Asked } from "./time-plan.ts";
import { costModel, measureSpeed } from "./speed.ts";
import type { OneValue } from "./verdict.ts";

export interface Measuring {
  readonly asked: Asked;
  readonly registry: Registry;
  readonly engine: Engine;
  /** Gives what was stored under the key, or makes and stores it; nothing where it would be made and all is to stop. */
  readonly once: <R>(key: string, say: string, make: () => Promise<R>) => Promise<R | undefined>;
}

/** Gradient and variance of each column, where there is one. */
export async function measureVariances(
  experiment: VarianceExperiment,
  { asked, registry, engine, once }: Measuring,
): Promise<(Record<string, OneValue> | undefined)[]> {
  const draws = Math.max(40, Math.round(experiment.draws * asked.budget.draws));
  const named = (name: string) => registry.estimators.find((entry) => entry.name === name)!.estimator;
  const values: (Record<string, OneValue> | undefined)[] = [];
  for (const { title, estimator } of experiment.columns) {
    const prepared = await prepare(
      plainRequest({ task: experiment.task, estimators: [estimator] }, asked),
      registry,
    );
    const [cell] = prepared.plan.cells;
    const subject = {
      estimator: prepared.matrix.estimators[0]!.entry.estimator,
      settings: cell!.estimatorSettings,
      label: cell!.label,
    };
    const setting: Setting = {
      ...{ engine, task: prepared.tasks.get(cell!.taskLabel)!, taskLabel: cell!.taskLabel, seed: 0, draws },
      exact: named("exact"),
      long: { estimator: named("rloo"), settings: { samples: 64 }, label: "rloo:samples=64" },
    };
    const key = hashOf({ kind: "variance", cell: cell!.resolved, draws });
    values.push(
      await once(key, `${experiment.title}: ${title}, ${draws} draws`, async () => {
        const row = await measureVariance(setting, subject, await referenceOf(setting));
        const { parameters, standardError } = row.variance;
        return {
          gradient: { value: row.gradient.parameters![0]!, standardError: Math.sqrt(parameters / draws) },
          variance: { value: parameters, standardError },
        };
      }),
    );
  }
  return values;
}

/** Both estimators at one number of classes, labels at random unless they are the ten digits. */
export async function measureSpeedAt(
  experiment: SpeedExperiment,
  classes: number,
  { asked, registry, engine, once }: Measuring,
): Promise<SpeedRow | undefined> {
  const { sampling, marginal, published, id, task, title } = experiment;
  const request = plainRequest(
    { task: withOption(task, `classes=${classes}`), estimators: [sampling, marginal], labelled: true },
    asked,
  );
  const prepared = await prepare(request, registry);
  const seconds = asked.budget.speedSeconds;
  const key = hashOf({ kind: "speed", cells: prepared.plan.cells.map(({ resolved }) => resolved), seconds });
  const [cell] = prepared.plan.cells;
  const made = await once(key, `${title}: K = ${classes}, ${2 * seconds} s`, () =>
    measureSpeed(prepared, { sampling, marginal }, engine, seconds),
  );
  if (made === undefined) return undefined;
  const pixels = prepared.tasks.get(cell!.taskLabel)!.features;
  return {
    ...{ experiment: id, classes, ...made },
    model: costModel(cell!.taskSettings, pixels),
    published: published[classes] ?? null,
  };
}
