import test from "ava";
import { aggregate } from "../../../reports/aggregate/aggregate.ts";
import { joinRuns } from "../../../reports/format/joined-runs.ts";
import { matrixTable } from "../../../reports/page/pairs-matrix.ts";
import type { Cell, RunRecords } from "../../../reports/format/records.ts";
import { tInterval } from "../../../reports/aggregate/statistics.ts";
import { madeUpRun, rehashed } from "../fixture.ts";

const five = madeUpRun({ tasks: ["cat10"], seeds: 5, states: {} });
const first = <Item>(items: readonly Item[]): Item => items[0] as Item;

test("aggregate ranks by test ELBO, higher first, with t intervals over seeds", (t) => {
  const task = first(aggregate(five).tasks);
  t.is(task.measure?.title, "test ELBO");
  t.deepEqual(
    task.ranking.map(({ estimator }) => estimator),
    ["rloo:samples=4", "gs", "st-gs", "st"],
  );
  const best = first(task.ranking);
  const values = five.cells
    .filter(({ record }) => record.label === "rloo:samples=4")
    .map(
      ({ curve }) => curve.find(({ metric, split }) => metric === "elbo" && split === "test")?.value ?? NaN,
    );
  t.deepEqual(
    best.value?.values.map(({ value }) => value),
    values,
  );
  t.is(best.value?.low, tInterval(values).low);
  t.is(best.rank, 1);
  t.deepEqual(best.seeds, { done: 5, all: 5 });
});

test("aggregate says in one sentence who beats whom, by how much, and on how many seeds", (t) => {
  t.regex(
    aggregate(five).title,
    /^cat10: rloo:samples=4 beats gs by 3\.\d+ nats \[2\.\d+, 3\.\d+\], 5 paired seeds \(test ELBO, 95% intervals, verdicts after Holm\)\.$/,
  );
});

test("aggregate pairs by seed: a shift common to both leaves no doubt", (t) => {
  const shifted = (cell: Cell): Cell => ({
    ...cell,
    curve: cell.curve.map((row) => ({
      ...row,
      value: 100 * cell.record.seed + (cell.record.label === "gs" ? 1 : 0) + 0.01 * (cell.record.seed % 2),
    })),
  });
  const run = madeUpRun({ tasks: ["cat10"], estimators: ["gs", "st"], seeds: 4, states: {} });
  const task = first(aggregate({ ...run, cells: run.cells.map(shifted) }).tasks);
  const pair = first(task.pairs);
  t.is(pair.verdict, "better");
  t.true(Math.abs((pair.difference ?? 0) - 1) < 1e-9);
});

test("aggregate gives no verdict and no interval below three seeds", (t) => {
  const task = first(aggregate(madeUpRun({ tasks: ["cat10"], seeds: 2, states: {} })).tasks);
  t.true(task.pairs.every(({ verdict }) => verdict === "not enough seeds to tell"));
  t.true(
    task.ranking.every(({ rank, group, value }) => rank === null && group === "" && value?.low === null),
  );
  t.regex(task.sentence, /leads gs by 3\.\d+ nats, but 2 paired seeds are not enough to tell\.$/);
});

test("aggregate ranks last whoever has a diverged or failed seed, and lists it", (t) => {
  const run = madeUpRun({ tasks: ["cat10"], seeds: 5, states: { "cat10/rloo:samples=4/3": "diverged" } });
  const summary = aggregate(run);
  const last = first(summary.tasks).ranking.at(-1);
  t.is(last?.estimator, "rloo:samples=4");
  t.is(last?.rank, 4);
  t.is(last?.group, "");
  t.deepEqual(last?.states, { done: 4, diverged: 1 });
  t.deepEqual(
    summary.failures.map(({ estimator, seed, state }) => [estimator, seed, state]),
    [["rloo:samples=4", 3, "diverged"]],
  );
});

