import test from "ava";
import { bootstrapInterval, median } from "../../../reports/aggregate/bootstrap.ts";
import { mean, sampleVariance } from "../../../reports/aggregate/statistics.ts";

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);

/** P(Bin(n, p) ≥ k) */
const atLeast = (n: number, k: number, p: number) =>
  Array.from(
    { length: n - k + 1 },
    (_, j) => choose(n, k + j) * p ** (k + j) * (1 - p) ** (n - k - j),
  ).reduce((a, b) => a + b, 0);

// A resample's median is at most the k-th value when at least half of its draws are: a binomial tail.
// The sizes are those whose tails lie more than 3.5 standard errors of 4,000 resamples from 2.5% (at 15 one is 2.55%).
for (const n of [11, 13, 19])
  test(`bootstrapInterval of a median of ${n} has the bounds that the binomial gives`, (t) => {
    const values = Array.from({ length: n }, (_, k) => k + 1);
    const quantile = (level: number) => values.find((k) => atLeast(n, (n + 1) / 2, k / n) >= level)!;
    const { mean: middle, low, high } = bootstrapInterval([...values].reverse(), median);
    t.deepEqual([middle, low, high], [(n + 1) / 2, quantile(0.025), quantile(0.975)]);
  });

test("bootstrapInterval of a mean has the spread s √((n − 1)/n) / √n", (t) => {
  const values = Array.from({ length: 40 }, (_, k) => Math.sin(k));
  const { low, high } = bootstrapInterval(values, mean);
  const half = 1.96 * Math.sqrt((sampleVariance(values) * 39) / 40 / 40);
  t.true(Math.abs((high! - low!) / (2 * half) - 1) < 0.06, `${low} ${high} against ± ${half}`);
});

test("bootstrapInterval gives no bounds below ten values, and the same ones twice above", (t) => {
  const values = Array.from({ length: 10 }, (_, k) => k * k);
  t.deepEqual(bootstrapInterval(values.slice(1), median), { mean: 25, low: null, high: null });
  t.deepEqual(bootstrapInterval(values, median), bootstrapInterval(values, median));
});
