/** `bench variance` of several estimators, in this process and, once that takes long, in child processes too. */
import type { VarianceRow } from "../../reports/format/variance-row.ts";
import {
  groupReference,
  measureInGroup,
  type TaskGroup,
  type VarianceRequest,
} from "../variance/variance-plan.ts";
import { runTogether } from "./run-together.ts";

interface Measurements {
  readonly request: VarianceRequest;
  readonly groups: readonly TaskGroup[];
  readonly jobs: number;
  /** Receives the name of each estimator as its measurement starts. */
  readonly report: (message: string) => void;
}

/** A row for each task and estimator, in their order. */
export async function measureTogether({
  request,
  groups,
  jobs,
  report,
}: Measurements): Promise<VarianceRow[]> {
  const rows: VarianceRow[] = [];
  for (const [index, group] of groups.entries()) {
    const reference = await groupReference(group);
    const { estimators, conditions } = group;
    const measured = await runTogether<VarianceRow>({
      ...{ count: estimators.length, jobs, preparation: { kind: "variance", request } },
      here: (estimator) => measureInGroup(group, estimators[estimator]!, reference, request.at),
      job: (estimator) => ({ kind: "measurement", group: index, estimator, reference }),
      started: (estimator) => report(`${conditions.taskLabel}: ${estimators[estimator]!.label}`),
    });
    rows.push(...measured);
  }
  return rows;
}