test("aggregate lets no estimator win on the seeds that it survived, and says which it lost", (t) => {
  const states = { "cat10/rloo:samples=4/3": "diverged", "cat10/rloo:samples=4/1": "diverged" } as const;
  const run = madeUpRun({ tasks: ["cat10"], seeds: 5, states });
  const task = first(aggregate(run).tasks);
  const ofRloo = task.pairs.filter(({ second }) => second === "rloo:samples=4");
  t.deepEqual(
    ofRloo.map(({ verdict, broken, seeds }) => [verdict, broken, seeds]),
    Array.from({ length: 3 }, () => ["not judged", "rloo:samples=4: 2 of 5 diverged", 3]),
    "its three survivors are better than all others",
  );
  t.true(ofRloo.every(({ adjusted }) => adjusted !== null && adjusted < 0.05));
  t.regex(task.sentence, /Ranked last because seeds did not finish: rloo:samples=4 \(2 of 5 diverged\)\.$/);
  t.regex(matrixTable(task, "cat10")!.rows[0]!.cells[4]!.text, /^– .*, rloo:samples=4: 2 of 5 diverged$/);
  const other = madeUpRun({ tasks: ["cat10"], seeds: 5, states: { "cat10/st/3": "failed" } });
  const pair = first(aggregate(other).tasks).pairs.find(({ second }) => second === "st");
  t.deepEqual([pair?.verdict, pair?.broken], ["better", "st: 1 of 5 failed"], "worse even where it survived");
});

test("aggregate ranks a whole estimator before a broken one without a verdict", (t) => {
  const states = { "cat10/rloo:samples=4/3": "diverged", "cat10/rloo:samples=4/1": "timeout" } as const;
  const run = madeUpRun({ tasks: ["cat10"], estimators: ["gs", "rloo:samples=4"], seeds: 5, states });
  t.regex(
    aggregate(run).title,
    /^cat10: gs is ranked before rloo:samples=4, without a verdict on the 3 paired seeds that both finished \(.*\)\. Ranked last because seeds did not finish: rloo:samples=4 \(1 of 5 diverged, 1 timed out\)\.$/,
  );
});

test("aggregate counts cells that have not begun as pending, and ranks what never finished below all", (t) => {
  const states = Object.fromEntries([0, 1, 2, 3, 4].map((seed) => [`cat10/gs/${seed}`, "pending" as const]));
  const summary = aggregate(madeUpRun({ tasks: ["cat10"], seeds: 5, states }));
  t.is(summary.states.pending, 5);
  const last = first(summary.tasks).ranking.at(-1);
  t.is(last?.estimator, "gs");
  t.is(last?.value, null);
});

test("aggregate shows unfinished cells without judging them while none has finished", (t) => {
  const names = ["gs", "st"];
  const states = Object.fromEntries(
    names.flatMap((name) => [0, 1, 2].map((seed) => [`cat10/${name}/${seed}`, "running" as const])),
  );
  const summary = aggregate(madeUpRun({ tasks: ["cat10"], estimators: names, seeds: 3, states }), {
    partial: true,
  });
  const task = first(summary.tasks);
  t.true(summary.partial);
  t.true(task.measure?.provisional);
  t.deepEqual(task.pairs, []);
  t.regex(task.sentence, /no cell has finished; validation ELBO so far: gs −\d+\.\d and st −\d+\.\d/);
});

test("aggregate takes variances at step 0 of own trajectories as frozen, and never later ones", (t) => {
  t.is(first(aggregate(five).tasks).varianceAt, "start: frozen, step 0");
  const shared = madeUpRun({ tasks: ["cat10"], seeds: 3, states: {}, protocol: "shared" });
  t.is(first(aggregate(shared).tasks).varianceAt, "shared, step 1000");
});

function withoutCurves(run: RunRecords): RunRecords {
  return { ...run, cells: run.cells.map((cell) => ({ ...cell, curve: [] })) };
}

test("aggregate compares variances as ratios where nothing was trained", (t) => {
  const run = madeUpRun({
    tasks: ["cat10"],
    estimators: ["gs", "rloo"],
    seeds: 5,
    states: {},
    protocol: "frozen",
  });
  const task = first(aggregate(withoutCurves(run)).tasks);
  t.is(task.measure?.scale, "log");
  t.is(first(task.ranking).estimator, "gs");
  const pair = first(task.pairs);
  t.true((pair.difference ?? 1) < 0.2 && (pair.high ?? 1) < 0.25);
  t.regex(task.sentence, /gs beats rloo with 0\.\d+ times its variance \[0\.\d+, 0\.\d+\], 5 paired seeds/);
});

