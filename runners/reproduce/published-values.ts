/** Published values that a report draws beside measured ones, because the cells follow the paper's protocol. */
import { papers } from "../../estimators/core/bibliography.ts";
import type { PublishedRecord } from "../../reports/format/records.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { PaperColumn, PaperData, TrainingExperiment } from "./paper.ts";

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
