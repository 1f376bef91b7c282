import test from "ava";
import { aggregate } from "../../../reports/aggregate/aggregate.ts";
import { squaredErrors } from "../../../reports/format/gradient-error.ts";
import type { RunRecords } from "../../../reports/format/records.ts";
import { resultsTable } from "../../../reports/format/results-csv.ts";
import { reportPage } from "../../../reports/page/document.ts";
import { madeUpRun } from "../fixture.ts";

const made = madeUpRun({ tasks: ["cat10"], estimators: ["rloo", "gs", "st"], states: {}, pictures: false });
const withTarget = (value: number): RunRecords => ({
  ...made,
  manifest: { ...made.manifest, targets: { cat10: value } },
});
const rowOf = (run: RunRecords, name: string) =>
  aggregate(run).tasks[0]!.ranking.find(({ estimator }) => estimator === name)!;

test("time to target: the first log point at the target or beyond, by hand", (t) => {
  const { toTarget } = rowOf(withTarget(-110), "rloo");
  t.deepEqual([toTarget!.reached, toTarget!.all], [3, 3]);
  for (const { seed, value } of toTarget!.evaluations!.values) {
    const { curve } = made.cells.find(({ record }) => record.label === "rloo" && record.seed === seed)!;
    const rows = curve.filter(({ metric, split }) => metric === "elbo" && split === "valid");
    const first = rows.findIndex((row) => row.value! >= -110);
    t.true(first > 0 && rows[first - 1]!.value! < -110);
    t.is(value, rows[first]!.forward + rows[first]!.backward);
    t.is(toTarget!.seconds!.values.find((one) => one.seed === seed)!.value, rows[first]!.seconds);
  }
});

test("an estimator that does not reach the target with every seed has a count and no time", (t) => {
  const { toTarget } = rowOf(withTarget(-105.5), "st");
  t.deepEqual(toTarget, { reached: 0, all: 3, evaluations: null, seconds: null });
  const one = madeUpRun({
    tasks: ["cat10"],
    estimators: ["rloo", "gs"],
    states: { "cat10/gs/1": "diverged" },
  });
  const broken = { ...one, manifest: { ...one.manifest, targets: { cat10: -107 } } };
  const gs = rowOf(broken, "gs").toTarget!;
  t.is(gs.reached, 2);
  t.is(gs.evaluations, null, "the two that got there would flatter it");
});

test("without --target it is the median over estimators of the final means", (t) => {
  const [task] = aggregate(made).tasks;
  t.false(task!.target!.given);
  t.is(task!.target!.split, "valid");
  const means = ["rloo", "gs", "st"].map((label) => {
    const last = made.cells
      .filter(({ record }) => record.label === label)
      .map(({ curve }) => curve.findLast((row) => row.metric === "elbo" && row.split === "valid")!.value!);
    return last.reduce((a, b) => a + b, 0) / last.length;
  });
  t.true(Math.abs(task!.target!.value - means.sort((a, b) => a - b)[1]!) < 1e-9);
  const page = reportPage(withTarget(-105.5), aggregate(withTarget(-105.5)), "");
  t.regex(page, /evaluations to −105\.5[^]*seconds to −105\.5[^]*0\/3 reach it/);
});

test("the squared error per evaluation is bias² + variance × evaluations; averaging draws does not lower the bias", (t) => {
  const { record, gradients } = made.cells.find(({ record }) => record.label === "st")!;
  const row = { ...gradients[0]!, bias: 3, varianceEstimator: 2 };
  const cost = { ...record, evaluations: { forward: 4, backward: 1 } };
  t.deepEqual(squaredErrors(row, cost), { perDraw: 11, perEvaluation: 19 });
  const { bias: _, ...unmeasured } = row;
  t.is(squaredErrors(unmeasured, cost), undefined, "an unknown bias is not zero");
  const claims = { unbiased: true };
  t.deepEqual(squaredErrors(unmeasured, { ...cost, claims }), { perDraw: 2, perEvaluation: 10 });
  t.deepEqual(
    squaredErrors(row, { ...cost, claims }),
    { perDraw: 11, perEvaluation: 19 },
    "measured before claimed",
  );
  t.is(squaredErrors({ ...row, varianceEstimator: null }, cost), undefined);
});

test("results.csv and the ranking hold the squared error", (t) => {
  const table = resultsTable(made.cells);
  t.regex(table, /gradients,mean-squared-error-per-evaluation,/);
  const st = rowOf(made, "st");
  const { gradients, record } = made.cells.find(({ record }) => record.label === "st" && record.seed === 0)!;
  const first = gradients.find(({ step }) => step === 0)!;
  const want =
    first.bias! ** 2 + first.varianceEstimator! * (record.evaluations.forward + record.evaluations.backward);
  t.is(st.squaredError!.values[0]!.value, want);
});
