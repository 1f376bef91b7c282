import test from "ava";
import { blocks, squaredBias, squaredNorm, traceWithError } from "../../../runners/variance/moments.ts";
import { emptySums, type BlockSums } from "../../../runners/train/block-sums.ts";
import { addDraw, dot, meanOf, traceOf } from "../../../runners/train/draw-sums.ts";
import { stream } from "../../../runners/train/noise-streams.ts";
import { compareWithReference } from "../../../runners/variance/compare-with-reference.ts";

type Statistics = ReturnType<typeof compareWithReference>;

/** Uniforms of mean ½ + shift, three coordinates a draw. */
function drawn(seed: number, n: number, shift = 0): BlockSums {
  const sums = emptySums(3, blocks);
  const out = new Float32Array(3);
  for (let r = 0; r < n; r++) {
    stream("moments", seed, r)("u", out);
    addDraw(
      sums,
      r,
      Float64Array.from(out, (x) => x + shift),
    );
  }
  return sums;
}

const all = Array.from({ length: blocks }, (_, k) => k);
const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-6);

/** The definition: the statistic itself on all blocks but one, one after another. */
function byDefinition(statistic: (chosen: readonly number[]) => number) {
  const left = all.map((k) => statistic(all.filter((other) => other !== k)));
  const mean = left.reduce((a, b) => a + b, 0) / blocks;
  const spread = left.reduce((total, x) => total + (x - mean) ** 2, 0);
  return { value: statistic(all), error: Math.sqrt(((blocks - 1) / blocks) * spread) };
}

const halvesOf = (chosen: readonly number[]) => [0, 1].map((side) => chosen.filter((k) => k % 2 === side));

test("traceWithError and squaredBias are the jackknife by its definition, with unequal blocks too", (t) => {
  const [sums, reference] = [drawn(1, 117), drawn(2, 263, 0.2)];
  const away = (half: readonly number[]) => meanOf(sums, half).map((x, i) => x - meanOf(reference, half)[i]!);
  for (const [fast, slow] of [
    [traceWithError(sums), byDefinition((chosen) => traceOf(sums, chosen))],
    [
      squaredBias(sums, reference),
      byDefinition((chosen) => {
        const [a, b] = halvesOf(chosen);
        return dot(away(a!), away(b!));
      }),
    ],
  ] as const) {
    t.true(close(fast.value, slow.value), `${fast.value} and ${slow.value}`);
    t.true(close(fast.error, slow.error), `${fast.error} and ${slow.error}`);
  }
});

// Uniforms: the trace is 3/12, ‖E g‖² is 3/4, and a shift of .2 has the squared bias .12.
test("traceWithError, squaredNorm and squaredBias find the closed forms of uniforms within 4 errors", (t) => {
  const sums = drawn(3, 20_000, 0.2);
  const truth = Float64Array.of(0.5, 0.5, 0.5);
  for (const [{ value, error }, exact] of [
    [traceWithError(drawn(3, 20_000)), 3 / 12],
    [squaredNorm(drawn(3, 20_000)), 3 / 4],
    [squaredBias(sums, truth), 0.12],
    [squaredBias(sums, drawn(4, 20_000)), 0.12],
    [squaredBias(drawn(5, 20_000), truth), 0],
  ] as const)
    t.true(Math.abs(value - exact) < 4 * error && error < 0.01, `${value} ± ${error}, not ${exact}`);
});

/** Draws of three coordinates around 1, and all that is said of them against the gradient (.8, 1, 1). */
function statistics(seed: number) {
  const sums = emptySums(3, blocks);
  const out = new Float32Array(3);
  const truth = Float64Array.of(0.8, 1, 1);
  const cosines: number[] = [];
  for (let r = 0; r < 400; r++) {
    stream("errors", seed, r)("u", out);
    const draw = Float64Array.from(out, (x) => x + 0.5);
    addDraw(sums, r, draw);
    cosines.push(dot(draw, truth) / Math.sqrt(dot(draw, draw) * dot(truth, truth)));
  }
  const reference = { name: "exact", gradient: truth, mean: truth, error: null };
  const draws = { parameters: sums, logits: sums, seconds: 1, cosines, count: 400 };
  return compareWithReference(draws, reference, { rows: 2, forward: 1, backward: 0 });
}

// The spread of 200 repetitions is known to 5 %, so a ratio of the two outside .8 to 1.2 comes by chance once in 10⁴; the
// noise is fixed. An error that forgets a factor of two, or a square root, would show.
test("the standard errors of bench variance are the spread of what it measures when all is drawn again", (t) => {
  const all = Array.from({ length: 200 }, (_, seed) => statistics(seed));
  for (const [name, value, error] of [
    ["variance", (x) => x.variance.parameters, (x) => x.variance.standardError],
    ["variance per logit", (x) => x.variance.logits, (x) => x.variance.logitsError],
    ["deviation", (x) => x.deviation, (x) => x.deviationError],
    ["cosine", (x) => x.cosine, (x) => x.cosineError],
    ["signal to noise", (x) => x.signalToNoise, (x) => x.signalToNoiseError],
    ["squared bias", (x) => x.bias.squared, (x) => x.bias.squaredError],
    ["bias", (x) => x.bias.norm, (x) => x.bias.standardError],
    ["relative bias", (x) => x.bias.relative, (x) => x.bias.relativeError],
  ] as const satisfies readonly (readonly [string, ...((x: Statistics) => number | null)[]])[]) {
    const values = all.map((one) => value(one)!);
    const mean = values.reduce((a, b) => a + b) / values.length; // prettier-ignore
    const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1));
    const said = Math.sqrt(all.reduce((sum, one) => sum + error(one)! ** 2, 0) / all.length);
    const ratio = said / spread;
    t.true(ratio > 0.8 && ratio < 1.2, `${name}: ${said} said, ${spread} found`);
  }
});

test("a sampled reference's own error is in those of the ratios to it; without a bias to be seen it has none", (t) => {
  const [sums, truth] = [drawn(5, 400), Float64Array.of(0.5, 0.5, 0.6)];
  const draws = { parameters: sums, logits: sums, seconds: 1, cosines: [1, 1], count: 400 };
  const batch = { rows: 1, forward: 1, backward: 0 };
  const of = (error: number | null, gradient = truth) =>
    compareWithReference(draws, { name: "r", gradient, mean: gradient, error }, batch);
  const [exact, sampled] = [of(null), of(0.1)];
  t.true(sampled.signalToNoiseError! >= 0.2 * sampled.signalToNoise!);
  t.true(sampled.signalToNoiseError! > exact.signalToNoiseError!);
  t.true(sampled.bias.relativeError! > exact.bias.relativeError!);
  const none = [0, 1, 2].map((seed) => {
    const parameters = drawn(seed + 20, 400);
    const reference = { name: "exact", gradient: meanOf(parameters), mean: meanOf(parameters), error: null };
    return compareWithReference({ ...draws, parameters }, reference, batch).bias;
  });
  for (const { squared, norm, standardError } of none)
    t.true(squared <= 0 && norm === 0 && standardError === null, `${squared}`);
});
