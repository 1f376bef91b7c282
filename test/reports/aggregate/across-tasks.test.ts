import test, { type ExecutionContext } from "ava";
import { readFileSync } from "node:fs";
import {
  acrossTasks,
  bootstrapped,
  improvementProbability,
  interquartileMean,
  shareAbove,
  type Scores,
} from "../../../reports/aggregate/across-tasks.ts";
import { aggregate } from "../../../reports/aggregate/aggregate.ts";
import { ranksOf, rankTest, studentizedRange } from "../../../reports/aggregate/friedman.ts";
import { mean } from "../../../reports/aggregate/statistics.ts";
import { reportPage } from "../../../reports/page/document.ts";
import { madeUpRun } from "../fixture.ts";

type Pairwise<V> = Readonly<Record<string, V>>;
/** Printed by rliable 1.2.0 and scipy 1.17.1 for the scores in the file: four estimators, six tasks, five seeds. */
const known = JSON.parse(readFileSync(new URL("../../fixtures/rliable.json", import.meta.url), "utf8")) as {
  scores: Pairwise<number[][]>;
  iqm: Pairwise<number>;
  iqmInterval: Pairwise<[number, number]>;
  improvement: Pairwise<number>;
  improvementInterval: Pairwise<[number, number]>;
  taus: number[];
  profile: Pairwise<number[]>;
  profileInterval: Pairwise<[number, number][]>;
  friedman: { chi2: number; F: number; p: number; ranks: Pairwise<number> };
  tied: { values: number[][]; chi2: number };
  studentized: Pairwise<number>;
  nemenyi: number[][];
};
const names = Object.keys(known.scores);
const scoresOf = (name: string): Scores => known.scores[name]!;

function near(t: ExecutionContext, got: number, want: number, tolerance: number, what = "") {
  t.true(Math.abs(got - want) <= tolerance, `${what}: got ${got}, not ${want}`);
}

test("interquartile means, profiles and probabilities of improvement are those of rliable", (t) => {
  for (const name of names) {
    near(t, interquartileMean(scoresOf(name)), known.iqm[name]!, 1e-7, name);
    for (const [k, tau] of known.taus.entries())
      near(t, shareAbove(scoresOf(name), tau), known.profile[name]![k]!, 1e-7, `${name} above ${tau}`);
  }
  for (const [pair, want] of Object.entries(known.improvement)) {
    const [x, y] = pair.split(",").map(scoresOf) as [Scores, Scores];
    near(t, improvementProbability(x, y), want, 1e-7, pair);
    near(t, improvementProbability(x, y) + improvementProbability(y, x), 1, 1e-12);
  }
});

// Both bootstraps have some thousand replicates: ends agree within .02 for the mean, .03 for shares of 30 scores.
test("bootstrap intervals are those of rliable, within the noise of two bootstraps", (t) => {
  const near2 = (
    { low, high }: { low: number | null; high: number | null },
    want: [number, number],
    by: number,
  ) => {
    near(t, low!, want[0], by);
    near(t, high!, want[1], by);
  };
  for (const name of names) {
    near2(
      bootstrapped((one) => [interquartileMean(one)], [scoresOf(name)])[0]!,
      known.iqmInterval[name]!,
      0.02,
    );
    const shares = bootstrapped((one) => known.taus.map((tau) => shareAbove(one, tau)), [scoresOf(name)]);
    for (const [k, share] of shares.entries()) near2(share, known.profileInterval[name]![k]!, 0.035);
  }
  for (const [pair, want] of Object.entries(known.improvementInterval))
    near2(
      bootstrapped((x, y) => [improvementProbability(x, y)], pair.split(",").map(scoresOf))[0]!,
      want,
      0.03,
    );
});

