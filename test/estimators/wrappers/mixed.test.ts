/** Different layers by different estimators. */
import test from "ava";
import { bernoulli } from "../../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../../estimators/distributions/categorical.ts";
import { tf } from "../../../estimators/core/autodiff.ts";
import type { OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import { combinators, estimators } from "../../../estimators/index.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { createToy, vector } from "../../../tasks/models/toy.ts";
import { resultsOf } from "../../runners/check/results.ts";
import { draw, flat, largest, moments, subject, type Subject, toy, trace } from "../measured.ts";

const named = (name: string) => estimators.find((one) => one.name === name)!;

/** `mixed` with these estimators of layers, and options. */
function mixture(layers: Readonly<Record<string, string>>, given: Settings = {}, of = "rloo"): Subject {
  const inner = Object.fromEntries(Object.entries(layers).map(([site, name]) => [site, named(name)]));
  const estimator = combinators.find(({ name }) => name === "mixed")!.combine(named(of), inner);
  const specs = estimator.options as OptionSpecs;
  return { estimator, settings: resolveOptions({ of, ...given }, { who: "mixed", specs }) };
}

const [a, b, c] = [
  { name: "a", family: bernoulli, shape: [2] },
  { name: "b", family: categorical, shape: [1, 3] },
  { name: "c", family: bernoulli, shape: [2] },
] as const;

/** Three layers, each with logits that depend on those above. */
const threeLayers = (rows: number) =>
  createToy(
    {
      name: "three-layers",
      sites: [a, b, c],
      init: () => ({ logits: vector([0.4, -0.8]) }),
      cost: (parameters, sample) => {
        const above = sample("a", parameters["logits"]!);
        const [first, second] = tf.split(above, [1, 1], -1) as [typeof above, typeof above];
        const third = tf.sub(1, tf.mul(first, second));
        const between = sample("b", tf.expandDims(tf.concat([first, second, third], -1), -2)); // [S, B, 1, 3]
        const one = tf.sum(tf.mul(between, vector([1, -0.5, 2])), -1); // [S, B, 1]
        const below = sample("c", tf.add(tf.mul(one, vector([0.7, -1])), tf.mul(above, 0.5)));
        return tf.square(tf.sum(tf.sub(tf.mul(below, tf.concat([one, first], -1)), 0.3), -1));
      },
    },
    { rows, "learning-rate": 0 },
  );

test("with one estimator for all layers it is that estimator, draw by draw", async (t) => {
  const task = await toy("layered-bits", 20);
  for (const [name, given] of [
    ["exact", {}],
    ["rloo", {}],
    ["reinforce", {}],
    ["st", {}],
    ["gs", { temperature: 0.5 }],
  ] as const) {
    const inner = Object.fromEntries(Object.entries(given).map(([key, value]) => [`of.${key}`, value]));
    const [plain, mixed] = [
      flat(await draw(subject(name, given), task)),
      flat(await draw(mixture({}, inner, name), task)),
    ];
    plain.forEach((x, i) => t.true(Math.abs(x - mixed[i]!) <= 2e-5 * (1 + Math.abs(x)), `${name}: ${x}, ${mixed[i]}`)); // prettier-ignore
  }
});

// 10,000 draws, |z| ≤ 5 on nine coordinates of five mixtures: wrong with probability below 1e-4; the seed is fixed.
test("it is unbiased with the enumerated layer first, in the middle and last, and where two are enumerated", async (t) => {
  const truth = Float64Array.from(flat(await draw(subject("exact"), await threeLayers(1))));
  const task = await threeLayers(10_000);
  const plain = trace(await moments(mixture({}), task));
  for (const layers of [
    { a: "exact" },
    { b: "exact" },
    { c: "exact" },
    { a: "exact", c: "exact" },
    { a: "reinforce", b: "exact", c: "reinforce" },
  ]) {
    const given = Object.fromEntries(Object.keys(layers).flatMap((site) => (layers[site as "a"] === "reinforce" ? [[`${site}.samples`, 4]] : []))); // prettier-ignore
    const found = await moments(mixture(layers, given), task);
    t.true(largest(found, truth) <= 5, `${JSON.stringify(layers)}: ${largest(found, truth)}`);
    if (!("b" in layers && "a" in layers)) t.true(trace(found) < plain, JSON.stringify(layers));
  }
});

test("relaxed layers and layers of a score function estimate the gradient of the cost with relaxed samples", async (t) => {
  // Where b is relaxed below a, all layers by `gs` have another mean, and the enumeration of a has the right one.
  const task = await toy("layered-bits", 20_000);
  const given = { "b.temperature": 0.5, "b.samples": 4 };
  const sampled = await moments(mixture({ a: "rloo", b: "gs" }, { ...given, "a.samples": 4 }), task);
  const enumerated = await moments(mixture({ a: "exact", b: "gs" }, given), task);
  // Both are means of 20,000 independent rows with the same noise of b; |z| ≤ 5 on five coordinates.
  sampled.mean.forEach((x, k) => {
    const error = Math.sqrt((sampled.variance[k]! + enumerated.variance[k]!) / 20_000);
    t.true(Math.abs(x - enumerated.mean[k]!) <= 5 * error, `${k}: ${x}, ${enumerated.mean[k]}`);
  });
});

for (const [layers, given] of [
  [{ a: "exact", b: "rloo" }, {}],
  [{ a: "rloo", b: "exact" }, { "a.credit": "local" }],
  [{ a: "reinforce", b: "st" }, {}],
  [{ a: "gs", b: "rloo" }, { "a.samples": 4 }],
] as const)
  test.serial(`mixed ${JSON.stringify(layers)} is what it claims`, async (t) => {
    const { estimator } = mixture(layers);
    const { failed, passed, text } = await resultsOf(estimator, ["runs", "bias", "evaluations"], given);
    t.deepEqual(failed, [], text);
    t.deepEqual(passed, ["runs", "bias", "evaluations"], text);
  });

test("claims follow from those of the layers", (t) => {
  const claimsOf = (layers: Readonly<Record<string, string>>) => mixture(layers).estimator.claims;
  t.true(claimsOf({ a: "exact", b: "reinforce" }).unbiased);
  const { unbiased, relaxed, needs } = claimsOf({ a: "gs" });
  t.deepEqual([unbiased, relaxed, needs], [false, true, "derivatives"]);
  const st = mixture({ a: "st" }, { "a.forward-temperature": 0.5 });
  t.is(st.estimator.claims.sampleLaw!(st.settings, [a, b]), "other");
  t.is(st.estimator.claims.sampleLaw!(mixture({ a: "st" }).settings, [a, b]), "exact");
});

test.serial("where every layer is named, nothing is claimed of the estimator of other layers", async (t) => {
  const { estimator } = mixture({ a: "exact", b: "rloo" }, {}, "gs");
  const [all, some] = [estimator.on!([a, b]).claims, estimator.on!([a, b, c]).claims];
  t.deepEqual([all.unbiased, all.relaxed, all.needs], [true, undefined, "values"]);
  t.deepEqual([some.unbiased, some.relaxed, some.needs], [false, true, "derivatives"]);
  const { failed, passed, text } = await resultsOf(estimator, ["bias", "decoder", "evaluations"], {
    of: "gs",
  });
  t.deepEqual([failed, passed], [[], ["bias", "decoder", "evaluations"]], text);
  t.regex(text, /detectable bias/);
});

test("what cannot be mixed is refused in a sentence", (t) => {
  const mixed = combinators.find(({ name }) => name === "mixed")!;
  t.regex(mixed.accepts(named("rebar"))!, /^it mixes exact enumeration, .* rebar is none of these$/);
  t.regex(mixed.accepts(named("vimco"))!, /the objective of vimco is made of log weights$/);
  t.is(mixed.accepts(named("st-gs")), undefined);
  const why = ({ estimator, settings }: Subject) => estimator.supports!([a, b], settings);
  t.is(why(mixture({ a: "reinforce" })), 'all sampled layers need as many samples; layer "a" has 1, "b" 4');
  t.is(why(mixture({ z: "exact" })), 'there is no layer "z"; the layers are a and b');
  t.is(
    why(mixture({ a: "redge" }, { "a.samples": 4 })),
    'redge needs variables that are one-hot vectors; those of layer "a" are bernoulli',
  );
  t.is(why(mixture({ a: "exact" })), undefined);
});
