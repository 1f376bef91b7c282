/** The summary of a run as a few lines for a terminal. */
import { failureReasons } from "../../../reports/aggregate/failure-reasons.ts";
import { plural } from "../../../reports/aggregate/numbers.ts";
import type { Interval, Summary } from "../../../reports/format/summary.ts";
import { table } from "./plain-table.ts";

/** The rankings, then each reason why cells did not finish. */
export function rankingText({ tasks, failures }: Summary): string {
  const rankings = tasks
    .map(({ sentence, measure, ranking }) => {
      const [digits, boundDigits] = [
        digitsOf(ranking.map(({ value }) => value)),
        digitsOf(ranking.map(({ bound }) => bound)),
      ];
      const rows = ranking.map((row) => [
        row.rank === null ? "-" : String(row.rank),
        row.estimator,
        interval(row.value, digits),
        interval(row.bound, boundDigits),
        row.variance === null ? "-" : row.variance.mean.toPrecision(3),
        row.milliseconds === null ? "-" : row.milliseconds.mean.toFixed(1),
        `${row.seeds.done}/${row.seeds.all}`,
      ]);
      const metric = measure === null ? "value" : `${measure.split} ${measure.metric}`;
      const headers = ["rank", "estimator", metric, "bound", "variance", "ms/step", "seeds"];
      return `${sentence}\n${table(headers, rows)}`;
    })
    .join("\n");
  const reasons = failureReasons(failures).map((reason) => `  ${reason}\n`);
  return reasons.length === 0
    ? rankings
    : `${rankings}\n${plural(failures.length, "cell")} did not finish:\n${reasons.join("")}\n`;
}

/** Decimals of a column: two, or as many as show two digits of the smallest half width of an interval, six at most. */
function digitsOf(column: readonly (Interval | null)[]): number {
  const needed = column.flatMap((value) => {
    const half = value === null || value.low === null ? 0 : (value.high! - value.low) / 2;
    return half > 0 ? [1 - Math.floor(Math.log10(half))] : [];
  });
  return Math.min(6, Math.max(2, ...needed));
}

function interval(value: Interval | null, digits: number): string {
  if (value === null) return "-";
  const { mean, low, high } = value;
  if (low === null || high === null) return mean.toFixed(digits);
  return `${mean.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}
