import test from "ava";
import {
  geometricInterval,
  holm,
  pairedDifference,
  sampleVariance,
  tieGroups,
  tInterval,
  testVerdict,
} from "../../../reports/aggregate/statistics.ts";
import { incompleteBeta, logGamma, twoSidedP, twoSidedQuantile } from "../../../reports/aggregate/student.ts";
import type { ExecutionContext } from "ava";

/** Printed values are SciPy 1.17.1's. */
function near(t: ExecutionContext, got: number | null, want: number, relative = 1e-10) {
  t.true(
    got !== null && Math.abs(got - want) <= relative * Math.abs(want),
    `got ${got}, SciPy prints ${want}`,
  );
}

test("Student's t agrees with scipy.special and scipy.stats, in the middle and in the tails", (t) => {
  const values: readonly (readonly [number, number])[] = [
    [logGamma(0.5), 0.5723649429247],
    [logGamma(1.5), -0.12078223763524526],
    [logGamma(3), 0.6931471805599453],
    [logGamma(10.25), 13.368023671476045],
    [logGamma(150.5), 602.5139548705853],
    [incompleteBeta(0.3, 0.7, 2, 5), 0.5798250000000003],
    [incompleteBeta(0.9, 0.1, 0.5, 0.5), 0.7951672353008665],
    [incompleteBeta(0.001, 0.999, 1, 0.5), 0.0005001250625390898],
    [twoSidedQuantile(0.05, 1), 12.706204736174705],
    [twoSidedQuantile(0.05, 2), 4.302652729749464],
    [twoSidedQuantile(0.05, 4), 2.7764451051977943],
    [twoSidedQuantile(0.05, 9), 2.2621571627982053],
    [twoSidedQuantile(0.01, 4), 4.604094871349993],
    [twoSidedQuantile(0.05, 99), 1.9842169515864176],
    [twoSidedQuantile(0.001, 2), 31.59905457644362],
    [twoSidedP(0.3, 2), 0.7924856608401776],
    [twoSidedP(2.5, 4), 0.06676654481198814],
    [twoSidedP(-12, 4), 0.000276428548502973],
    [twoSidedP(0.001, 9), 0.9992239303259733],
    [twoSidedP(4.2, 99), 5.843795289729142e-5],
    [twoSidedP(60, 2), 0.00027766209059467876],
  ];
  for (const [got, want] of values) near(t, got, want);
  t.is(twoSidedP(Infinity, 4), 0);
});

test("twoSidedP with one degree of freedom is the Cauchy distribution, 1 − 2 atan(t) / π", (t) => {
  for (const x of [0.1, 1, 3, 50]) near(t, twoSidedP(x, 1), 1 - (2 / Math.PI) * Math.atan(x), 1e-9);
});

const rloo = [-101.2, -100.7, -102.1, -101.9, -100.4];
const gs = [-102.9, -103.1, -103.2, -104.5, -101.7];

test("tInterval agrees with scipy.stats.t.interval", (t) => {
  const { low, high } = tInterval(rloo);
  near(t, low, -102.17496399385351);
  near(t, high, -100.34503600614647);
});

test("tInterval gives points only below three values", (t) => {
  t.deepEqual(tInterval([1, 3]), { mean: 2, low: null, high: null });
  t.deepEqual(tInterval([7]), { mean: 7, low: null, high: null });
});

test("tInterval of equal values has no width", (t) => {
  t.deepEqual(tInterval([2, 2, 2]), { mean: 2, low: 2, high: 2 });
});

test("geometricInterval agrees with SciPy's interval of the logarithms", (t) => {
  const { mean, low, high } = geometricInterval([2.1, 3.4, 1.7, 2.9]);
  near(t, mean, 2.435770031150139);
  near(t, low, 1.48138729, 1e-8);
  near(t, high, 4.00501318, 1e-8);
});

test("pairedDifference agrees with scipy.stats.ttest_rel", (t) => {
  const { mean, low, high, p } = pairedDifference(rloo.map((value, k) => value - (gs[k] as number)));
  near(t, mean, 1.82, 1e-9);
  near(t, low, 0.9991859012551978);
  near(t, high, 2.6408140987448);
  near(t, p, 0.0035327276211043106);
});

test("pairedDifference does not divide by zero when all differences are equal", (t) => {
  t.is(pairedDifference([0, 0, 0]).p, 1);
  t.is(pairedDifference([2, 2, 2]).p, 0);
  t.is(pairedDifference([2, 2]).p, null);
});

test("sampleVariance divides by n − 1", (t) => {
  t.is(sampleVariance([1, 2, 3, 4]), 5 / 3);
});

test("holm agrees with R's p.adjust, keeps the order, and leaves what was not tested", (t) => {
  const rounded = (values: readonly (number | null)[]) =>
    values.map((p) => (p === null ? null : +p.toFixed(12)));
  t.deepEqual(rounded(holm([0.01, 0.02, 0.03, 0.04])), [0.04, 0.06, 0.06, 0.06]);
  t.deepEqual(rounded(holm([0.03, null, 0.01])), [0.03, null, 0.02]);
  t.deepEqual(holm([0.9, 0.8]), [1, 1]);
});

test("testVerdict names all four verdicts", (t) => {
  t.is(testVerdict(1, 0.01), "better");
  t.is(testVerdict(-1, 0.01), "worse");
  t.is(testVerdict(1, 0.2), "no detectable difference");
  t.is(testVerdict(1, null), "not enough seeds to tell");
});

test("tieGroups gives neighbours that overlap a letter each", (t) => {
  const distance = (limit: number) => (a: number, b: number) => Math.abs(a - b) > limit;
  t.deepEqual(tieGroups(4, distance(0)), ["a", "b", "c", "d"]);
  t.deepEqual(tieGroups(4, distance(1)), ["a", "ab", "bc", "c"]);
  t.deepEqual(tieGroups(4, distance(9)), ["a", "a", "a", "a"]);
  t.deepEqual(tieGroups(0, distance(0)), []);
  t.is(tieGroups(30, distance(0))[27], "b2");
});