test("Friedman's test and the studentized range are those of scipy, with ties too", (t) => {
  const rows = known.scores[names[0]!]!.map((_, task) => names.map((name) => mean(scoresOf(name)[task]!)));
  const { ranks, chiSquared, f, p, criticalDifference } = rankTest(rows);
  near(t, chiSquared, known.friedman.chi2, 1e-6);
  near(t, f, known.friedman.F, 1e-6);
  near(t, p, known.friedman.p, 1e-9);
  for (const [i, name] of names.entries()) near(t, ranks[i]!, known.friedman.ranks[name]!, 1e-7);
  near(t, rankTest(known.tied.values).chiSquared, known.tied.chi2, 1e-6);
  for (const [k, want] of Object.entries(known.studentized))
    near(t, studentizedRange(0.05, Number(k)), want, 1e-5, k);
  // Nemenyi's p values of scikit-posthocs are below 5 % where the ranks differ by more.
  for (const [i, row] of known.nemenyi.entries())
    for (const [j, value] of row.entries())
      t.is(Math.abs(ranks[i]! - ranks[j]!) > criticalDifference, value < 0.05, `${i} ${j}`);
  t.deepEqual(ranksOf([3, 1, 3, 2]), [1.5, 4, 1.5, 3]);
});

test("a run of two tasks is compared across tasks: the best has rank 1, and a seed that broke counts as the worst", (t) => {
  const estimators = ["rloo", "gs", "st"];
  const whole = aggregate(madeUpRun({ estimators, states: {} })).across!;
  t.deepEqual(
    whole.rows.map(({ estimator, rank }) => [estimator, rank]),
    [
      ["rloo", 1],
      ["gs", 2],
      ["st", 3],
    ],
  );
  t.is(whole.improvement.length, 3);
  t.true(whole.improvement.every(({ mean: probability }) => probability > 0.5));
  for (const { iqm } of whole.rows) t.true(iqm.low! <= iqm.mean && iqm.mean <= iqm.high!);
  const broken = aggregate(madeUpRun({ estimators, states: { "cat10/rloo/1": "diverged" } })).across!;
  const shareOf = (across: typeof whole) =>
    across.rows.find(({ estimator }) => estimator === "rloo")!.profile[10]!.mean;
  t.is(shareOf(whole), 1);
  t.is(shareOf(broken), 5 / 6);
});

test("there is no comparison across tasks with one task, one estimator, or none that ran on all tasks", (t) => {
  t.is(aggregate(madeUpRun({ tasks: ["cat10"] })).across, undefined);
  t.is(aggregate(madeUpRun({ estimators: ["gs"] })).across, undefined);
  const { tasks } = aggregate(madeUpRun({ estimators: ["gs", "st", "rloo"], states: {} }));
  const [first, second] = tasks as [(typeof tasks)[number], (typeof tasks)[number]];
  const without = { ...second, ranking: second.ranking.filter(({ estimator }) => estimator !== "st") };
  t.deepEqual(acrossTasks([first, without])!.left, ["st"]);
});

test("the report shows scores, ranks with their critical difference, and probabilities across tasks", (t) => {
  const run = madeUpRun({ states: {}, seeds: 5 });
  const page = reportPage(run, aggregate(run), "");
  const section = /<section id="across-tasks">[^]*?<\/section>/.exec(page)![0];
  t.regex(
    section,
    /interquartile mean[^]*CD = \d\.\d\d[^]*With 2 tasks the test has little power[^]*probability/,
  );
  t.is(section.match(/<circle|class="tie"/g)?.length ?? 0, 1, "no difference is detected: one bar joins all");
});

test("the comparison of 100 cells takes less than two seconds", (t) => {
  const estimators = Array.from({ length: 10 }, (_, i) => `e${i}`);
  const { tasks } = aggregate(madeUpRun({ estimators, seeds: 5, states: {}, points: 3, pictures: false }));
  const before = process.cpuUsage();
  t.is(acrossTasks(tasks)!.improvement.length, 45);
  const { user, system } = process.cpuUsage(before);
  t.true(user + system < 2e6, `${(user + system) / 1e6} s`);
});
