/** Each estimator at its default and with the options that `bench run --tune` chose, side by side. */
import { formatInterval } from "../aggregate/numbers.ts";
import type { TunedRecord } from "../format/records.ts";
import type { TaskSummary } from "../format/summary.ts";
import { html } from "./html.ts";
import { intervalCell, type EstimatorMark } from "./ranking.ts";
import type { Table, TableCell } from "./table.ts";

/** By how much the tuned one is better than the default on the seeds that both finished. */
function gainCell({ pairs, measure }: TaskSummary, { estimator, label }: TunedRecord): TableCell {
  const pair = pairs.find(
    ({ first, second }) => [first, second].sort().join() === [estimator, label].sort().join(),
  );
  if (pair === undefined || pair.difference === null || measure?.scale !== "linear")
    return { text: "–", sort: null };
  const { difference, low, high } = pair;
  const forward = (pair.first === label) === measure.higherIsBetter;
  const turned = (value: number | null) => (value === null ? null : -value);
  const range = forward
    ? { mean: difference, low, high }
    : { mean: -difference, low: turned(high), high: turned(low) };
  return { text: formatInterval(range), sort: range.mean, fields: range };
}

/** The options of a record as a text: `learning-rate=0.003, gs.temperature=0.4`. */
export const optionsText = (options: TunedRecord["trials"][number]["options"] | null): string =>
  options === null
    ? "none: no trial finished"
    : Object.entries(options)
        .map(([name, value]) => `${name}=${value}`)
        .join(", ");

/** The table of a task; null without tuned options. */
export function tuningTable(
  task: TaskSummary,
  tuned: readonly TunedRecord[],
  id: string,
  mark: EstimatorMark = () => [],
): Table | null {
  if (tuned.length === 0) return null;
  const { ranking, measure } = task;
  const title = measure?.title ?? "value";
  const counts = [...new Set(tuned.map(({ trials }) => trials.length))].sort((a, b) => a - b);
  const valueOf = (label: string) =>
    intervalCell(ranking.find((row) => row.estimator === label)?.value ?? null);
  const numeric = { numeric: true };
  return {
    id: `${id}-tuning`,
    caption: `Default and tuned on ${task.task}`,
    columns: [
      { title: "estimator" },
      { title: `${title}, default`, doc: "Mean over seeds with its 95% interval", ...numeric },
      {
        title: `${title}, tuned with ${counts.join(" or ")} trials`,
        doc: "The options of the best trial on validation, run on the same seeds, none of which a trial used",
        ...numeric,
      },
      { title: "better by", doc: "Mean difference over paired seeds with its 95% interval", ...numeric },
      { title: "chosen options" },
    ],
    rows: tuned.map((one) => {
      // Options that equal the default make no cell of their own.
      const label = ranking.some(({ estimator }) => estimator === one.label) ? one.label : one.estimator;
      return {
        name: one.estimator,
        cells: [
          { text: one.estimator, markup: html`${mark(one.estimator)}${one.estimator}` },
          valueOf(one.estimator),
          one.chosen === null ? { text: "–", sort: null } : valueOf(label),
          gainCell(task, one),
          { text: optionsText(one.chosen) },
        ],
      };
    }),
  };
}
