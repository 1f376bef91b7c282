import test from "ava";
import {
  addDraw,
  blocks,
  dot,
  emptySums,
  meanOf,
  squaredBias,
  squaredNorm,
  traceOf,
  traceWithError,
  type Sums,
} from "../../runners/moments.ts";
import { stream } from "../../runners/streams.ts";

/** Uniforms of mean ½ + shift, three coordinates a draw. */
function drawn(seed: number, n: number, shift = 0): Sums {
  const sums = emptySums(3);
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
