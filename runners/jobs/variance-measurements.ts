/** Estimators and references of `bench variance` and `bench bank`, in this process and, once that takes long, in children. */
import type { VarianceRow } from "../../reports/format/variance-row.ts";
import type { BlockSums } from "../train/block-sums.ts";
import { measureStages, type StagesRequest } from "../variance/bank-stages.ts";
import type { NamedPoint } from "../variance/make-bank.ts";
import { referenceOf, type PartLoop, type Reference } from "../variance/reference.ts";
import {
  groupReference,
  measureInGroup,
  type TaskGroup,
  type VarianceRequest,
} from "../variance/variance-plan.ts";
import { runTogether, type SharedWork } from "./run-together.ts";

interface Conditions {
  readonly request: VarianceRequest;
  readonly jobs: number;
  /** Receives the name of each estimator as its measurement starts. */
  readonly report: (message: string) => void;
}

/** Draws of a group's sampled reference, of which each process makes some. */
const referenceTogether =
  (shared: Pick<SharedWork<BlockSums>, "jobs" | "preparation">, group: number): PartLoop =>
  async (here, count, add) => {
    const waiting = new Map<number, BlockSums>();
    let [added, done] = [0, false];
    await runTogether<BlockSums>({
      ...{ ...shared, count, here },
      job: (part) => ({ kind: "reference part", group, part }),
      ended(part, sums) {
        waiting.set(part, sums);
        for (let next; !done && (next = waiting.get(added)); added++) {
          done = add(next);
          waiting.delete(added);
        }
      },
      enough: () => done,
    });
  };

/** A row for each task and estimator, in their order. */
export async function measureTogether({
  request,
  groups,
  jobs,
  report,
}: Conditions & { readonly groups: readonly TaskGroup[] }): Promise<VarianceRow[]> {
  const rows: VarianceRow[] = [];
  for (const [index, group] of groups.entries()) {
    const shared = { jobs, preparation: { kind: "variance", request } } as const;
    const reference = await groupReference(group, referenceTogether(shared, index));
    const { estimators, conditions } = group;
    const measured = await runTogether<VarianceRow>({
      ...{ ...shared, count: estimators.length },
      here: (estimator) => measureInGroup(group, estimators[estimator]!, reference, request.at),
      job: (estimator) => ({ kind: "measurement", group: index, estimator, reference }),
      started: (estimator) => report(`${conditions.taskLabel}: ${estimators[estimator]!.label}`),
    });
    rows.push(...measured);
  }
  return rows;
}

/** A row for each stage of a bank and estimator of the only group of the request, stage by stage. */
export async function measureStagesTogether(
  measurements: Conditions & { readonly group: TaskGroup; readonly stages: StagesRequest },
): Promise<VarianceRow[]> {
  const { request, group, jobs, report, stages } = measurements;
  const { estimators, conditions } = group;
  const rows = await runTogether<VarianceRow[]>({
    ...{ count: estimators.length, jobs, preparation: { kind: "variance", request } },
    here: (estimator) => measureStages(stages, conditions, estimators[estimator]!),
    job: (estimator) => ({ kind: "stages", estimator, stages }),
    started: (estimator) => report(`${conditions.taskLabel}: ${estimators[estimator]!.label}`),
  });
  return rows.flat().sort((a, b) => a.step - b.step);
}

/** The reference at each of several parameters of the task; a sampled one takes at most the draws of the request. */
export function referencesTogether(
  { request, group, jobs, report }: Conditions & { readonly group: TaskGroup },
  points: readonly NamedPoint[],
): Promise<Reference[]> {
  const { conditions, references } = group;
  return runTogether<Reference>({
    ...{ count: points.length, jobs, preparation: { kind: "variance", request } },
    here: (k) => referenceOf({ ...conditions, at: points[k]!.at }, references, { most: request.draws }),
    job: (k) => ({ kind: "reference", at: points[k]!.at }),
    started: (k) =>
      report(
        `${conditions.taskLabel}: reference gradient at the ${points[k]!.name}, step ${points[k]!.at.step}`,
      ),
  });
}
