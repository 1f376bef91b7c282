import test from "ava";
import { aggregate } from "../../../reports/aggregate/aggregate.ts";
import { versionsIn, separateVersions } from "../../../reports/format/versions.ts";
import { joinRuns } from "../../../reports/format/joined-runs.ts";
import type { GradientRow, RunRecords } from "../../../reports/format/records.ts";
import { withStages } from "../../../reports/format/stage-records.ts";
import { madeUpRun, rehashed } from "../fixture.ts";

/** A run whose hashes cover these versions, under hashes of its own. */
function made(name: string, protocol: number, version: number, estimators = ["gs", "st"]): RunRecords {
  const shape = { name, estimators, tasks: ["cat10", "bern2"], seeds: 3, states: {}, pictures: false };
  const run = rehashed(madeUpRun(shape), `-${protocol}-${version}`);
  const cells = run.cells.map((cell) => {
    const task = { name: cell.record.task, version: cell.record.task === "cat10" ? version : 1 };
    return { ...cell, record: { ...cell.record, resolved: { protocol, task } } };
  });
  return { ...run, manifest: { ...run.manifest, protocol }, cells };
}

const tasksOf = (...runs: [RunRecords, ...RunRecords[]]) =>
  aggregate(joinRuns(runs)).tasks.map(({ task, ranking, pairs }) => [task, ranking.length, pairs.length]);

test("runs of one version are joined as they are", (t) => {
  const runs = [made("A", 1, 1), made("B", 1, 1, ["rloo"])] as const;
  t.deepEqual(separateVersions(runs), [...runs]);
  t.deepEqual(tasksOf(...runs), [
    ["cat10", 3, 3],
    ["bern2", 3, 3],
  ]);
});

test("another version of a task is another task; its neighbour stays one", (t) => {
  t.deepEqual(tasksOf(made("A", 1, 1), made("B", 1, 2, ["rloo"])), [
    ["cat10 (version 1)", 2, 1],
    ["bern2", 3, 3],
    ["cat10 (version 2)", 1, 0],
  ]);
});

test("another version of the protocol is another task of every task", (t) => {
  t.deepEqual(tasksOf(made("A", 1, 1), made("B", 2, 2, ["rloo"])), [
    ["cat10 (version 1, protocol 1)", 2, 1],
    ["bern2 (protocol 1)", 2, 1],
    ["cat10 (version 2, protocol 2)", 1, 0],
    ["bern2 (protocol 2)", 1, 0],
  ]);
});

test("a cell that has not begun is of the version that its manifest says, or of its neighbours'", (t) => {
  const run = made("A", 1, 3);
  const [first, ...cells] = run.cells;
  const of = (configuration: Record<string, unknown>) =>
    versionsIn({ ...run, cells, manifest: { ...run.manifest, configuration } }).get(first!.record.hash);
  t.deepEqual(of({}), { task: 3, protocol: 1 });
  t.deepEqual(of({ versions: { cat10: 4 } }), { task: 4, protocol: 1 });
});

test("what is published, and what a task is, go with each of its versions", (t) => {
  const run = made("A", 1, 1);
  const published = [
    { task: "cat10", estimator: "gs", metric: "elbo", split: "test", value: 1, title: "", source: "" },
  ] as const;
  const { manifest } = joinRuns([{ ...run, manifest: { ...run.manifest, published } }, made("B", 1, 2)]);
  t.deepEqual(
    manifest.published?.map(({ task }) => task),
    ["cat10 (version 1)"],
  );
  t.deepEqual(Object.keys(manifest.definitions.tasks).sort(), [
    "bern2",
    "cat10 (version 1)",
    "cat10 (version 2)",
  ]);
});

test("rows of a bank stand with the cell that they were measured for, not with a later one of its names", (t) => {
  const { cells } = made("A", 1, 1);
  const [cell] = cells;
  const { taskLabel, seed, label, hash } = cell!.record;
  const row = { step: 7, protocol: "shared" } as GradientRow;
  const found = (of?: string) =>
    withStages(cells, [
      {
        version: 1,
        taskLabel,
        seed,
        rows: [{ estimator: label, row, ...(of === undefined ? {} : { cell: of }) }],
      },
    ])[0]!.gradients.filter(({ step }) => step === 7).length;
  t.deepEqual([found(hash), found("0123456789abcdef"), found()], [1, 0, 1]);
});
