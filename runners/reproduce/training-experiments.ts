/** An experiment that trains: chooses a learning rate for each estimator on validation, then runs its test cells. */
import { papers } from "../../estimators/core/bibliography.ts";
import type { PublishedRecord } from "../../reports/format/records.ts";
import type { ReproducedRow } from "../../reports/format/reproduction-record.ts";
import { openCellWorkers } from "../jobs/cell-workers.ts";
import { runPlan, type RunSettings } from "../jobs/run-cells.ts";
import type { PlannedCell } from "../plan/plan.ts";
import { prepare, type Prepared } from "../plan/prepare.ts";
import type { Request } from "../plan/request.ts";
import { differencesOf } from "./departures.ts";
import { bestTrial, readCells, validationValue } from "../tune/validation.ts";
import { pendingRows, rowsOf, type CellsByHash, type MeasuredColumn } from "./measured-values.ts";
import type { PaperColumn, PaperData, TrainingExperiment } from "./paper.ts";
import { ratesOf, testFolder, validationFolder, type ReproduceSettings } from "./reproduce-options.ts";
import { testRequest, validationRequest } from "./requests.ts";
import { identityOf, type MeasuredCell } from "./stored-values.ts";

/** Runs what is missing of an experiment until the user interrupts it. The rows hold what is measured then. */
export async function trainExperiment(
  settings: ReproduceSettings,
  experiment: TrainingExperiment,
): Promise<ReproducedRow[]> {
  const columns = await chooseRates(settings, experiment);
  if (columns === undefined) return pendingRows(experiment);
  const { options, registry, store } = settings;
  const folder = testFolder(settings.folder, experiment.id);
  const ready = columns.filter(({ failure }) => failure === undefined);
  if (ready.length === 0) return rowsOf(experiment, columns);
  const estimators = ready.map(({ column }) => column.estimator);
  const rates = [...new Set(ready.map(({ rate }) => rate ?? null))];
  const request = testRequest(options, experiment, estimators, rates);
  const all = await prepare(request, registry);
  const unequal = differencesOf(options, experiment, all.tasks.values());
  const planned = columns.map((known): MeasuredColumn => {
    if (known.failure !== undefined) return known;
    const ofColumn = all.plan.cells.filter(({ label }) => label === known.column.estimator);
    const atRate = ofColumn.filter((cell) => known.rate === null || rateOf(cell) === known.rate);
    return { ...known, planned: atRate, unequal };
  });
  const cells = planned.flatMap((known) => known.planned ?? []);
  const comparable = unequal.length === 0 && experiment.derived !== true;
  const published = planned.flatMap(({ column, planned: [cell] = [] }) =>
    comparable && cell !== undefined ? publishedRecord(options.paper, experiment, column, cell) : [],
  );
  const chosen = { ...all, plan: { ...all.plan, cells }, published };
  const { measured } = await run(settings, experiment, chosen, request, folder);
  const compared = options.verify
    ? planned.map((known) => ({
        ...known,
        stored: (known.planned ?? [])
          .slice(0, 1)
          .flatMap((cell) => store.seedsOf(identityOf(experiment.id, all, cell))),
      }))
    : planned;
  return rowsOf(experiment, compared, measured);
}

/** `Jang 2016`, short enough for a chart. */
function shortCitation(key: string): string {
  const { authors, year } = papers[key as keyof typeof papers];
  return `${authors[0].split(" ").at(-1)!} ${year}`;
}

/** The values of a column as the manifest stores them, with the sign of what cells store. */
export function publishedRecord(
  { key }: PaperData,
  { source, quantities }: TrainingExperiment,
  { title, published }: PaperColumn,
  { taskLabel: task, label: estimator }: Pick<PlannedCell, "taskLabel" | "label">,
): PublishedRecord[] {
  const about = { title: `${title}, ${shortCitation(key)}`, source: `${key}, ${source}` };
  return quantities.flatMap(({ name, metric, split, factor = 1 }) => {
    const value = published[name];
    return value === undefined ? [] : [{ task, estimator, metric, split, value: value / factor, ...about }];
  });
}

const rateOf = ({ taskSettings }: PlannedCell) => Number(taskSettings["learning-rate"]);

/** Each column with its best rate on the validation split; undefined when interrupted. */
async function chooseRates(
  settings: ReproduceSettings,
  experiment: TrainingExperiment,
): Promise<MeasuredColumn[] | undefined> {
  const { columns } = experiment;
  const rates = ratesOf(settings.options, experiment);
  if (rates.length <= 1) return columns.map((column) => ({ column, rate: rates[0] ?? null }));
  const request = validationRequest(settings.options, experiment, rates);
  const prepared = await prepare(request, settings.registry);
  const folder = validationFolder(settings.folder, experiment.id);
  const { interrupted, measured } = await run(settings, experiment, prepared, request, folder);
  if (interrupted) return undefined;
  return columns.map((column) => {
    const tried = prepared.plan.cells
      .filter(({ label }) => label === column.estimator)
      .map((cell) => ({ rate: rateOf(cell), value: validationValue(measured.get(cell.hash)) }));
    const rate = bestTrial(tried)?.rate;
    const failure = "diverged or failed at every learning rate";
    return { column, tried, ...(rate === undefined ? { failure } : { rate }) };
  });
}

/** Runs what is not stored of a plan in its folder, unless the user interrupts it, and stores what has ended. Answers both. */
async function run(
  settings: ReproduceSettings,
  { id }: TrainingExperiment,
  prepared: Prepared,
  request: Request,
  folder: string,
): Promise<{ readonly interrupted: boolean; readonly measured: CellsByHash }> {
  const { options, reporter, store } = settings;
  const stored = new Map<string, MeasuredCell>();
  for (const cell of prepared.plan.cells) {
    const found = options.verify ? undefined : store.find(identityOf(id, prepared, cell));
    if (found) stored.set(cell.hash, found);
  }
  const here = readCells(folder);
  // Cells of this folder stay in its plan, so that the same command goes on with the folder.
  const cells = prepared.plan.cells.filter(({ hash }) => here.has(hash) || !stored.has(hash));
  const withStored = () => new Map<string, MeasuredCell>([...stored, ...readCells(folder)]);
  if (cells.length === 0 || settings.interrupted())
    return { interrupted: settings.interrupted(), measured: withStored() };
  const keep = (cell: PlannedCell) => {
    const ended = options.verify ? undefined : readCells(folder).get(cell.hash);
    if (ended) store.add(identityOf(id, prepared, cell), ended);
  };
  const storing: RunSettings["reporter"] = {
    ...reporter,
    ended(cell, outcome, seconds) {
      reporter.ended(cell, outcome, seconds);
      keep(cell);
    },
    skipped(cell, state) {
      reporter.skipped(cell, state);
      keep(cell);
    },
  };
  const { jobs } = options;
  const open = { request, folder, engine: prepared.plan.engine, jobs };
  const { interrupted } = await runPlan(
    { ...prepared, plan: { ...prepared.plan, cells } },
    {
      ...{ ...settings, folder, name: folder.slice(settings.folder.length + 1), reporter: storing },
      ...(jobs === 1 ? {} : { openWorkers: (count: number) => openCellWorkers(open, count) }),
    },
  );
  return { interrupted, measured: withStored() };
}
