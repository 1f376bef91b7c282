import test from "ava";
import { aggregate } from "../../../reports/aggregate/aggregate.ts";
import { chartsOf } from "../../../reports/charts/index.ts";
import type { SensitivityPanel } from "../../../reports/charts/panels.ts";
import type { RunRecords, TunedRecord } from "../../../reports/format/records.ts";
import { tuningTable } from "../../../reports/page/tuning-table.ts";
import { madeUpRun } from "../fixture.ts";

const record = (estimator: string, values: readonly (number | null)[]): TunedRecord => ({
  ...{ task: "cat10", estimator, label: `${estimator}:samples=4`, steps: 100, seed: 1_000_000 },
  ...{ metric: "elbo", split: "valid", higherIsBetter: true },
  trials: values.map((value, i) => ({ options: { "learning-rate": 10 ** -i }, value })),
  chosen: { "learning-rate": 0.1 },
});
const made = madeUpRun({ tasks: ["cat10"], estimators: ["rloo", "rloo:samples=4", "gs"], states: {} });
const run: RunRecords = {
  ...made,
  manifest: {
    ...made.manifest,
    tuned: [record("rloo", [-130, -100, -110]), record("gs", [-120, null, -125])],
  },
};

test("the chart of trials holds the expected best of n, where a trial that failed counts as the worst", (t) => {
  const chart = chartsOf(run).find(({ id }) => id === "cat10-tuning")!;
  const [best, rates] = chart.panels as SensitivityPanel[];
  const means = (family: string) =>
    best!.points.filter((one) => one.family === family).map(({ mean }) => mean);
  // Of three values a > b > c: their mean, then (2a + b) / 3, then a.
  t.deepEqual(means("rloo").map(Math.round), [-113, -103, -100]);
  t.deepEqual(means("gs").map(Math.round), [-125, -122, -120]);
  t.regex(best!.notes.join(" "), /1 trial of gs/);
  t.deepEqual([rates!.name, rates!.xScale, rates!.points.length], ["against learning-rate", "log", 5]);
  t.deepEqual(
    best!.families.map(({ members }) => members),
    [
      ["rloo", "rloo:samples=4"],
      ["gs", "gs:samples=4"],
    ],
  );
  t.false(chartsOf(made).some(({ id }) => id.endsWith("-tuning")));
});

test("the table of tuning shows default, tuned and their paired difference, positive where tuning helps", (t) => {
  const [task] = aggregate(run).tasks;
  const table = tuningTable(task!, run.manifest.tuned!, "cat10")!;
  t.regex(table.columns[2]!.title, /test ELBO, tuned with 3 trials/);
  const [rloo, gs] = table.rows;
  const [before, after, gain] = [1, 2, 3].map((index) => rloo!.cells[index]!.sort as number);
  t.true(after! > before!);
  t.true(Math.abs(gain! - (after! - before!)) < 1e-9);
  // No cell has the label of gs tuned: its options were the default's.
  t.is(gs!.cells[2]!.sort, gs!.cells[1]!.sort!);
  t.is(rloo!.cells[4]!.text, "learning-rate=0.1");
  t.is(tuningTable(task!, [], "cat10"), null);
});
