import { stop, tf } from "./core/autodiff.ts";
import { othersMean } from "./core/leave-one-out.ts";
import { boundWith, boundWithout, logMeanExp } from "./core/multi-sample.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * VIMCO: the score function of the multi-sample bound, with a baseline for each sample made from the others.
 *
 * Estimate: the gradient of −L̂ − Σ_s stop(L̂ − L̂^{[−s]}) log q(z_s), with L̂ = log mean_s w_s and log w_s replaced in
 * L̂^{[−s]} by the mean of the others. With `baseline=left-out` w_s is left out of the sum, and L̂ − L̂^{[−s]} = −log(1 − v_s)
 * with v = softmax(log w): OVIS with γ = 0 (Liévin et al. 2020). The cost is the whole
 * negative log weight, so the task must be a model. The logged cost is its mean, −ELBO, as for other
 * estimators.
 * Unbiased for the gradient of −E L̂, because L̂^{[−s]} does not depend on z_s.
 * Evaluations: S.
 * Limit: as the log weights approach each other it is rloo, because to first order L̂ − L̂^{[−s]} is the difference of
 * log w_s to the mean of the others, divided by S.
 */
export default estimator({
  name: "vimco",
  title: "VIMCO (multi-sample bound)",
  paper: "mnih2016",
  formula: "g = −∇L̂ − Σ_s (L̂ − L̂^{[−s]}) ∇ log q(z_s)",
  options: {
    samples: { ...severalSamples, doc: "samples per row, which are those of the bound" },
    baseline: {
      default: "mean",
      choices: ["mean", "left-out"],
      doc: "what takes the place of a log weight in its baseline: the mean of the others, or nothing",
    },
  },
  claims: { ...perSample, unbiased: true, objective: "multi-sample" },
  estimate({ run, uniform, options: { samples, baseline } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    const logWeights = tf.neg(cost);
    const bound = logMeanExp(logWeights); // [B]
    const without =
      baseline === "mean" ? boundWith(logWeights, othersMean(logWeights)) : boundWithout(logWeights);
    const signal = stop(tf.sub(bound, without)); // [S, B]
    return { surrogate: tf.neg(tf.mean(tf.add(bound, tf.sum(tf.mul(signal, logp), 0)))) };
  },
});
