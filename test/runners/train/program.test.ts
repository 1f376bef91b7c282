import test from "ava";
import { tf } from "../../../estimators/core/autodiff.ts";
import type { Estimate, Estimator, Problem } from "../../../estimators/estimator.ts";
import { estimators } from "../../../estimators/index.ts";
import { hard, score } from "../../../estimators/core/toolkit.ts";
import { runEstimator } from "../../../runners/train/run-estimator.ts";
import { randomTensors } from "../../../runners/train/noise-streams.ts";
import bits from "../../../tasks/bits.ts";

const reinforce = estimators.find(({ name }) => name === "reinforce")!;

/** Runs an estimator that is REINFORCE but for `before` and `after`, once, on one bit and three rows. */
async function run(before: (problem: Problem) => void, after = (estimate: Estimate) => estimate) {
  const task = await bits.create({ t: 0.45, p: 0.5, rows: 3, "learning-rate": 0.1 }, {});
  const estimator: Estimator = {
    ...reinforce,
    name: "mine",
    estimate(problem) {
      before(problem);
      const { cost, logp } = problem.run((site) => hard(site, problem.uniform(site)));
      return after({ surrogate: score(cost, cost, logp) });
    },
  };
  const inputs = { "task/logits": tf.tensor1d([0]), "batch/features": tf.zeros([3, 1]) };
  return runEstimator({ task, estimator, settings: {} }, inputs, randomTensors("play"));
}

test("uniforms of one name and shape may be asked for again", async (t) => {
  await t.notThrowsAsync(run(({ sites, uniform }) => void uniform(sites[0]!)));
});

test("uniforms of one name and another shape are refused, for both would begin alike", async (t) => {
  await t.throwsAsync(
    run(({ sites, uniform }) => void uniform(sites[0]!, 4)),
    {
      message:
        /^estimator mine: the uniforms b must keep the shape \[4, 3, 1\] .*, got \[1, 3, 1\]; give one of them a tag$/,
    },
  );
});

test("uniforms of another shape are given under a tag", async (t) => {
  await t.notThrowsAsync(run(({ sites, uniform }) => void uniform(sites[0]!, 4, "more")));
});

for (const [nothing, got] of [
  [undefined, "undefined"],
  [null, "null"],
  [5, "number"],
] as const)
  test(`an estimator that returns ${String(nothing)} is told what it must return`, async (t) => {
    const returned = run(
      () => undefined,
      () => nothing as unknown as Estimate,
    );
    await t.throwsAsync(returned, {
      message: `estimator mine: estimate must return an object with its surrogate, a scalar, got ${got}`,
    });
  });
