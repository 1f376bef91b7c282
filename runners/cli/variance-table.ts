/** The rows of `bench variance` for people. */
import type { VarianceRow } from "../variance.ts";
import { table } from "./table.ts";

const short = (x: number | null) =>
  x === null ? "-" : x === 0 ? "0" : x.toPrecision(3).replace(/e([+-])/, "e$1");

export function tableOf(rows: readonly VarianceRow[]): string {
  const staged = rows.some(({ stage }) => stage !== undefined);
  const headers = [
    "task",
    ...(staged ? ["stage", "step"] : []),
    "estimator",
    "variance",
    "±",
    "per logit",
    "bias/‖g‖",
    "z",
    "cosine",
    "‖g‖²/var",
    "evals",
    "var×evals",
    "ms",
    "reference",
  ];
  return table(
    headers,
    rows.map((row) => [
      row.task,
      ...(staged ? [row.stage ?? "-", String(row.step)] : []),
      ...[row.estimator, short(row.variance.parameters), short(row.variance.standardError)],
      ...[short(row.variance.logits), short(row.bias.relative), row.bias.z.toFixed(1), short(row.cosine)],
      ...[short(row.signalToNoise), `${row.evaluations.forward}+${row.evaluations.backward}`],
      ...[short(row.varianceTimesEvaluations), (row.secondsPerDraw * 1000).toFixed(2)],
      row.reference + (row.referenceError === null ? "" : ` ±${(100 * row.referenceError).toFixed(1)} %`),
    ]),
  );
}
