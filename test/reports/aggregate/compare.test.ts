import test from "ava";
import { compareRuns } from "../../../reports/aggregate/compare-runs.ts";
import type { Cell, CellState, RunRecords } from "../../../reports/format/records.ts";
import { madeUpRun } from "../fixture.ts";

const run = (name: string, estimators: readonly string[], seeds = 5) =>
  madeUpRun({ name, estimators, seeds, tasks: ["cat10"], states: {}, pictures: false });

/** The same run with every value of one estimator moved, by a little more or less from seed to seed. */
function moved(given: RunRecords, name: string, label: string, by: number): RunRecords {
  const move = (cell: Cell): Cell =>
    cell.record.label !== label
      ? cell
      : {
          ...cell,
          curve: cell.curve.map((row) => ({
            ...row,
            value: (row.value ?? 0) + by + 0.1 * (cell.record.seed % 3),
          })),
        };
  return { ...given, manifest: { ...given.manifest, name }, cells: given.cells.map(move) };
}

const lostTo = (state: CellState, seeds: readonly number[]) =>
  madeUpRun({
    ...{ name: "b", estimators: ["gs", "st"], seeds: 5, tasks: ["cat10"], pictures: false },
    states: Object.fromEntries(seeds.map((seed) => [`cat10/gs/${seed}`, state])),
  });

test("compareRuns finds what became worse, and calls it a regression", (t) => {
  const before = run("before", ["gs", "st"]);
  const { rows, regression, sentences } = compareRuns(before, moved(before, "after", "gs", -2));
  t.deepEqual(
    rows.map(({ first, verdict, seeds }) => [first, verdict, seeds]),
    [
      ["gs", "worse", 5],
      ["st", "no detectable difference", 5],
    ],
  );
  t.true(regression);
  t.regex(
    sentences[0] ?? "",
    /^cat10: gs in after is worse than in before: test ELBO −1\.9\d* \[−2\.\d+, −1\.\d+\] nats, 5 paired seeds\.$/,
  );
});

test("compareRuns finds what became better, which is no regression", (t) => {
  const before = run("before", ["gs", "st"]);
  const { rows, regression } = compareRuns(before, moved(before, "after", "gs", 2));
  t.is(rows[0]?.verdict, "better");
  t.true((rows[0]?.difference ?? 0) > 2);
  t.false(regression);
});

test("compareRuns of a run with itself finds no difference", (t) => {
  const same = run("same", ["gs", "st"]);
  const { rows, regression } = compareRuns(same, same);
  t.true(rows.every(({ verdict, difference }) => verdict === "no detectable difference" && difference === 0));
  t.false(regression);
});

test("compareRuns does not tell on two seeds", (t) => {
  const before = run("before", ["gs", "st"], 2);
  const { rows, regression } = compareRuns(before, moved(before, "after", "gs", -50));
  t.is(rows[0]?.verdict, "not enough seeds to tell");
  t.false(regression);
});

test("compareRuns compares two runs of one estimator each, whatever their names", (t) => {
  const { rows } = compareRuns(run("a", ["gs"]), run("b", ["st"]));
  t.deepEqual([rows[0]?.first, rows[0]?.second, rows[0]?.verdict], ["gs", "st", "worse"]);
});

test("compareRuns names what only one of the runs has", (t) => {
  const { unmatched } = compareRuns(run("a", ["gs", "st"]), run("b", ["st", "rloo"]));
  t.deepEqual(unmatched, ["cat10, gs: only in a.", "cat10, rloo: only in b."]);
});

test("compareRuns calls a cell that diverges where it was done a regression", (t) => {
  const { regression, sentences } = compareRuns(run("a", ["gs", "st"]), lostTo("diverged", [1]));
  t.true(regression);
  t.true(sentences.includes("cat10, gs, seed 1: done in a, diverged in b."));
});

test("compareRuns corrects over all rows", (t) => {
  const before = run("before", ["gs", "st", "rloo", "st-gs"]);
  const { rows } = compareRuns(before, moved(before, "after", "gs", -2));
  t.true((rows[0]?.adjusted ?? 0) >= (rows[0]?.p ?? 1));
  t.is(rows.length, 4);
});

for (const state of ["pending", "interrupted", "running", "failed", "timeout"] as const)
  test(`compareRuns calls cells that are ${state} where they were done a regression`, (t) => {
    const before = run("a", ["gs", "st"]);
    const { regression, sentences } = compareRuns(before, lostTo(state, [0, 1, 2, 3, 4]));
    t.true(regression);
    t.true(sentences.includes(`cat10, gs, seeds 0, 1, 2, 3 and 4: done in a, ${state} in b.`));
    t.true(sentences.some((one) => one.includes("gs in b shares no finished seed with gs in a")));
    t.false(compareRuns(lostTo(state, [0, 1, 2, 3, 4]), before).regression);
  });

test("compareRuns calls estimators and seeds that are absent where they were done a regression", (t) => {
  const fewer = compareRuns(run("a", ["gs", "st", "rloo"]), run("b", ["gs", "st"]));
  t.true(fewer.regression);
  t.deepEqual(fewer.lost, ["cat10, rloo, seeds 0, 1, 2, 3 and 4: done in a, absent in b."]);
  t.true(compareRuns(run("a", ["gs", "st"]), run("b", ["gs", "st"], 4)).regression);
  t.false(compareRuns(run("a", ["gs", "st"]), run("b", ["gs", "st", "rloo"])).regression);
});

test("compareRuns lets no run win on the seeds that it survived", (t) => {
  const before = run("a", ["gs", "st"]);
  const { rows } = compareRuns(before, moved(lostTo("diverged", [1]), "b", "gs", 5));
  t.deepEqual([rows[0]?.verdict, rows[0]?.seeds], ["not judged", 4]);
});

test("compareRuns says how the settings of the runs differ", (t) => {
  const [before, after] = [run("a", ["gs", "st"]), run("b", ["gs", "st"])];
  t.deepEqual(compareRuns(before, after).unlike, []);
  const cells = after.cells.map((cell) => ({
    ...cell,
    record: {
      ...cell.record,
      ...{ engine: "onnx", steps: { done: 100, planned: 100 } },
      resolved: { ...cell.record.resolved, data: { images: "0123456789abcdef0" } },
    },
  }));
  t.deepEqual(compareRuns(before, { ...after, cells }).unlike, [
    "Settings differ for cat10, gs; cat10, st: engine wasm in a, onnx in b; steps 1000 in a, 100 in b; data images none in a, 01234567 in b.",
  ]);
});

test("compareRuns calls two runs of one name by their folders", (t) => {
  const at = (folder: string) => ({ ...run("cat10", ["gs", "st"]), folder: `/home/me/${folder}` });
  const { sentences, first, second } = compareRuns(
    at("main/cat10"),
    moved(at("branch/cat10"), "cat10", "gs", -2),
  );
  t.regex(sentences[0] ?? "", /^cat10: gs in branch\/cat10 is worse than in main\/cat10: /);
  t.deepEqual([first, second], ["main/cat10", "branch/cat10"]);
});
