import test from "ava";
import { aggregate } from "../../../reports/aggregate/aggregate.ts";
import { joinRuns } from "../../../reports/format/joined-runs.ts";
import type { GradientRow, RunRecords } from "../../../reports/format/records.ts";
import { withStages } from "../../../reports/format/stage-records.ts";
import { madeUpRun, rehashed } from "../fixture.ts";

/** A run of these versions, under hashes of its own. */
function made(name: string, protocol: number, version: number, estimators = ["gs", "st"]): RunRecords {
  const shape = { name, estimators, tasks: ["cat10", "bern2"], seeds: 3, states: {}, pictures: false };
  const run = rehashed(madeUpRun(shape), `-${protocol}-${version}`);
  const configuration = { versions: { cat10: version, bern2: 1 } };
  return { ...run, manifest: { ...run.manifest, protocol, configuration } };
}

test("runs of one version are joined", (t) => {
  const { tasks } = aggregate(joinRuns([made("A", 1, 1), made("B", 1, 1, ["rloo"])]));
  t.deepEqual(
    tasks.map(({ task, ranking, pairs }) => [task, ranking.length, pairs.length]),
    [
      ["cat10", 3, 3],
      ["bern2", 3, 3],
    ],
  );
});

test("runs of two versions of a task or of the protocol are refused, wherever they stand", (t) => {
  const message = (what: string, before: number, now: number) =>
    `The results of A and B cannot be compared: they are of version ${before} and of version ${now} of ${what}.`;
  const [a, b] = [made("A", 1, 1), made("B", 1, 2, ["rloo"])];
  t.throws(() => joinRuns([a, b]), { message: message("cat10", 1, 2) });
  t.throws(() => joinRuns([made("C", 1, 1), a, b]), { message: /version 1 and of version 2 of cat10/ });
  t.throws(() => joinRuns([a, made("B", 2, 1)]), { message: message("the protocol", 1, 2) });
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
