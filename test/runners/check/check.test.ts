/** Small faults are found by the check that is meant for them. */
import test from "ava";
import { stop, tf } from "../../../estimators/core/autodiff.ts";
import { combinators, estimators } from "../../../estimators/index.ts";
import { estimator, type Estimator } from "../../../estimators/estimator.ts";
import { hard, movingAverage, score } from "../../../estimators/core/toolkit.ts";
import { resultsOf } from "./results.ts";

const named = (name: string) => estimators.find((one) => one.name === name)!;

const plain: Estimator = estimator({
  name: "plain",
  title: "REINFORCE",
  options: {},
  claims: {
    families: ["bernoulli", "categorical"],
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
const claiming = (claims: Partial<Estimator["claims"]>): Estimator => ({
  ...plain,
  claims: { ...plain.claims, ...claims },
});

test.serial("a claim of bias that no problem shows is refuted", async (t) => {
  const rloo = named("rloo");
  const { failed } = await resultsOf({ ...rloo, claims: { ...rloo.claims, unbiased: false } }, ["bias"]);
  t.deepEqual(failed, ["bias"]);
});

test.serial("a straight-through estimator that claims no bias is refuted", async (t) => {
  const st = named("st");
  const { failed } = await resultsOf({ ...st, claims: { ...st.claims, unbiased: true } }, ["bias"]);
  t.deepEqual(failed, ["bias"]);
});

test.serial("a gradient turned around does not pass for a direction", async (t) => {
  const turned: Estimator = {
    ...claiming({ unbiased: "direction" }),
    estimate: (problem) => ({ surrogate: tf.neg(plain.estimate(problem).surrogate) }),
  };
  const { failed } = await resultsOf(turned, ["bias"]);
  t.deepEqual(failed, ["bias"]);
});

test.serial(
  "a combination around a multi-sample bound is proven against tuples of the inner one's samples",
  async (t) => {
    const of = combinators.find(({ name }) => name === "average")!.combine(named("vimco"));
    const given = { of: "vimco", "of.samples": 2, draws: 2 };
    const { passed, text } = await resultsOf(of, ["bias", "exact-expectation", "decoder"], given);
    t.deepEqual(passed, ["bias", "exact-expectation", "decoder"], text);
  },
);

test.serial("a bound of more samples than can be enumerated is inconclusive, which fails", async (t) => {
  const { failed, text } = await resultsOf(named("vimco"), ["bias"], { samples: 24 });
  t.deepEqual(failed, ["bias"]);
  t.regex(text, /Inconclusive: tuples of so many samples are too many to enumerate/);
});

test.serial(
  "evaluations that are not those claimed, and derivatives where values are claimed, are found",
  async (t) => {
    const cheap = claiming({ evaluations: () => ({ forward: 2, backward: 0 }) });
    t.deepEqual((await resultsOf(cheap, ["evaluations"])).failed, ["evaluations"]);
    const st = named("st");
    const values = await resultsOf({ ...st, claims: { ...st.claims, needs: "values" } }, ["evaluations"]);
    t.deepEqual(values.failed, ["evaluations"]);
  },
);

test.serial("hard samples that claim to be relaxed are found", async (t) => {
  const { failed, text } = await resultsOf(claiming({ relaxed: true }), ["decoder"]);
  t.deepEqual(failed, ["decoder"]);
  t.regex(text, /claims to train on relaxed samples, but those on bits are hard/);
  t.deepEqual((await resultsOf(named("gs"), ["decoder"])).failed, []);
});

test.serial("rows that meet in a baseline of the batch are found", async (t) => {
  const meeting: Estimator = {
    ...plain,
    estimate({ run, uniform }) {
      const { cost, logp } = run((site) => hard(site, uniform(site)));
      return { surrogate: score(cost, tf.sub(cost, tf.mean(cost)), logp) };
    },
  };
  t.deepEqual((await resultsOf(meeting, ["independent-rows"])).failed, ["independent-rows"]);
});

test.serial(
  "a baseline that sees the present cost is found where an estimator meets categories alone",
  async (t) => {
    const categorical = (of: Estimator): Estimator => ({
      ...of,
      claims: { ...of.claims, families: ["categorical"] },
    });
    const { passed, text } = await resultsOf(categorical(named("reinforce")), ["state"]);
    t.deepEqual(passed, ["state"], text);
    const seeing: Estimator = {
      ...categorical(plain),
      init: () => ({ state: { baseline: tf.scalar(0) } }),
      estimate({ run, uniform, state }) {
        const { cost, logp } = run((site) => hard(site, uniform(site)));
        const baseline = movingAverage(state["baseline"]!, tf.mean(cost), 0.99);
        return { surrogate: score(cost, tf.sub(cost, baseline), logp), state: { baseline } };
      },
    };
    t.deepEqual((await resultsOf(seeing, ["state"])).failed, ["state"]);
  },
);

test.serial(
  "a bias too small for draws is refuted by the exact expectation, on categories alone as on bits",
  async (t) => {
    for (const family of ["bernoulli", "categorical"] as const) {
      const exact = claiming({ families: [family] });
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
  },
);

test.serial(
  "the exact expectation of several samples of categories is summed over all their outcomes",
  async (t) => {
    const rloo = named("rloo");
    const alone: Estimator = { ...rloo, claims: { ...rloo.claims, families: ["categorical"] } };
    const { passed, text } = await resultsOf(alone, ["exact-expectation"], { samples: 2 });
    t.deepEqual(passed, ["exact-expectation"], text);
  },
);

test.serial("what wins where some outcomes are left out is summed over orders of all", async (t) => {
  const around = (name: string) => combinators.find((one) => one.name === "topk")!.combine(named(name));
  const { passed, text } = await resultsOf(around("reinforce"), ["state"]);
  t.deepEqual(passed, ["state"], text);
  t.regex(text, /24 combinations/);
  const given = { of: "rloo", "of.samples": 2 };
  const exact = await resultsOf(around("rloo"), ["bias", "exact-expectation"], given);
  t.deepEqual(exact.passed, ["bias", "exact-expectation"], exact.text);
  // Half a hundredth: its draws vary so little that they show a whole one.
  const slight: Estimator = {
    ...around("rloo"),
    estimate(problem) {
      const { surrogate, ...rest } = around("rloo").estimate(problem);
      return { ...rest, surrogate: tf.mul(1.005, surrogate) };
    },
  };
  const refuted = await resultsOf(slight, ["bias", "exact-expectation"], given);
  t.deepEqual([refuted.passed, refuted.failed], [["bias"], ["exact-expectation"]], refuted.text);
});

/** E f(z) of z from a uniform distribution with weights q(z)/u(z): it chooses by the noise, whatever the logits. */
const proposing: Estimator = {
  ...claiming({ families: ["categorical"], sites: "one" }),
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

test.serial("regions of the site's distribution do not refute samples from another", async (t) => {
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

test.serial("a baseline of the observed input lowers the variance of categories alone, too", async (t) => {
  const nvil = named("nvil");
  const alone: Estimator = { ...nvil, claims: { ...nvil.claims, families: ["categorical"] } };
  const { passed, text } = await resultsOf(alone, ["control-variate"], { hidden: 8 });
  t.deepEqual(passed, ["control-variate"], text);
  t.regex(text, /on seen-categorical/);
});

test.serial("noise of its own is found: the same seed gives other bits", async (t) => {
  let calls = 0;
  const own: Estimator = {
    ...plain,
    estimate(problem) {
      calls += 1;
      return { surrogate: tf.mul(plain.estimate(problem).surrogate, 1 + 0.01 * calls) };
    },
  };
  t.deepEqual((await resultsOf(own, ["repeatable"])).failed, ["repeatable"]);
});

test.serial("a tensor that is kept is found", async (t) => {
  const keeping: Estimator = {
    ...plain,
    estimate(problem) {
      tf.keep(tf.scalar(1));
      return plain.estimate(problem);
    },
  };
  t.deepEqual((await resultsOf(keeping, ["repeatable"])).failed, ["repeatable"]);
});

test.serial('an estimator that throws fails the check "runs" only, with its own sentence', async (t) => {
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

test.serial("a first layer without a gradient is found on two layers alone", async (t) => {
  const blind: Estimator = {
    ...plain,
    estimate({ run, uniform }) {
      const { cost, drawn } = run((site) => hard(site, uniform(site)));
      const last = drawn.at(-1)!;
      const logq = last.site.family.logProb(last.site.logits, last.x);
      return { surrogate: score(cost, cost, tf.sum(logq, -1)) };
    },
  };
  const { failed, text } = await resultsOf(blind, ["bias"]);
  t.deepEqual(failed, ["bias"]);
  t.regex(text, /layered/);
});
