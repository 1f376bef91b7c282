/** The measurements of `bench variance`, `bench bank` and `bench report --bank`. Imports heavy modules. */
import { defaultSteps } from "../../tasks/task.ts";
import type { VarianceRow } from "../../reports/format/variance-row.ts";
import { chooseEngine, defaultEngine } from "../engine/index.ts";
import { mistake } from "../errors.ts";
import { measureStagesTogether, measureTogether, referencesTogether } from "../jobs/variance-measurements.ts";
import { judgePairs } from "../plan/choose-pairs.ts";
import { chooseMatrix } from "../plan/matrix.ts";
import { openRegistry } from "../plan/registry.ts";
import type { Request } from "../plan/request.ts";
import { readSnapshot } from "../store/trained-parameters.ts";
import { readBank, refuseOtherBank, type Bank } from "../variance/bank-files.ts";
import { makeBank } from "../variance/make-bank.ts";
import { openVariance, type TaskGroup, type VarianceRequest } from "../variance/variance-plan.ts";
import { progressLines, type Invocation } from "./commands/command.ts";
import { jobsOf, requestOf } from "./request-of.ts";

/** Opens what a request measures, and closes it after the action. */
async function withVariance<R>(
  invocation: Invocation,
  request: VarianceRequest,
  measure: (groups: readonly TaskGroup[], how: ReturnType<typeof howOf>) => Promise<R>,
): Promise<R> {
  const { groups, notes, close } = await openVariance(request);
  for (const note of notes) invocation.io.stderr.write(`${note}\n`);
  try {
    return await measure(groups, howOf(invocation, request));
  } finally {
    await close();
  }
}

const howOf = (invocation: Invocation, request: VarianceRequest) => ({
  request,
  jobs: jobsOf(invocation.flags, chooseEngine(request.request.engine ?? defaultEngine)),
  report: progressLines(invocation),
});

/** The rows of `bench variance`. */
export async function varianceRows(invocation: Invocation): Promise<VarianceRow[]> {
  const { flags } = invocation;
  const [folder, cell] = [flags.text("bank"), flags.text("parameters")];
  const request = requestOf(flags);
  if (folder !== undefined) {
    refuseWithBank(invocation);
    return (await rowsAtBank(invocation, folder, readBank(folder), request)).rows;
  }
  const measured = {
    ...{ request, draws: flags.count("draws"), seed: flags.count("seed") },
    ...(cell === undefined ? {} : { at: readSnapshot(cell) }),
  };
  return withVariance(invocation, measured, (groups, how) => measureTogether({ ...how, groups }));
}

/** A bank fixes its task, seed and parameters. */
function refuseWithBank({ flags }: Invocation): void {
  for (const name of ["task", "seed", "parameters"] as const)
    if (flags.list(name).length > 0)
      throw mistake(`--${name} cannot be combined with --bank, which has its own ${name}.`);
}

/** Rows of the request's estimators at the stages of a bank, and the group that the estimators form. */
export function rowsAtBank(invocation: Invocation, folder: string, bank: Bank, request: Request) {
  const draws = invocation.flags.count("draws");
  const measured = { request: { ...request, tasks: [bank.taskLabel] }, draws, seed: bank.seed };
  return withVariance(invocation, measured, async (groups, how) => {
    const [group] = groups as [TaskGroup];
    refuseOtherBank(bank, group.conditions.task, group.version);
    const rows = await measureStagesTogether({ ...how, group, stages: { folder, bank, draws } });
    return { rows, group };
  });
}

/** Trains the estimator of that label on the task and writes the bank into the folder that `folderOf` gives. */
export async function storeBank(
  invocation: Invocation,
  task: string,
  trained: string,
  folderOf: (taskLabel: string) => string,
): Promise<{ readonly folder: string; readonly bank: Bank }> {
  const { flags } = invocation;
  const request = { ...requestOf(flags), estimators: [trained], tasks: [task] };
  const { pairs } = judgePairs(chooseMatrix(request, await openRegistry(request.plugins)));
  if (pairs.length !== 1) throw mistake(`bench bank expects one task, got "${task}".`);
  const { label, definition, settings } = pairs[0]!.task;
  const folder = folderOf(label);
  const steps = flags.text("steps") === undefined ? defaultSteps(definition, settings) : flags.count("steps");
  if (steps < 2) throw mistake(`--steps must be at least 2, got ${steps}.`);
  const measured = { request, draws: flags.count("draws"), seed: flags.count("seed") };
  const bank = await withVariance(invocation, measured, ([group], how) => {
    const { conditions, version, estimators } = group!;
    const { text } = chooseEngine(request.engine ?? defaultEngine);
    return makeBank(folder, {
      ...{ conditions, taskVersion: version, trained: estimators[0]!, steps, engineText: text },
      referencesAt: (stages) => referencesTogether({ ...how, group: group! }, stages),
      progress: how.report,
    });
  });
  return { folder, bank };
}
