/** An experiment that trains: rates by validation, then the test of each estimator at its own. */
import type { Cell, PublishedRecord } from "../../reports/format/records.ts";
import { openJobs } from "../jobs/cell-pool.ts";
import type { PlannedCell } from "../plan/plan.ts";
import { prepare, type Prepared } from "../plan/prepare.ts";
import type { Request } from "../plan/request.ts";
import { runPlan } from "../jobs/run-cells.ts";
import { ratesAt } from "./budgets.ts";
import { unequalThings } from "./departures.ts";
import type { Column, TrainingExperiment } from "./paper.ts";
import { publishedRecord } from "./published-values.ts";
import { testRequest, validationRequest } from "./requests.ts";
import { bestRate, cellsOf, validationValue, type Tried } from "./measured-values.ts";
import { readSchedule, writeSchedule, type Share } from "./time-plan.ts";
import { plannedSeconds, settledShare, shareOf } from "./shares.ts";
import { testFolder, update, validationFolder, type State } from "./progress-state.ts";

/** Of the budget, what this call and those before it left. */
function situation({ asked, began, before, now, done }: State) {
  const { seconds } = asked.budget;
  const left = seconds === undefined ? undefined : Math.max(0, seconds - before - (now() - began));
  return { left, done, resumed: before > 0 };
}

/** Keeps the share, or that of another process at the same folder which was there first: cells are of one plan. */
function keepShare(state: State, experiment: string, share: Share): void {
  const { schedule, folder, asked } = state;
  const there = readSchedule(folder, asked)?.shares ?? {};
  const first = there[experiment];
  const kept = first !== undefined && (first.settled || !share.settled) ? first : share;
  state.schedule = { ...schedule, shares: { ...schedule.shares, ...there, [experiment]: kept } };
  writeSchedule(folder, state.schedule);
}

/** One experiment: its share of the time, a rate for every column, then the test of each at its own. */
export async function train(state: State, experiment: TrainingExperiment): Promise<void> {
  const { asked, now } = state;
  const { id } = experiment;
  const fresh = !(id in state.schedule.shares);
  keepShare(state, id, shareOf(state.schedule, asked, experiment, situation(state)));
  const first = state.schedule.shares[id]!;
  const began = now();
  const chosen = await chooseRates(state, experiment, first);
  if (chosen === undefined) return;
  const { validation } = plannedSeconds(state.schedule, asked, id, first);
  if (fresh && validation > 0) state.done.push({ planned: validation, spent: now() - began });
  keepShare(state, id, settledShare(state.schedule, asked, experiment, situation(state)));
  const share = state.schedule.shares[id]!;
  const tested = now();
  const interrupted = await testAll(state, experiment, chosen, share);
  const { test } = plannedSeconds(state.schedule, asked, id, share);
  if (fresh && !interrupted) state.done.push({ planned: test, spent: now() - tested });
}

/** Tests each column at its rate, all in one plan; says whether it was interrupted. */
async function testAll(
  state: State,
  experiment: TrainingExperiment,
  chosen: ReadonlyMap<Column, number | null>,
  { steps, testRows }: Share,
): Promise<boolean> {
  const { asked, folder } = state;
  if (chosen.size === 0) return false;
  const estimators = [...chosen.keys()].map(({ estimator }) => estimator);
  const rates = [...new Set(chosen.values())];
  const request = testRequest({ experiment, estimators, steps }, rates, asked, testRows);
  const all = await prepare(request, state.registry);
  const unequal = unequalThings(state, experiment, all);
  const cells: PlannedCell[] = [];
  const published: PublishedRecord[] = [];
  for (const [column, rate] of chosen) {
    const planned = all.plan.cells.filter(
      ({ label, taskSettings }) =>
        label === column.estimator && (rate === null || Number(taskSettings["learning-rate"]) === rate),
    );
    cells.push(...planned);
    update(state, experiment.id, column, { planned, unequal });
    if (unequal.length > 0 || experiment.derived === true) continue;
    const first = planned.filter(({ seed }) => seed === all.seeds[0]);
    published.push(...first.flatMap((cell) => publishedRecord(asked.paper, experiment, column, cell)));
  }
  const prepared = { ...all, plan: { ...all.plan, cells }, published };
  return state.stopped() || (await run(state, prepared, request, testFolder(folder, experiment.id)));
}

/** The rate of each column that has one; nothing when it was interrupted. */
async function chooseRates(
  state: State,
  experiment: TrainingExperiment,
  { validationSteps: steps, richness }: Share,
): Promise<Map<Column, number | null> | undefined> {
  const { asked, folder } = state;
  const { rates: grid, columns } = experiment;
  const rates = grid === undefined ? [] : ratesAt(grid, richness);
  const chosen = new Map<Column, number | null>();
  if (rates.length <= 1) {
    for (const column of columns) {
      update(state, experiment.id, column, { rate: rates[0] ?? null });
      chosen.set(column, rates[0] ?? null);
    }
    return chosen;
  }
  const estimators = columns.map(({ estimator }) => estimator);
  const request = validationRequest({ experiment, estimators, steps }, rates, asked);
  const prepared = await prepare(request, state.registry);
  const where = validationFolder(folder, experiment.id);
  const interrupted = await run(state, prepared, request, where);
  const cells = await cellsOf(where);
  for (const column of columns) {
    const tried = triedOf(prepared, column, cells);
    const best = bestRate(tried);
    if (interrupted) continue;
    update(state, experiment.id, column, {
      tried,
      ...(best === undefined ? { failure: "diverged or failed at every learning rate" } : { rate: best }),
    });
    if (best !== undefined) chosen.set(column, best);
  }
  return interrupted ? undefined : chosen;
}

function triedOf({ plan }: Prepared, column: Column, cells: ReadonlyMap<string, Cell>): Tried[] {
  return plan.cells
    .filter(({ label }) => label === column.estimator)
    .map(({ hash, taskSettings }) => ({
      rate: Number(taskSettings["learning-rate"]),
      value: validationValue(cells.get(hash)),
    }));
}

async function run(state: State, prepared: Prepared, request: Request, folder: string): Promise<boolean> {
  const { asked, reporter, runCell, writeReport, force, retryFailed, command } = state;
  const { jobs } = asked;
  const { interrupted } = await runPlan(prepared, {
    ...{ folder, name: folder.slice(state.folder.length + 1), command, force, retryFailed, reporter },
    ...{ runCell, interrupted: state.stopped },
    writeReport,
    ...(jobs === 1
      ? {}
      : {
          openLanes: (cells: number) =>
            openJobs({ request, folder, engine: prepared.plan.engine, jobs }, cells),
        }),
  });
  return interrupted;
}
