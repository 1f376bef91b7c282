/** What the checks answer for estimators that are as they say, and for small faults that each alone must find. */
import test from "ava";
import { stop, tf } from "../../../estimators/core/autodiff.ts";
import { combinators, estimators } from "../../../estimators/index.ts";
import { estimator, type Estimator, type OptionSpecs, type Settings } from "../../../estimators/estimator.ts";
import { hard, movingAverage, score } from "../../../estimators/core/toolkit.ts";
import { checkEstimator } from "../../../runners/check/index.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";

async function checked(of: Estimator, only?: readonly string[], given: Settings = {}) {
  const settings = resolveOptions(given, { who: of.name, specs: of.options as OptionSpecs });
  const entry = {
    estimator: of,
    name: of.name,
    title: of.title,
    aliases: [],
    source: "",
    plugin: true,
    sourceHash: () => "",
  };
  const report = await checkEstimator(
    { entry, given: {}, settings, label: of.name },
    await wasmEngine(),
    only ? { only } : {},
  );
  return {
    passed: report.checks.flatMap(({ name, state }) => (state === "pass" ? [name] : [])),
    failed: report.checks.flatMap(({ name, state }) => (state === "fail" ? [name] : [])),
    said: report.checks.map(({ name, state, detail }) => `${state} ${name}: ${detail}`).join("\n"),
  };
}

const named = (name: string) => estimators.find((one) => one.name === name)!;

for (const name of ["reinforce", "rloo", "gs"])
  test.serial(`${name} passes every check`, async (t) => {
    const { failed, said } = await checked(named(name));
    t.deepEqual(failed, [], said);
  });

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
  const { failed } = await checked({ ...rloo, claims: { ...rloo.claims, unbiased: false } }, ["bias"]);
  t.deepEqual(failed, ["bias"]);
});

test.serial("a straight-through estimator that claims no bias is refuted", async (t) => {
  const st = named("st");
  const { failed } = await checked({ ...st, claims: { ...st.claims, unbiased: true } }, ["bias"]);
  t.deepEqual(failed, ["bias"]);
});

test.serial("a gradient turned around does not pass for a direction", async (t) => {
  const turned: Estimator = {
    ...claiming({ unbiased: "direction" }),
    estimate: (problem) => ({ surrogate: tf.neg(plain.estimate(problem).surrogate) }),
  };
  const { failed } = await checked(turned, ["bias"]);
  t.deepEqual(failed, ["bias"]);
});

test.serial(
  "a combination around a multi-sample bound is proven against tuples of the inner one's samples",
  async (t) => {
    const of = combinators.find(({ name }) => name === "average")!.combine(named("vimco"));
    const given = { of: "vimco", "of.samples": 2, draws: 2 };
    const { passed, said } = await checked(of, ["bias", "cells", "decoder"], given);
    t.deepEqual(passed, ["bias", "cells", "decoder"], said);
  },
);

test.serial("a bound of more samples than can be enumerated is inconclusive, which fails", async (t) => {
  const { failed, said } = await checked(named("vimco"), ["bias"], { samples: 24 });
  t.deepEqual(failed, ["bias"]);
  t.regex(said, /inconclusive: its claim must be tested against enumeration/);
});

test.serial(
  "evaluations that are not those claimed, and derivatives where values are claimed, are found",
  async (t) => {
    const cheap = claiming({ evaluations: () => ({ forward: 2, backward: 0 }) });
    t.deepEqual((await checked(cheap, ["cost"])).failed, ["cost"]);
    const st = named("st");
    const values = await checked({ ...st, claims: { ...st.claims, needs: "values" } }, ["cost"]);
    t.deepEqual(values.failed, ["cost"]);
  },
);

test.serial("hard samples that claim to be relaxed are found", async (t) => {
  const { failed, said } = await checked(claiming({ relaxed: true }), ["decoder"]);
  t.deepEqual(failed, ["decoder"]);
  t.regex(said, /relaxed samples, as it claims, got hard ones on bits/);
  t.deepEqual((await checked(named("gs"), ["decoder"])).failed, []);
});

test.serial("rows that meet in a baseline of the batch are found", async (t) => {
  const meeting: Estimator = {
    ...plain,
    estimate({ run, uniform }) {
      const { cost, logp } = run((site) => hard(site, uniform(site)));
      return { surrogate: score(cost, tf.sub(cost, tf.mean(cost)), logp) };
    },
  };
  t.deepEqual((await checked(meeting, ["rows"])).failed, ["rows"]);
});

