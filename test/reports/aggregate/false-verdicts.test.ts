import test from "ava";
import { calibration } from "../../../reports/aggregate/calibration.ts";
import { falseVerdicts, shareInterval } from "../../../reports/aggregate/false-verdicts.ts";
import { mean, sampleVariance } from "../../../reports/aggregate/statistics.ts";
import { key, uniformAt } from "../../../tasks/noise.ts";

/** Normal values: Box and Muller. */
const normal = Array.from({ length: 12_000 }, (_, i) => {
  const [u, v] = [0, 1].map((k) => uniformAt(key("false verdicts", k), i)) as [number, number];
  return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v);
});

test("shareInterval is the exact interval of scipy.stats.binomtest", (t) => {
  // binomtest(k, n).proportion_ci(method="exact"), scipy 1.17.1
  for (const [k, n, low, high] of [
    [0, 10, 0, 0.3084971078187608],
    [5, 100, 0.01643187918172828, 0.11283491110546288],
    [51, 1000, 0.03820523677468613, 0.06651346159505828],
    [10, 10, 0.6915028921812392, 1],
  ] as const) {
    const got = shareInterval(k, n);
    t.true(Math.abs(got.low - low) < 1e-7 && Math.abs(got.high - high) < 1e-7, `${got.low} ${got.high}`);
  }
});

test("verdicts on normal values are wrong in 5% of comparisons, of two estimators and of five", (t) => {
  for (const seeds of [3, 5, 10]) {
    const two = falseVerdicts(normal, { seeds, estimators: 2 });
    t.is(two.comparisons, 12_000 / (2 * seeds));
    t.true(two.low < 0.05 && two.high > 0.05, JSON.stringify(two));
    const five = falseVerdicts(normal, { seeds, estimators: 5 });
    t.true(five.low < 0.05, `Holm's correction: ${JSON.stringify(five)}`);
  }
});

test("a test with the normal quantile instead of Student's, and pairs without correction, are found out", (t) => {
  const wrong = falseVerdicts(normal, { seeds: 3, estimators: 2 }, ([a, b]) => {
    const differences = a!.values.map(({ value }, i) => value - b!.values[i]!.value);
    const z = mean(differences) / Math.sqrt(sampleVariance(differences) / 3);
    return [{ verdict: Math.abs(z) > 1.96 ? "better" : "no detectable difference" }];
  });
  t.true(wrong.low > 0.15, JSON.stringify(wrong));
});

test("the stored calibration holds 5% and is consistent with itself", (t) => {
  t.deepEqual(
    calibration.rows.map(({ estimators, seeds }) => [estimators, seeds]),
    [2, 5].flatMap((estimators) => [3, 5, 10].map((seeds) => [estimators, seeds])),
  );
  for (const row of calibration.rows) {
    t.is(row.rate, row.wrong / row.comparisons);
    const { low, high } = shareInterval(row.wrong, row.comparisons);
    t.true(Math.abs(low - row.low) < 1e-9 && Math.abs(high - row.high) < 1e-9);
    t.true(row.low <= 0.05);
  }
});
