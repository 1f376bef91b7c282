/**
 * `bench variance` of several estimators at once: this process measures one after another and, once that takes long,
 * child processes measure too. A row depends on its own noise alone, never on where it is measured, so all but the
 * seconds are the same.
 */
import { availableParallelism } from "node:os";
import type { VarianceRow } from "../../reports/format/variance-row.ts";
import { environment } from "../errors.ts";
import {
  groupReference,
  measureInGroup,
  type TaskGroup,
  type VarianceRequest,
} from "../variance/variance-plan.ts";
import { startProcess, type Job, type JobProcess } from "./process-pool.ts";

/** Milliseconds after which children start: shorter measurements take less time than they do. */
const startDelay = 2000;

interface Measurements {
  readonly request: VarianceRequest;
  readonly groups: readonly TaskGroup[];
  /** Receives the name of each estimator as its measurement starts. */
  readonly report: (message: string) => void;
}

/** A row for each task and estimator, in their order, by as many processes as there are cores, at most 8. */
export async function measureTogether({ request, groups, report }: Measurements): Promise<VarianceRow[]> {
  const rows: VarianceRow[] = [];
  for (const [index, group] of groups.entries()) {
    const reference = await groupReference(group);
    const queue = group.estimators.map((_, estimator) => estimator);
    const found = new Map<number, VarianceRow>();
    const work = async (measure: (estimator: number) => Promise<VarianceRow>): Promise<void> => {
      for (let estimator = queue.shift(); estimator !== undefined; estimator = queue.shift()) {
        report(`${group.conditions.taskLabel}: ${group.estimators[estimator]!.label}`);
        found.set(estimator, await measure(estimator));
      }
    };
    const children: JobProcess[] = [];
    const working: Promise<void>[] = [];
    const timer = setTimeout(() => {
      const count = Math.min(Math.min(8, availableParallelism()) - 1, queue.length);
      for (let n = 0; n < count; n++) {
        const child = startProcess({ kind: "variance", request });
        children.push(child);
        working.push(
          work((estimator) => measureIn(child, { kind: "measurement", group: index, estimator, reference })),
        );
        working.at(-1)!.catch(() => undefined); // Awaited below, once this process is done.
      }
    }, startDelay);
    try {
      await work((estimator) => measureInGroup(group, group.estimators[estimator]!, reference, request.at));
      clearTimeout(timer);
      await Promise.all(working);
    } finally {
      clearTimeout(timer);
      await Promise.all(children.map((child) => child.close()));
    }
    for (const estimator of group.estimators.keys()) rows.push(found.get(estimator)!);
  }
  return rows;
}

/** A measurement in a child process; its death is an error. */
export async function measureIn(child: JobProcess, job: Job): Promise<VarianceRow> {
  const end = await child.run<VarianceRow>(job);
  if ("died" in end) throw environment(`A child process of bench variance died: ${end.died.error}.`);
  return end.result;
}
