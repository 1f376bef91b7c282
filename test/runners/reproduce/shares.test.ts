import test from "ava";
import { allocate, budgets, type Item } from "../../../runners/reproduce/budgets.ts";
import type { PaperData, TrainingExperiment } from "../../../runners/reproduce/paper.ts";
import { gaveUp, loadOf, withJobs, type Asked, type Schedule } from "../../../runners/reproduce/time-plan.ts";
import {
  paceOf,
  plannedSeconds,
  settledShare,
  shareOf,
  type Spent,
} from "../../../runners/reproduce/shares.ts";

const names = ["a", "b", "c", "d"];
const rates = { all: [1, 2, 3, 4], fewer: [[3, 4]] };
const experiments = names.map((id): TrainingExperiment => ({
  ...{ kind: "training", id, title: id, source: "here", task: "bits", quantities: [] },
  ...{ steps: 300_000, rates, columns: [{ title: "x", estimator: "exact", published: {} }] },
}));
const paper: PaperData = { key: "none", experiments, stated: [], chosen: [] };
const budget = budgets.find(({ name }) => name === "hour")!;
const asked: Asked = { paper, experiments, budget, seeds: "1", jobs: 1 };
const items = names.flatMap((experiment): (Item & { column: string })[] =>
  Array.from({ length: 7 }, (_, i) => ({
    ...{ experiment, column: String(i), stepSeconds: 2e-3, overhead: 1, boundSeconds: 0 },
    ...{ testRows: 10_000, steps: 300_000, rates },
  })),
);
const begun = (): Schedule => ({
  ...{ asked: {}, jobs: 1, items, shares: {} },
  allocation: allocate(budget, loadOf(items, asked), 3600),
});

/** A reproduction on a machine that takes `slow` times what its first steps promised. */
function carriedOut(slow: number) {
  let schedule = begun();
  let elapsed = 0;
  const done: Spent[] = [];
  const spend = (planned: number) => {
    elapsed += slow * planned;
    done.push({ planned, spent: slow * planned });
  };
  for (const experiment of experiments) {
    const keep = (by: typeof shareOf) => {
      const share = by(schedule, asked, experiment, {
        left: Math.max(0, 3600 - elapsed),
        done,
        resumed: false,
      });
      schedule = { ...schedule, shares: { ...schedule.shares, [experiment.id]: share } };
      return plannedSeconds(schedule, asked, experiment.id, share);
    };
    spend(keep(shareOf).validation);
    spend(keep(settledShare).test);
  }
  return { schedule, elapsed };
}

test("paceOf: spent over planned, and 1 before anything is done", (t) => {
  t.is(paceOf([]), 1);
  t.is(
    paceOf([
      { planned: 10, spent: 30 },
      { planned: 30, spent: 50 },
    ]),
    2,
  );
});

for (const slow of [0.5, 1, 2, 3])
  test(`every experiment has a share and the hour holds where steps take ${slow} times what was timed`, (t) => {
    const { schedule, elapsed } = carriedOut(slow);
    t.deepEqual(Object.keys(schedule.shares), names);
    t.true(elapsed <= 3600, String(elapsed));
    for (const name of names) t.true(schedule.shares[name]!.steps >= 1000, JSON.stringify(schedule.shares));
  });

test("the first plan alone would not have held on a machine three times as slow", (t) => {
  t.true(3 * begun().allocation.seconds > 3600);
});

test("a share that was given stays, whatever time is left", (t) => {
  const { schedule } = carriedOut(1);
  const late = { left: 0, done: [], resumed: true } as const;
  for (const experiment of experiments) {
    t.is(shareOf(schedule, asked, experiment, late), schedule.shares[experiment.id]!);
    t.is(settledShare(schedule, asked, experiment, late), schedule.shares[experiment.id]!);
  }
});

test("shareOf: with no time left it is the least, and in a later call the first plan's", (t) => {
  const schedule = begun();
  const share = (resumed: boolean) =>
    shareOf(schedule, asked, experiments[0]!, { left: 0, done: [], resumed });
  t.is(share(false).steps, 500);
  t.is(share(true).steps, schedule.allocation.steps);
});

test("withJobs: another number of processes plans anew, the same does not", (t) => {
  const schedule = begun();
  t.is(withJobs(schedule, asked, 3600), schedule);
  const two = withJobs(schedule, { ...asked, jobs: 2 }, 3600);
  t.true(two.jobs === 2 && two.allocation.steps > schedule.allocation.steps);
  const one = withJobs(two, asked, 60);
  t.is(one.allocation.steps, two.allocation.steps, "what was begun goes on where one cannot bear it");
  t.true(one.allocation.seconds > 3600);
});

test("gaveUp: names the experiments where their steps differ", (t) => {
  const said = gaveUp(carriedOut(3).schedule, asked).filter((sentence) => sentence.startsWith("steps"));
  t.true(said.length > 1);
  for (const sentence of said) t.regex(sentence, /^steps: [\d,]+ where there may be 300,000 \([a-d, ]+\)$/);
});

test("gaveUp: names the experiment where the others give up nothing", (t) => {
  const share = { richness: 0, testRows: "all", validationSteps: 1, settled: true } as const;
  const shares = names.map((id, i) => [id, { ...share, steps: i === 0 ? 500 : 300_000 }] as const);
  const schedule = { ...begun(), shares: Object.fromEntries(shares) };
  t.deepEqual(gaveUp(schedule, asked), [`steps: 500 where there may be 300,000 (${names[0]!})`]);
});
