import test from "ava";
import { geometricInterval } from "../../../reports/aggregate/statistics.ts";
import { chartsOf } from "../../../reports/charts/index.ts";
import { inkFor } from "../../../reports/charts/palette.ts";
import { panelLabels, panelSpec } from "../../../reports/charts/panel-spec.ts";
import { firstView, type SensitivityPanel } from "../../../reports/charts/panels.ts";
import { bestOf } from "../../../reports/charts/sensitivity-panels.ts";
import type { CellState, RunRecords, Setting } from "../../../reports/format/records.ts";
import { madeUpRun } from "../fixture.ts";
import { drawn, schemaJudge } from "./drawn.ts";

/** A grid over an option of gs: the labels of the made-up run are read as name and option. */
function gridRun(
  values: readonly (string | number)[],
  name = "temperature",
  { seeds = 3, states = {} }: { seeds?: number; states?: Readonly<Record<string, CellState>> } = {},
): RunRecords {
  const estimators = values.map((value) => `gs:${name}=${value}`);
  const run = madeUpRun({ estimators, tasks: ["cat10"], seeds, states, pictures: false });
  const options = (label: string): Record<string, Setting> => {
    const text = label.split("=")[1] ?? "";
    return { [name]: Number.isFinite(Number(text)) ? Number(text) : text };
  };
  const cells = run.cells.map((cell) => ({
    ...cell,
    record: { ...cell.record, estimatorOptions: options(cell.record.label) },
  }));
  return { ...run, cells };
}

/** The panels of the chart of a grid, where a run has one. */
const panelsOf = (run: RunRecords) =>
  chartsOf(run).find(({ id }) => id.endsWith("-sensitivity"))?.panels as SensitivityPanel[] | undefined;

test("a grid over a number is charted against it, on a log axis where it spans a decade", async (t) => {
  const panels = panelsOf(gridRun([1, 0.1, 0.5]))!;
  const [panel, best] = panels;
  t.is(panel!.title, "test ELBO at the end against temperature");
  t.is(panel!.xScale, "log");
  t.deepEqual(
    panel!.points.map(({ family, x, seeds }) => [family, x, seeds]),
    [
      ["gs", 0.1, 3],
      ["gs", 0.5, 3],
      ["gs", 1, 3],
    ],
  );
  t.true(panel!.points.every(({ mean, low, high }) => low! < mean && mean < high!));
  t.is(best!.name, "best of n trials");
  for (const one of panels)
    t.notRegex((await drawn(panelSpec(one, [], firstView(one)))).svg, /NaN|undefined/);
});

test("a grid over words has them in their order, and a run without a grid has no such chart", (t) => {
  const [panel] = panelsOf(gridRun(["none", "mean"], "baseline"))!;
  t.is(panel!.xScale, "ordinal");
  t.deepEqual(
    panel!.points.map(({ x }) => x),
    ["none", "mean"],
  );
  t.is(panelsOf(madeUpRun({ estimators: ["gs", "st"] })), undefined);
});

test("a grid over a task's option is charted once, with the first of its variants", (t) => {
  const tasks = ["cat10:rate=0.1", "cat10:rate=0.01"];
  const run = madeUpRun({ estimators: ["gs"], tasks, seeds: 3, states: {}, pictures: false });
  const charts = chartsOf(run).filter(({ id }) => id.endsWith("-sensitivity"));
  t.deepEqual(
    charts.map(({ id, task }) => [id, task]),
    [["cat10-rate-0-1-sensitivity", "cat10:rate=0.1"]],
  );
});

test("bestOf is the mean at one trial, the best at all, and the enumeration between", (t) => {
  const trials = [
    { chosenBy: 1, value: 10 },
    { chosenBy: 4, value: 2 },
    { chosenBy: 3, value: 7 },
    { chosenBy: 2, value: 4 },
  ];
  t.is(bestOf(trials, 1), (10 + 2 + 7 + 4) / 4);
  t.is(bestOf(trials, 4), 2);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < 4; i++)
    for (let j = i + 1; j < 4; j++) {
      const [a, b] = [trials[i]!, trials[j]!];
      sum += a.chosenBy > b.chosenBy ? a.value : b.value;
      count += 1;
    }
  t.true(Math.abs(bestOf(trials, 2) - sum / count) < 1e-12);
});