test.serial(
  "a baseline that sees the present cost is found where an estimator meets categories alone",
  async (t) => {
    const categorical = (of: Estimator): Estimator => ({
      ...of,
      claims: { ...of.claims, families: ["categorical"] },
    });
    const { passed, said } = await checked(categorical(named("reinforce")), ["state"]);
    t.deepEqual(passed, ["state"], said);
    const seeing: Estimator = {
      ...categorical(plain),
      init: () => ({ state: { baseline: tf.scalar(0) } }),
      estimate({ run, uniform, state }) {
        const { cost, logp } = run((site) => hard(site, uniform(site)));
        const baseline = movingAverage(state["baseline"]!, tf.mean(cost), 0.99);
        return { surrogate: score(cost, tf.sub(cost, baseline), logp), state: { baseline } };
      },
    };
    t.deepEqual((await checked(seeing, ["state"])).failed, ["state"]);
  },
);

test.serial(
  "a bias too small for draws is refuted by the exact expectation, on categories alone as on bits",
  async (t) => {
    for (const family of ["bernoulli", "categorical"] as const) {
      const exact = claiming({ families: [family] });
      t.deepEqual((await checked(exact, ["bias", "cells"])).passed, ["bias", "cells"]);
      // A hundredth of the gradient too much.
      const slight: Estimator = {
        ...exact,
        estimate({ run, uniform }) {
          const { cost, logp } = run((site) => hard(site, uniform(site)));
          return { surrogate: score(cost, tf.mul(1.01, cost), logp) };
        },
      };
      const { passed, failed, said } = await checked(slight, ["bias", "cells"]);
      t.deepEqual([passed, failed], [["bias"], ["cells"]], said);
      t.regex(said, family === "categorical" ? /got 1\.0 % of the gradient's norm off/ : /: 1\.0 % off/);
    }
  },
);

test.serial(
  "the exact expectation of several samples of categories is summed over all their outcomes",
  async (t) => {
    const rloo = named("rloo");
    const alone: Estimator = { ...rloo, claims: { ...rloo.claims, families: ["categorical"] } };
    const { passed, said } = await checked(alone, ["cells"], { samples: 2 });
    t.deepEqual(passed, ["cells"], said);
  },
);

test.serial("what wins where some outcomes are left out is summed over orders of all", async (t) => {
  const around = (name: string) => combinators.find((one) => one.name === "topk")!.combine(named(name));
  const { passed, said } = await checked(around("reinforce"), ["state"]);
  t.deepEqual(passed, ["state"], said);
  t.regex(said, /24 combinations/);
  const given = { of: "rloo", "of.samples": 2 };
  const exact = await checked(around("rloo"), ["bias", "cells"], given);
  t.deepEqual(exact.passed, ["bias", "cells"], exact.said);
  // Half a hundredth: its draws vary so little that they show a whole one.
  const slight: Estimator = {
    ...around("rloo"),
    estimate(problem) {
      const { surrogate, ...rest } = around("rloo").estimate(problem);
      return { ...rest, surrogate: tf.mul(1.005, surrogate) };
    },
  };
  const refuted = await checked(slight, ["bias", "cells"], given);
  t.deepEqual([refuted.passed, refuted.failed], [["bias"], ["cells"]], refuted.said);
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
    [proposing, "cells"],
  ] as const) {
    const { failed, said } = await checked(of, ["bias", check]);
    t.deepEqual(failed, [], said);
    t.regex(said, new RegExp(`pass bias[^]*skip ${check}: not applicable: it is not constant`));
  }
});

test.serial("a baseline of the observed input lowers the variance of categories alone, too", async (t) => {
  const nvil = named("nvil");
  const alone: Estimator = { ...nvil, claims: { ...nvil.claims, families: ["categorical"] } };
  const { passed, said } = await checked(alone, ["control"], { hidden: 8 });
  t.deepEqual(passed, ["control"], said);
  t.regex(said, /on seen-categorical/);
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
  t.deepEqual((await checked(own, ["repeatable"])).failed, ["repeatable"]);
});

test.serial("a tensor that is kept is found", async (t) => {
  const keeping: Estimator = {
    ...plain,
    estimate(problem) {
      tf.keep(tf.scalar(1));
      return plain.estimate(problem);
    },
  };
  t.deepEqual((await checked(keeping, ["repeatable"])).failed, ["repeatable"]);
});

test.serial("an estimator that throws fails to play, once, with its own sentence", async (t) => {
  const throwing: Estimator = {
    ...plain,
    estimate() {
      throw new Error("plain: it must not be called");
    },
  };
  const { failed, said } = await checked(throwing);
  t.deepEqual(failed, ["plays"]);
  t.regex(said, /it must not be called/);
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
  const { failed, said } = await checked(blind, ["bias"]);
  t.deepEqual(failed, ["bias"]);
  t.regex(said, /layered/);
});
