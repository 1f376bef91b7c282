/** Theorems of score-function estimators that differ in their baseline alone. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import type { Settings, SiteSpec } from "../../estimators/estimator.ts";
import type { Arrays } from "../../tasks/task.ts";
import { sigmoid } from "./closed-forms.ts";
import { draw, flat, nextState, ownToy, scalar, subject, toy } from "./measured.ts";

const close = (a: ArrayLike<number>, b: ArrayLike<number>, within = 2e-5): boolean =>
  a.length === b.length &&
  Array.from(a).every((x, i) => Math.abs(x - b[i]!) <= within * (1 + Math.abs(b[i]!)));
const toys = ["coupled-bits", "coupled-categorical", "layered-bits"] as const;
const of = async (name: string, options: Settings, on: string, state?: Arrays) =>
  flat(await draw(subject(name, options), await toy(on, 100), state ? { state } : {}));

test("optimal-baseline with two samples is rloo, and with three it is not", async (t) => {
  for (const on of toys) {
    t.true(close(await of("optimal-baseline", { samples: 2 }, on), await of("rloo", { samples: 2 }, on)), on);
    t.false(
      close(await of("optimal-baseline", { samples: 3 }, on), await of("rloo", { samples: 3 }, on), 1e-2),
    );
  }
});

test("optimal-baseline of a rare bit weighs the sample in which it is set: its costs have the mean of the others by (z − p)²", async (t) => {
  const phi = -2;
  const p = sigmoid(phi);
  const bit: SiteSpec = { name: "b", family: bernoulli, shape: [1] };
  const task = await ownToy(bit, tf.tensor1d([phi]), 1, (x) => tf.mul(3, tf.sum(x, -1)));
  const zs = [1, 0, 0];
  const fill = (_name: string, out: Float32Array) => out.set(zs.map((z) => (z === 1 ? 0.99 : 0.01)));
  const found = flat(await draw(subject("optimal-baseline", { samples: 3 }), task, { fill }));
  const baseline = (s: number) => {
    const others = zs.filter((_, j) => j !== s);
    const weights = others.map((z) => (z - p) ** 2);
    return others.reduce((sum, z, j) => sum + 3 * z * weights[j]!, 0) / weights.reduce((a, b) => a + b);
  };
  const expected = zs.reduce((sum, z, s) => sum + (3 * z - baseline(s)) * (z - p), 0) / 3;
  t.true(close(found, [expected], 1e-6));
});

test("group-normalised with two samples keeps the sign of rloo's difference alone", async (t) => {
  const bit: SiteSpec = { name: "b", family: bernoulli, shape: [1] };
  for (const gap of [0.2, -5]) {
    const task = await ownToy(bit, tf.tensor1d([0.4]), 60, (x) => tf.mul(gap, tf.sum(x, -1)));
    const rloo = flat(await draw(subject("rloo", { samples: 2 }), task));
    const grouped = flat(await draw(subject("group-normalised", { samples: 2, epsilon: 1e-9 }), task));
    t.true(grouped.some((x) => x !== 0));
    t.true(close(grouped, rloo.map((x) => x / (Math.SQRT2 * Math.abs(gap))), 1e-5)); // prettier-ignore
  }
});

test("group-normalised with a large ε is rloo up to a factor", async (t) => {
  const epsilon = 1e6;
  for (const on of toys) {
    const grouped = await of("group-normalised", { epsilon }, on);
    const rloo = await of("rloo", {}, on);
    t.true(close(grouped.map((x) => (x * epsilon * 4) / 3), rloo, 1e-4)); // prettier-ignore
  }
});

const past = (mean: number, within: number, between: number) => ({
  mean: scalar(mean),
  within: scalar(within),
  square: scalar(mean ** 2 + within + between),
  weight: scalar(1),
});

test("shrunk rloo is rloo where samples of a row did not vary, and reinforce with the past mean where rows did not", async (t) => {
  const m = 0.7;
  for (const on of toys) {
    const plain = await of("rloo", {}, on);
    const averaged = await of("reinforce", { samples: 4 }, on, { baseline: scalar(m), weight: scalar(1) });
    t.true(close(await of("rloo", { shrink: true }, on, past(m, 0, 2)), plain));
    t.true(close(await of("rloo", { shrink: true }, on, past(m, 2, 0)), averaged, 1e-4));
    // λ = (6/3)/(6/3 + 2) = ½.
    const half = await of("rloo", { shrink: true }, on, past(m, 6, 2));
    t.true(close(half, plain.map((x, i) => (x + averaged[i]!) / 2), 1e-4)); // prettier-ignore
  }
});

test("shrunk rloo keeps the mean, the mean square and the variance within a row of past costs", async (t) => {
  const [phi, gap] = [0.4, 3];
  const p = sigmoid(phi);
  const bit: SiteSpec = { name: "b", family: bernoulli, shape: [1] };
  const task = await ownToy(bit, tf.tensor1d([phi]), 20_000, (x) => tf.mul(gap, tf.sum(x, -1)));
  const zero = { mean: scalar(0), within: scalar(0), square: scalar(0), weight: scalar(0) };
  const { state } = await nextState(subject("rloo", { shrink: true, decay: 0 }), task, { state: zero });
  const at = (name: string) => state[name]!.values[0]!;
  // 80,000 costs: five standard errors are below 1 % of each.
  t.true(
    close([at("mean"), at("square"), at("within")], [gap * p, gap ** 2 * p, gap ** 2 * p * (1 - p)], 0.01),
  );
  t.is(at("weight"), 1);
});
