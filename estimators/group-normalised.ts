import { tf } from "./core/autodiff.ts";
import { leaveOneOut } from "./core/leave-one-out.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { hard, score } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * Group-normalised score function: the advantage is divided by the deviation of the costs of a row's samples, as in GRPO.
 *
 * Estimate: g = 1/S Σ_s (f_s − f̄)/(σ + ε) ∇ log q(z_s) with σ² = 1/(S − 1) Σ_s (f_s − f̄)². g is [S, B, ...shape].
 * Biased: σ depends on the samples that it divides, and differs from row to row. It is not a factor of the gradient.
 * Evaluations: S.
 * Limits: at S = 2 it is (f₁ − f₂)/|f₁ − f₂| times (∇ log q(z₁) − ∇ log q(z₂))/√8, the sign alone of rloo's difference. As
 * ε → ∞, ε S/(S − 1) times it is rloo.
 */
export default estimator({
  name: "group-normalised",
  title: "Group-normalised score function",
  aliases: ["group-normalized", "grpo"],
  paper: "shao2024",
  formula: "g = 1/S Σ_s (f_s − f̄)/(σ + ε) ∇ log q(z_s)",
  options: {
    samples: severalSamples,
    epsilon: { default: 1e-4, minimum: 0, exclusive: true, doc: "ε added to the deviation" },
  },
  claims: { ...perSample, unbiased: false, learningSignal: "joint" },
  estimate({ run, uniform, learningSignal, options: { samples, epsilon } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    const away = tf.sub(cost, tf.mean(cost, 0, true)); // [S, B]
    const deviation = tf.sqrt(tf.div(tf.sum(tf.square(away), 0, true), samples - 1));
    // The mean over samples of a leave-one-out signal is S/(S − 1) times that of f − f̄.
    const signal = tf.mul((samples - 1) / samples, tf.div(leaveOneOut(cost), tf.add(deviation, epsilon)));
    return { surrogate: score(cost, learningSignal(signal), logp) };
  },
});
