/** Published values that a report may draw beside measured ones, because the cells follow the paper's protocol. */
import { papers } from "../../estimators/core/bibliography.ts";
import type { PublishedRecord } from "../../reports/format/records.ts";
import { canonicalJson } from "../hash.ts";
import { chooseMatrix } from "../plan/matrix.ts";
import type { PlannedCell } from "../plan/plan.ts";
import { settingsOf } from "../plan/choose-pairs.ts";
import type { Prepared } from "../plan/prepare.ts";
import type { Registry } from "../plan/registry.ts";
import type { PaperColumn, PaperData, TrainingExperiment } from "./paper.ts";
import { reproducible } from "./papers/index.ts";

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

const equal = (a: unknown, b: unknown) => canonicalJson(a) === canonicalJson(b);

/**
 * The values of experiments that cells of the plan repeat in every option and step. One run cannot repeat an experiment
 * whose paper chose a learning rate from a grid; `bench reproduce` compares with that.
 */
export function publishedFor({ plan, tasks }: Prepared, registry: Registry): PublishedRecord[] {
  return reproducible.flatMap((paper) =>
    paper.experiments.flatMap((experiment) => {
      if (experiment.kind !== "training" || experiment.rates !== undefined) return [];
      if (experiment.derived === true || experiment.departs !== undefined || paper.data !== undefined)
        return [];
      const { task, columns, steps } = experiment;
      const selected = { tasks: [task], estimators: columns.map(({ estimator }) => estimator) };
      const matrix = chooseMatrix({ ...selected, grids: [], plugins: [], quick: false }, registry);
      const { definition, settings } = matrix.tasks[0]!;
      return columns.flatMap((column) => {
        const choice = matrix.estimators.find(({ label }) => label === column.estimator)!;
        const cell = plan.cells.find(
          (planned) =>
            planned.task === definition.name &&
            planned.estimator === choice.entry.name &&
            equal(planned.budget, { steps }) &&
            equal(planned.taskSettings, settings) &&
            equal(planned.estimatorSettings, settingsOf(choice, tasks.get(planned.taskKey))),
        );
        return cell === undefined ? [] : publishedRecord(paper, experiment, column, cell);
      });
    }),
  );
}
