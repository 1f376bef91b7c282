import test from "ava";
import { verdictOf, rankCorrelation, meanWithInterval } from "../../../runners/reproduce/verdict.ts";

const nll = { better: "lower", decimals: 1 } as const;
const at = (mean: number, half: number | null) => ({
  mean,
  low: half === null ? null : mean - half,
  high: half === null ? null : mean + half,
  over: "rows" as const,
  n: 1,
});

test("verdictOf: a value agrees where its interval, widened by half a printed digit, holds the published one", (t) => {
  t.is(verdictOf(at(59, 0.45), 58.5, nll).verdict, "agrees");
  t.is(verdictOf(at(59.01, 0.45), 58.5, nll).verdict, "worse");
  t.is(verdictOf(at(58.55, null), 58.5, nll).verdict, "agrees");
  t.is(verdictOf(at(58.56, null), 58.5, nll).verdict, "worse");
});

test("verdictOf: which side is better is the quantity's, and without one a value only differs", (t) => {
  t.is(verdictOf(at(58, null), 58.5, nll).verdict, "better");
  t.is(verdictOf(at(58, null), 58.5, { better: "higher", decimals: 1 }).verdict, "worse");
  t.is(verdictOf(at(58, null), 58.5, { decimals: 1 }).verdict, "differs");
  t.is(verdictOf(at(58, null), 58.5, nll).difference, -0.5);
});

test("verdictOf: nothing measured and nothing published are said", (t) => {
  t.deepEqual(verdictOf(null, 58.5, nll), { difference: null, verdict: "not measured" });
  t.deepEqual(verdictOf(at(58, 1), undefined, nll), { difference: null, verdict: "nothing published" });
});

test("meanWithInterval: one training has the interval of its rows, 1.96 standard errors", (t) => {
  const value = meanWithInterval([{ value: 100, standardError: 0.5 }], "rows")!;
  t.is(value.over, "rows");
  t.true(Math.abs(value.high! - 100 - 0.5 * 1.959964) < 1e-9);
});

test("meanWithInterval: two seeds share their rows, so that the rows' error does not shrink", (t) => {
  const value = meanWithInterval(
    [
      { value: 99, standardError: 0.5 },
      { value: 101, standardError: 0.5 },
    ],
    "rows",
  )!;
  t.is(value.mean, 100);
  t.true(Math.abs(value.high! - 100 - 0.5 * 1.959964) < 1e-9);
});

test("meanWithInterval: from three seeds on it is the t interval over seeds", (t) => {
  const value = meanWithInterval(
    [1, 2, 3].map((x) => ({ value: x, standardError: 9 })),
    "rows",
  )!;
  t.is(value.over, "seeds");
  // t of 2 degrees of freedom at 97.5 % is 4.302653; s = 1.
  t.true(Math.abs(value.high! - 2 - 4.302653 / Math.sqrt(3)) < 1e-5);
});

test("rankCorrelation: 1 for one order, −1 for the reverse, by hand with a tie, nothing below three", (t) => {
  const of = (a: readonly number[], b: readonly number[]) =>
    rankCorrelation(a.map((x, i) => [x, b[i]!] as const));
  t.is(of([1, 2, 3], [10, 20, 30]), 1);
  t.is(of([1, 2, 3], [3, 2, 1]), -1);
  // Ranks 1, 2.5, 2.5 and 1, 2, 3: 1.5 / √(1.5 · 2).
  t.true(Math.abs(of([1, 2, 2], [1, 2, 3])! - 1.5 / Math.sqrt(3)) < 1e-12);
  t.is(of([1, 2], [1, 2]), null);
  t.is(of([1, 1, 1], [1, 2, 3]), null);
});
