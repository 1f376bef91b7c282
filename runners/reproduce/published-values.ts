/** Published values whose protocol is exactly that of a plan's cells: those that a report may draw beside them. */
import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";
import { papers } from "../../estimators/core/bibliography.ts";
import type { PublishedRecord } from "../../reports/format/records.ts";
import { canonicalJson } from "../hash.ts";
import { readOptions, resolveOptions } from "../options/resolve.ts";
import type { PlannedCell } from "../plan/plan.ts";
import { settingsOf } from "../plan/pairs.ts";
import type { Prepared } from "../plan/prepare.ts";
import { parseSelections } from "../options/selection.ts";
import { reproducible } from "./papers/index.ts";
import type { Column, PaperData, TrainingExperiment } from "./paper.ts";

/** `Jang 2016` is enough on a chart. */
function shortCitation(key: string): string {
  const { authors, year } = papers[key as keyof typeof papers];
  return `${authors[0].split(" ").at(-1)!} ${year}`;
}

/** One value as the manifest has it, in the sign of what cells store. */
export function publishedRecord(
  { key }: PaperData,
  { source, quantities }: TrainingExperiment,
  { title, published }: Column,
  cell: Pick<PlannedCell, "taskLabel" | "label">,
): PublishedRecord[] {
  return quantities.flatMap(({ name, metric, split, factor }) => {
    const value = published[name];
    if (value === undefined) return [];
    const own = { task: cell.taskLabel, estimator: cell.label, metric, split, value: value / factor };
    return [{ ...own, title: `${title}, ${shortCitation(key)}`, source: `${key}, ${source}` }];
  });
}

const equal = (a: Settings, b: Settings) => canonicalJson(a) === canonicalJson(b);

/**
 * The values of experiments without a grid of learning rates that cells of the plan repeat in every option, step and
 * measurement. Where a paper tuned, one run cannot match it: `bench reproduce` says so itself.
 */
export function publishedFor(prepared: Prepared): PublishedRecord[] {
  return reproducible.flatMap((paper) =>
    paper.experiments.flatMap((experiment) => {
      if (experiment.kind !== "training" || experiment.rates !== undefined) return [];
      if (experiment.derived === true || experiment.departs !== undefined || paper.data !== undefined)
        return [];
      return experiment.columns.flatMap((column) => {
        const cell = prepared.plan.cells.find((planned) => repeats(planned, experiment, column, prepared));
        return cell === undefined ? [] : publishedRecord(paper, experiment, column, cell);
      });
    }),
  );
}

function repeats(
  cell: PlannedCell,
  experiment: TrainingExperiment,
  column: Column,
  { matrix, tasks }: Prepared,
): boolean {
  const { steps, evaluations, seconds } = cell.budget;
  if (steps !== experiment.steps || evaluations !== undefined || seconds !== undefined) return false;
  const [task] = parseSelections([experiment.task], "--task");
  const [estimator] = parseSelections([column.estimator], "--estimator");
  if (cell.task !== task!.name || cell.estimator !== estimator!.name) return false;
  const { definition } = matrix.tasks.find(({ label }) => label === cell.taskKey)!;
  const choice = matrix.estimators.find(({ label }) => label === cell.label)!;
  const ofTask = { who: definition.name, specs: definition.options };
  const specs = choice.entry.estimator.options as OptionSpecs;
  const options = readOptions(estimator!.options, { who: choice.entry.name, specs });
  return (
    equal(cell.taskSettings, resolveOptions(readOptions(task!.options, ofTask), ofTask)) &&
    equal(cell.estimatorSettings, settingsOf({ ...choice, options }, tasks.get(cell.taskKey)))
  );
}
