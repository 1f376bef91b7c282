/** Small faults are found by the check that is meant for them. */
import { everything, serial as test } from "../../require.ts";
import { stop, tf } from "../../../estimators/core/autodiff.ts";
import { combinators, estimators } from "../../../estimators/index.ts";
import { estimator, type Estimator, type Settings } from "../../../estimators/estimator.ts";
import { hard, movingAverage, score } from "../../../estimators/core/toolkit.ts";
import { resultsOf } from "./results.ts";

const named = (name: string) => estimators.find((one) => one.name === name)!;

const plain: Estimator = estimator({
  name: "plain",
  title: "REINFORCE",
  options: {},
  claims: {
    requires: ["density"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: () => ({ forward: 1, backward: 0 }),
  },
  estimate({ run, uniform }) {
    const { cost, logp } = run((site) => hard(site, uniform(site)));
    return { surrogate: score(cost, cost, logp) };
  },
});
const withClaims = (of: Estimator, claims: Partial<Estimator["claims"]>): Estimator => ({
  ...of,
  claims: { ...of.claims, ...claims },
});
const claiming = (claims: Partial<Estimator["claims"]>) => withClaims(plain, claims);
const estimating = (estimate: Estimator["estimate"]): Estimator => ({ ...plain, estimate });
const ofCategories = (of: Estimator) => withClaims(of, { requires: ["one-hot"] });
const around = (wrapper: string, name: string) =>
  combinators.find((one) => one.name === wrapper)!.combine(named(name));

interface More {
  readonly options?: Settings;
  /** What stands among the results. */
  readonly says?: RegExp;
}

/** A test that the check fails. */
const found = (check: string, what: string, of: Estimator, { options, says = /./ }: More = {}) =>
  test(`${what} fails the check "${check}"`, async (t) => {
    const { failed, text } = await resultsOf(of, [check], options);
    t.deepEqual(failed, [check], text);
    t.regex(text, says);
  });

/** A test that the checks pass. */
const sound = (checks: readonly string[], what: string, of: Estimator, { options, says = /./ }: More = {}) =>
  test(`${what} passes ${checks.join(", ")}`, async (t) => {
    const { passed, text } = await resultsOf(of, checks, options);
    t.deepEqual(passed, checks, text);
    t.regex(text, says);
  });

found("bias", "a claim of bias that no problem shows", withClaims(named("exact"), { unbiased: false }));
found("bias", "straight-through with a claim of no bias", withClaims(named("st"), { unbiased: true }));
found("bias", "a gradient turned around that claims its direction", {
  ...claiming({ unbiased: "direction" }),
  estimate: (problem) => ({ surrogate: tf.neg(plain.estimate(problem).surrogate) }),
});
const blind = estimating(({ run, uniform }) => {
  const { cost, drawn } = run((site) => hard(site, uniform(site)));
  const { site, x } = drawn.at(-1)!;
  return { surrogate: score(cost, cost, tf.sum(site.family.logProb(site.logits, x), -1)) };
});
found("bias", "a first layer without a gradient", blind, { says: /layered/ });
found("bias", "a bound of more samples than can be enumerated", named("vimco"), {
  options: { samples: 24 },
  says: /Inconclusive: tuples of so many samples are too many to enumerate/,
});
const twice = claiming({ evaluations: () => ({ forward: 2, backward: 0 }) });
found("evaluations", "a claim of more evaluations than are made", twice);
found("evaluations", "a derivative beside the values claimed", withClaims(named("st"), { needs: "values" }));
found("decoder", "a claim to be relaxed with hard samples", claiming({ relaxed: true }), {
  says: /claims to train on relaxed samples, but those on bits are hard/,
});
found("decoder", "a claim of another law with samples of the model", claiming({ sampleLaw: () => "other" }), {
  says: /claims that its samples are not from the model, but they look so/,
});
test("a claim of another law that does not show is a warning where the samples are not those of reinforce", async (t) => {
  const ownNoise: Estimator = {
    ...claiming({ sites: "one", sampleLaw: () => "other" }),
    estimate({ run, uniform }) {
      const { cost, logp } = run((site) => hard(site, uniform(site, 1, "own")));
      return { surrogate: score(cost, cost, logp) };
    },
  };
  const { checks, text } = await resultsOf(ownNoise, ["decoder"]);
  t.is(checks[0]!.state, "warn", text);
  t.regex(text, /but they look so: .* They are not reinforce's; .* would have been found/);
});
for (const options of [{ forward: "argmax" }, { "forward-temperature": 2 }] as const)
  found(
    "decoder",
    `straight-through ${JSON.stringify(options)} with a claim of the model's law`,
    withClaims(named("st"), { sampleLaw: () => "exact" }),
    { options, says: /gradient of target/ },
  );
const meeting = estimating(({ run, uniform }) => {
  const { cost, logp } = run((site) => hard(site, uniform(site)));
  return { surrogate: score(cost, tf.sub(cost, tf.mean(cost)), logp) };
});
found("independent-rows", "a baseline in which the rows of a batch meet", meeting);
found("state", "a baseline of categories that sees the present cost", {
  ...ofCategories(plain),
  init: () => ({ state: { baseline: tf.scalar(0) } }),
  estimate({ run, uniform, state }) {
    const { cost, logp } = run((site) => hard(site, uniform(site)));
    const baseline = movingAverage(state["baseline"]!, tf.mean(cost), 0.99);
    return { surrogate: score(cost, tf.sub(cost, baseline), logp), state: { baseline } };
  },
});
let calls = 0;
const noisy = estimating((problem) => {
  calls += 1;
  return { surrogate: tf.mul(plain.estimate(problem).surrogate, 1 + 0.01 * calls) };
});
found("repeatable", "noise of its own", noisy);
const keeping = estimating((problem) => {
  tf.keep(tf.scalar(1));
  return plain.estimate(problem);
});
found("repeatable", "a tensor that is kept", keeping);

const reversed: Estimator = {
  ...named("local-expectation"),
  estimate: (problem) =>
    named("local-expectation").estimate({
      ...problem,
      run(sample) {
        const run = problem.run(sample);
        const { singleChanges } = run;
        return {
          ...run,
          ...(singleChanges && { singleChanges: (other) => tf.reverse(singleChanges(other), 1) }),
        };
      },
    }),
};
found("single-changes", "a mistaken order of the variables", reversed, { says: /decoder-of-bernoulli/ });

for (const options of [
  { forward: "argmax" },
  { "forward-temperature": 2 },
  { backward: "identity" },
  { backward: "clipped" },
])
  sound(["bias", "decoder", "evaluations"], `straight-through ${JSON.stringify(options)}`, named("st"), {
    options,
  });
sound(["bias", "decoder"], "decoupled Gumbel-Softmax", named("st-gs"), {
  options: { "forward-temperature": 0.5 },
});
sound(["decoder"], "a combination around samples of another law", around("average", "st"), {
  options: { of: "st", "of.forward": "argmax" },
});
const bound = { of: "vimco", "of.samples": 2, draws: 2 };
const three = ["bias", "exact-expectation", "decoder"];
sound(three, "a combination around a multi-sample bound", around("average", "vimco"), { options: bound });
sound(["state"], "a baseline of categories alone", ofCategories(named("reinforce")));
const several = ofCategories(named("rloo"));
sound(["exact-expectation"], "several samples of categories", several, { options: { samples: 2 } });
const outcomesLeftOut = around("topk", "reinforce");
sound(["state"], "what leaves outcomes out, over orders of all,", outcomesLeftOut, {
  says: /24 combinations/,
});
sound(["control-variate"], "a baseline of the observed input", ofCategories(named("nvil")), {
  options: { hidden: 8 },
  says: /on seen-categorical/,
});

test("of all estimators with their defaults, ars and arsm alone have more variance than reinforce on every problem", async (t) => {
  const some = [
    "reinforce",
    "nvil",
    "rloo",
    "vimco",
    "muprop",
    "st",
    "imle",
    "rebar",
    "sum-and-sample",
    "ars",
    "arsm",
  ];
  const warned: string[] = [];
  for (const one of estimators) {
    if (!everything && !some.includes(one.name)) continue;
    const { checks, text } = await resultsOf(one, ["variance"]);
    t.not(checks[0]!.state, "fail", text);
    if (checks[0]!.state === "warn") warned.push(one.name);
  }
  t.deepEqual(warned, ["ars", "arsm"]);
});

test("relaxed samples are not held against an estimator that claims them", async (t) => {
  t.deepEqual((await resultsOf(named("gs"), ["decoder"])).failed, []);
});

test("a bias too small for draws is refuted by the exact expectation, on categories alone as on bits", async (t) => {
  for (const kind of ["bits", "one-hot"] as const) {
    const exact = claiming({ requires: ["density", kind] });
    t.deepEqual((await resultsOf(exact, ["bias", "exact-expectation"])).passed, [
      "bias",
      "exact-expectation",
    ]);
    // A hundredth of the gradient too much.
    const slight: Estimator = {
      ...exact,
      estimate({ run, uniform }) {
        const { cost, logp } = run((site) => hard(site, uniform(site)));
        return { surrogate: score(cost, tf.mul(1.01, cost), logp) };
      },
    };
    const { passed, failed, text } = await resultsOf(slight, ["bias", "exact-expectation"]);
    t.deepEqual([passed, failed], [["bias"], ["exact-expectation"]], text);
    t.regex(text, /off by 1\.0 % of the gradient's norm/);
  }
});

test("a slight bias where some outcomes are left out is refuted by the exact expectation alone", async (t) => {
  const given = { of: "rloo", "of.samples": 2 };
  const checks = ["bias", "exact-expectation"];
  const of = around("topk", "rloo");
  const exact = await resultsOf(of, checks, given);
  t.deepEqual(exact.passed, checks, exact.text);
  // Half a hundredth: its draws vary so little that they show a whole one.
  const slight: Estimator = {
    ...of,
    estimate(problem) {
      const { surrogate, ...rest } = of.estimate(problem);
      return { ...rest, surrogate: tf.mul(1.005, surrogate) };
    },
  };
  const refuted = await resultsOf(slight, checks, given);
  t.deepEqual([refuted.passed, refuted.failed], [["bias"], ["exact-expectation"]], refuted.text);
});

/** E f(z) of z from a uniform distribution with weights q(z)/u(z): it chooses by the noise, whatever the logits. */
const proposing: Estimator = {
  ...claiming({ requires: ["one-hot"], sites: "one" }),
  estimate({ run, uniform }) {
    const { cost, logp, drawn } = run((site) =>
      hard({ ...site, logits: tf.zerosLike(site.logits) }, uniform(site)),
    );
    const { family, shape } = drawn[0]!.site;
    const inverse = family.outcomes(shape) ** family.variables(shape);
    const weight = stop(tf.mul(tf.exp(logp), inverse));
    return { surrogate: tf.mean(tf.mul(weight, tf.add(cost, tf.mul(stop(cost), logp)))) };
  },
};

test("regions of the site's distribution do not refute samples from another", async (t) => {
  const counting: Estimator = {
    ...proposing,
    init: () => ({ state: { steps: tf.scalar(0) } }),
    estimate: (problem) => ({
      ...proposing.estimate(problem),
      state: { steps: tf.add(problem.state["steps"]!, 1) },
    }),
  };
  for (const [of, check] of [
    [counting, "state"],
    [proposing, "exact-expectation"],
  ] as const) {
    const { failed, text } = await resultsOf(of, ["bias", check]);
    t.deepEqual(failed, [], text);
    t.regex(text, new RegExp(`pass bias[^]*skip ${check}: Not applicable: it is not constant`));
  }
});

test('an estimator that throws fails the check "runs" only, with its own sentence', async (t) => {
  const throwing: Estimator = {
    ...plain,
    estimate() {
      throw new Error("plain: it must not be called");
    },
  };
  const { failed, text } = await resultsOf(throwing);
  t.deepEqual(failed, ["runs"]);
  t.regex(text, /it must not be called/);
});
