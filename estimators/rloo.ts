import { stop, tf } from "./core/autodiff.ts";
import { leaveOneOut, othersMean } from "./core/leave-one-out.ts";
import { credit, decay, perSample, severalSamples } from "./core/shared-definition.ts";
import { hard, localScore, movingAverage, pastMean, score } from "./core/toolkit.ts";
import { estimator, type Named, type T } from "./estimator.ts";

/** Moving averages of past steps: the mean cost, its square, its variance within a row, and their weight. */
const moments = ["mean", "square", "within", "weight"] as const;

/** The share of the past mean in the baseline, by James and Stein: noise of the others' mean over its total variance. */
function shrinkage(past: (name: (typeof moments)[number]) => T, S: number): T {
  const noise = tf.div(past("within"), S - 1);
  const between = tf.relu(tf.sub(tf.sub(past("square"), tf.square(past("mean"))), past("within")));
  return tf.div(noise, tf.maximum(tf.add(noise, between), 1e-30));
}

function nextMoments(cost: T, before: Named, decay: number): Named {
  const S = cost.shape[0];
  const away = tf.square(tf.sub(cost, tf.mean(cost, 0, true)));
  const seen = {
    mean: tf.mean(cost),
    square: tf.mean(tf.square(cost)),
    within: tf.mul(S / (S - 1), tf.mean(away)),
    weight: tf.scalar(1),
  };
  return Object.fromEntries(moments.map((name) => [name, movingAverage(before[name]!, seen[name], decay)]));
}

/**
 * REINFORCE with leave-one-out baseline: the baseline of a sample is the mean cost of the other samples.
 *
 * Estimate: g = 1/(S − 1) Σ_s (f_s − f̄) ∇ log q(z_s).
 * With `shrink` the baseline is (1 − λ) mean_{j≠s} f_j + λm, with m the mean cost of past steps, and λ = v/(v + w), where v is the
 * variance of the others' mean, σ²/(S − 1), and w the variance between rows, both from past steps: James–Stein shrinkage, as
 * Zeng et al. 2025 take it over the rows of a batch. From past steps it keeps the rows independent.
 * Unbiased: the mean of the others is independent of z_s, and m and λ of the step.
 * With `credit=local` a layer is credited with the terms of the cost that its sample can change, and only these.
 * Evaluations: S.
 * Limits: at S = 2 it is ½(f₁ − f₂)(∇ log q(z₁) − ∇ log q(z₂)). With `shrink`, where rows do not vary it is reinforce with a
 * moving average, and where samples of a row do not vary it is without shrinkage.
 */
export default estimator({
  name: "rloo",
  title: "REINFORCE leave-one-out",
  aliases: ["leave-one-out", "loo", "vargrad"],
  identities: [
    {
      name: "VarGrad",
      when: "with the cost log q(z) − log p(x, z), less its derivative by the logits, which has mean 0",
      paper: "richter2020",
    },
    { name: "optimal-baseline", when: "with two samples" },
  ],
  paper: "kool2019",
  formula: "g = 1/(S−1) Σ_s (f_s − f̄) ∇ log q(z_s)",
  options: {
    samples: severalSamples,
    shrink: {
      default: false,
      doc: "shrink the baseline towards the mean cost of past steps, by James–Stein",
    },
    decay: decay(0.99, "decay of the moving averages, with shrink"),
    credit,
  },
  claims: { ...perSample, unbiased: true, learningSignal: "joint" },
  supports: (_sites, { shrink, credit }) =>
    shrink === true && credit === "local"
      ? "shrink=true needs credit=global, whose moments it averages"
      : undefined,
  init({ options, pilot }) {
    if (options["shrink"] !== true) return {};
    const weight = 1 - Number(options["decay"]);
    const { mean, variance } = pilot();
    // Before the first step all variance counts as within a row.
    const first = { mean, square: mean ** 2 + variance, within: variance, weight: 1 };
    return { state: Object.fromEntries(moments.map((name) => [name, tf.scalar(weight * first[name])])) };
  },
  estimate({ run, uniform, learningSignal, options: { samples, shrink, decay, credit }, state }) {
    const evaluated = run((site) => hard(site, uniform(site, samples)));
    if (credit === "local")
      return { surrogate: localScore(evaluated, (terms) => learningSignal(leaveOneOut(terms))) };
    const { cost, logp } = evaluated;
    if (!shrink) return { surrogate: score(cost, learningSignal(leaveOneOut(cost)), logp) };
    const past = (name: (typeof moments)[number]) => pastMean(state[name]!, state["weight"]!);
    const towards = tf.mul(shrinkage(past, samples), tf.sub(othersMean(cost), past("mean")));
    const signal = stop(tf.add(leaveOneOut(cost), towards));
    return {
      surrogate: score(cost, learningSignal(signal), logp),
      state: nextMoments(cost, state, decay),
    };
  },
});