test("a setting that broke counts as the worst trial, and the chart says so", (t) => {
  const states = Object.fromEntries(
    [0, 1, 2].map((seed) => [`cat10/gs:temperature=1/${seed}`, "diverged" as const]),
  );
  const best = (run: RunRecords) => panelsOf(run)!.at(-1)!;
  const [whole, lost] = [best(gridRun([0.1, 0.5])), best(gridRun([1, 0.1, 0.5], "temperature", { states }))];
  const means = ({ points }: typeof whole) => points.map(({ mean }) => mean);
  t.deepEqual([means(whole).length, means(lost).length], [2, 3]);
  const [average, top] = means(whole) as [number, number];
  const worst = 2 * average - top;
  const close = (a: number, b: number) => t.true(Math.abs(a - b) < 1e-9, `${a} is ${b}`);
  // One trial: the mean of three, one of them the worst twice; two: of three pairs, two have the best.
  close(means(lost)[0]!, (top + 2 * worst) / 3);
  close(means(lost)[1]!, (2 * top + worst) / 3);
  close(means(lost)[2]!, top);
  t.regex(
    lost.notes.join(" "),
    /Counted as the worst trial because a seed did not finish: 1 configuration of gs\./,
  );
});

test("a grid's chart claims no interval below three seeds, and has the colours of the report", (t) => {
  const notes = (seeds: number) => panelsOf(gridRun([0.1, 1], "temperature", { seeds }))![0]!.notes[0];
  t.is(notes(1), "One seed, so there is no interval.");
  t.is(notes(2), "Mean over 2 seeds, too few for an interval.");
  t.is(notes(3), "Mean over seeds with its 95% interval.");
  const run = madeUpRun({ estimators: ["st", "gs:t=0.1", "gs:t=1"], tasks: ["cat10"], states: {} });
  const cells = run.cells.map((cell) => {
    const t = cell.record.label.split("=")[1];
    return { ...cell, record: { ...cell.record, estimatorOptions: t === undefined ? {} : { t: Number(t) } } };
  });
  const colours = inkFor(["st", "gs:t=0.1", "gs:t=1"]).map(({ colour }) => colour);
  const families = panelsOf({ ...run, cells })![0]!.families;
  t.deepEqual(
    families.map(({ label, colour }) => [label, colour]),
    [["gs", colours[1]]],
  );
});

test("a grid of variances has geometric means on a logarithmic axis", async (t) => {
  const run = gridRun([0.1, 1]);
  const bare = { ...run, cells: run.cells.map((cell) => ({ ...cell, curve: [] })) };
  const [panel] = panelsOf(bare)!;
  t.deepEqual(panel!.scales, ["log"]);
  const values = run.cells
    .filter(({ record }) => record.estimatorOptions["temperature"] === 0.1)
    .map(({ gradients }) => gradients[0]!.varianceEstimator!);
  t.is(panel!.points[0]!.low, geometricInterval(values).low);
  t.notRegex((await drawn(panelSpec(panel!, [], firstView(panel!)))).svg, /NaN|undefined/);
});

test("a grid's chart follows the filter: a family goes with the last of its estimators, and the rest warns of nothing", async (t) => {
  const members = ["gs:temperature=0.1", "gs:temperature=1"];
  const judge = schemaJudge();
  for (const panel of panelsOf(gridRun([0.1, 1]))!) {
    t.deepEqual(panelLabels(panel), members);
    for (const hidden of [[], members.slice(1), members]) {
      const spec = panelSpec(panel, [], { ...firstView(panel), hidden });
      t.is(judge(spec), undefined);
      const { svg, warnings } = await drawn(spec);
      t.deepEqual(warnings, []);
      t.is(/no values to show on these axes/.test(svg), hidden.length === 2);
    }
  }
});