test("aggregate states a variance of zero without a logarithm", (t) => {
  const run = madeUpRun({ tasks: ["cat10"], estimators: ["exact", "rloo"], seeds: 3, states: {} });
  const task = first(aggregate(withoutCurves(run)).tasks);
  t.is(first(task.ranking).estimator, "exact");
  t.deepEqual([first(task.ranking).value?.mean, first(task.ranking).value?.low], [0, null]);
  t.false(JSON.stringify(task).includes("NaN"));
});

test("aggregate of one estimator says what it reaches", (t) => {
  const run = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], seeds: 5, states: {} });
  t.regex(
    aggregate(run).title,
    /^cat10: gs reaches test ELBO −10\d\.\d+ \[−\d+\.\d+, −\d+\.\d+\] nats, 5 seeds\.$/,
  );
  const one = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], seeds: 1, states: {} });
  t.regex(
    aggregate(one).title,
    /^cat10: gs reaches test ELBO −\d+\.\d nats; 1 seed, not enough for an interval\.$/,
  );
});

test("joinRuns joins runs, takes a cell once, and keeps clashing ones apart by the run's name", (t) => {
  const a = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], seeds: 2, name: "a" });
  const b = madeUpRun({ tasks: ["cat10"], estimators: ["gs", "st"], seeds: 2, name: "b", states: {} });
  const joined = joinRuns([a, b]);
  t.is(joined.cells.length, 4);
  t.is(joinRuns([a, a]).manifest.command, a.manifest.command, "one command is said once");
  t.deepEqual([...new Set(joined.cells.map(({ record }) => record.label))], ["gs", "st"]);
  const labels = joinRuns([a, rehashed(b, "x")]).manifest.matrix.map(({ label }) => label);
  t.deepEqual(labels, ["gs", "gs", "gs @ b", "gs @ b", "st", "st"]);
});

test("joinRuns keeps what is published for the cells of every run, under the names that they have then", (t) => {
  const made = (task: string, hash: string, name: string): RunRecords => {
    const run = rehashed(madeUpRun({ tasks: [task], estimators: ["gs"], seeds: 1, name }), hash);
    const value = { task, estimator: "gs", metric: "bound", split: "test", title: "", source: "" } as const;
    return { ...run, cells: [], manifest: { ...run.manifest, published: [{ ...value, value: -1 }] } };
  };
  const { published } = joinRuns([
    made("cat10", "", "a"),
    made("bern2", "", "b"),
    made("bern2", "", "c"),
    made("cat10", "x", "d"),
  ]).manifest;
  t.deepEqual(
    published?.map(({ task, estimator }) => [task, estimator]),
    [
      ["cat10", "gs"],
      ["bern2", "gs"],
      ["cat10", "gs @ d"],
    ],
  );
});

test("joinRuns keeps clashing cells of runs that share a name apart by their folders", (t) => {
  const run = (folder: string): RunRecords => {
    const made = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], seeds: 3, name: "bits", pictures: false });
    return { ...rehashed(made, folder), folder: `/runs/${folder}/bits` };
  };
  const { manifest, cells } = joinRuns([run("may"), run("june"), run("july")]);
  t.is(manifest.name, "may/bits + june/bits + july/bits");
  const { ranking } = first(aggregate({ folder: "", manifest, cells }).tasks);
  t.deepEqual(
    ranking.map(({ estimator, seeds }) => [estimator, seeds.all]),
    [
      ["gs", 3],
      ["gs @ june/bits", 3],
      ["gs @ july/bits", 3],
    ],
  );
});

test("a pair without a ratio, since a variance is zero, keeps its verdict and its evidence in every copy", (t) => {
  const run = madeUpRun({ tasks: ["cat10"], estimators: ["gs", "exact"], seeds: 3, states: {} });
  const cells = run.cells.map((cell) => ({ ...cell, curve: [] }));
  const task = first(aggregate({ ...run, cells }).tasks);
  const [row] = matrixTable(task, "cat10")!.rows;
  t.is(row!.name, "exact");
  t.regex(row!.cells[2]!.text, /^▲ n 3, p = 0\.\d+$/);
  const { verdict, mean, n } = row!.cells[2]!.fields!;
  t.deepEqual([verdict, mean, n], ["better", null, 3]);
});
