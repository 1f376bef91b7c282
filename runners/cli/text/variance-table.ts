/** The rows of `bench variance` for people. */
import type { VarianceRow } from "../../../reports/format/variance-row.ts";
import { table } from "./plain-table.ts";

const short = (x: number | null) => (x === null ? "-" : x === 0 ? "0" : x.toPrecision(3));

/** A number and its standard error, to two digits. */
const within = (x: number | null, error: number | null) =>
  x === null || error === null ? short(x) : `${short(x)} ±${error === 0 ? "0" : error.toPrecision(2)}`;

export function tableOf(rows: readonly VarianceRow[]): string {
  const staged = rows.some(({ stage }) => stage !== undefined);
  const headers = [
    "task",
    ...(staged ? ["stage", "step"] : []),
    ...["estimator", "variance", "per logit", "bias/‖g‖", "z", "cosine", "deviation", "‖g‖²/var"],
    ...["evals", "var×evals", "mse/eval", "ms", "var×s", "reference"],
  ];
  return table(
    headers,
    rows.map((row) => [
      row.task,
      ...(staged ? [row.stage ?? "-", String(row.step)] : []),
      ...[row.estimator, within(row.variance.parameters, row.variance.standardError)],
      ...[within(row.variance.logits, row.variance.logitsError)],
      ...[within(row.bias.relative, row.bias.relativeError), row.bias.z.toFixed(1)],
      ...[within(row.cosine, row.cosineError), within(row.deviation, row.deviationError)],
      ...[within(row.signalToNoise, row.signalToNoiseError)],
      ...[`${row.evaluations.forward}+${row.evaluations.backward}`, short(row.varianceTimesEvaluations)],
      short(row.meanSquaredErrorPerEvaluation),
      ...[(row.secondsPerDraw * 1000).toFixed(2), short(row.varianceTimesSeconds)],
      row.reference + (row.referenceError === null ? "" : ` ±${(100 * row.referenceError).toFixed(1)} %`),
    ]),
  );
}
