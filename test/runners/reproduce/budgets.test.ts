import test from "ava";
import { BenchError } from "../../../runners/errors.ts";
import {
  allocate,
  budgets,
  choosingSeconds,
  ratesAt,
  secondsOf,
  validationSteps,
  type Item,
} from "../../../runners/reproduce/budgets.ts";
import { jang2016 } from "../../../runners/reproduce/papers/jang2016.ts";

const rates = { all: [1, 2, 3, 4, 5, 6], fewer: [[4, 5, 6], [5]] };
const item = (change: Partial<Item> = {}): Item => ({
  experiment: "a",
  stepSeconds: 1e-3,
  overhead: 1,
  boundSeconds: 0,
  testRows: 10_000,
  steps: 300_000,
  rates,
  ...change,
});
const named = (name: string) => budgets.find((budget) => budget.name === name)!;
const loadOf = (items: readonly Item[], change: object = {}) => ({
  items,
  seeds: 1,
  jobs: 1,
  others: 0,
  ...change,
});

test("secondsOf: a test and a validation run for each rate, and each plan's start, by hand", (t) => {
  const load = loadOf([item({ boundSeconds: 1e-6 })], { seeds: 2, others: 5 });
  const seconds = secondsOf(load, { steps: 6000, richness: 1, testRows: "all" }, 1000);
  const test = 1 + 6 + 10_000 * 1000 * 1e-6;
  const valid = 1 + 1 + 1000 * 100 * 1e-6;
  t.true(Math.abs(seconds - (2 * test + 3 * valid + 2 * 0.5 + 5)) < 1e-9);
  const choosing = choosingSeconds(load, { steps: 6000, richness: 1, testRows: "all" }, 1000);
  t.true(Math.abs(choosing - (3 * valid + 0.5)) < 1e-9);
});

test("secondsOf: two processes do 1.8 times as much, and one of them is idle when the last cell of a plan ends", (t) => {
  const items = [item(), item()];
  const load = loadOf(items, { jobs: 2 });
  const seconds = (richness: number) => secondsOf(load, { steps: 6000, richness, testRows: "all" }, 1000);
  // A cell of 7 s, idle for half of that on one of two processes at the mean, and 4 s to start them.
  const tests = 14 / 1.8 + 7 / 4 + 4;
  t.true(Math.abs(seconds(2) - tests) < 1e-9);
  t.true(Math.abs(seconds(1) - (12 / 1.8 + 2 / 4 + 4 + tests)) < 1e-9);
});

test("allocate: an hour of Table 1 tries no rate that cannot win in its steps", (t) => {
  const training = jang2016.experiments.filter((one) => one.kind === "training" && one.rates !== undefined);
  t.is(training.length, 4);
  const items = training.flatMap((one) =>
    Array.from({ length: 7 }, () =>
      item({ experiment: one.id, stepSeconds: 4e-3, ...("rates" in one ? { rates: one.rates } : {}) }),
    ),
  );
  const { richness } = allocate(named("hour"), loadOf(items), 3600);
  t.deepEqual(ratesAt(items[0]!.rates!, richness), [1e-3, 3e-3]);
});

test("secondsOf: a single rate needs no validation run", (t) => {
  const choice = { steps: 1000, richness: 2, testRows: "all" } as const;
  t.is(secondsOf(loadOf([item()]), choice, 1000), 2 + 0.5);
});

test("allocate: quick is 500 steps at one rate, and paper is the whole of it", (t) => {
  const quick = allocate(named("quick"), loadOf([item()]), undefined);
  t.is(quick.steps, 500);
  t.deepEqual(ratesAt(rates, quick.richness), [5]);
  const paper = allocate(named("paper"), loadOf([item()]), undefined);
  t.is(paper.steps, 300_000);
  t.deepEqual(ratesAt(rates, paper.richness), rates.all);
});

test("allocate: an hour is planned with reserve, and one more step would not fit", (t) => {
  const load = loadOf(Array.from({ length: 28 }, () => item({ stepSeconds: 2e-3, boundSeconds: 3e-6 })));
  const { steps, richness, testRows, seconds } = allocate(named("hour"), load, 3600);
  t.true(seconds <= 0.85 * 3600);
  t.true(steps >= 5000 && steps < 300_000);
  t.true(secondsOf(load, { steps: steps + 6, richness, testRows }, 1000) > 0.85 * 3600);
});

test("allocate: where the whole grid leaves too few steps, fewer rates are tried", (t) => {
  const rich = allocate(named("hour"), loadOf([item()]), 3600);
  t.is(rich.richness, 0);
  t.is(rich.steps, 300_000, "never more than the paper");
  const poor = allocate(named("hour"), loadOf([item({ stepSeconds: 0.5 })]), 3600);
  t.is(poor.richness, 2);
  t.true(poor.steps > 5000);
});

test("allocate: a slow evaluation takes fewer test images", (t) => {
  const load = loadOf(Array.from({ length: 28 }, () => item({ boundSeconds: 1.5e-5 })));
  t.is(allocate(named("hour"), load, 3600).testRows, 1000);
});

test("allocate: several processes do more, though not so many times as much", (t) => {
  const items = Array.from({ length: 28 }, () => item({ stepSeconds: 2e-3 }));
  const one = allocate(named("hour"), loadOf(items), 3600).steps;
  const two = allocate(named("hour"), loadOf(items, { jobs: 2 }), 3600).steps;
  t.true(two > one && two < 2 * one);
});

test("allocate: a time that cannot bear 500 steps of each cell is refused in a sentence with what it takes", (t) => {
  const load = loadOf(Array.from({ length: 28 }, () => item({ stepSeconds: 1 })));
  const error = t.throws(() => allocate(named("hour"), load, 3600), { instanceOf: BenchError });
  t.regex(
    error.message,
    /^--budget hour: its 3600 s must bear at least 500 steps of each of 28 cells on 1 seed, which take about 16\d\d\d s here; choose fewer with --only, or a larger --budget$/,
  );
});

test("allocate: where nothing is trained the others' time is all", (t) => {
  t.is(allocate(named("hour"), loadOf([], { others: 7 }), 3600).seconds, 7);
});

test("validationSteps: a sixth, as 50,000 of 300,000", (t) => {
  t.is(validationSteps(300_000), 50_000);
  t.is(validationSteps(2), 1);
});
