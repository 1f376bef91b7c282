import { stop, tf } from "./core/autodiff.ts";
import { boundWithout, logMeanExp, normalisedWeights } from "./core/multi-sample.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * OVIS: the score function of the multi-sample bound with the control variate that is optimal for many effective samples.
 *
 * Estimate: the gradient of −L̂ − Σ_s stop(γv_s − log(1 − v_s)) log q(z_s), with L̂ = log mean_s w_s and v = softmax(log w). The
 * term γ = 1 cancels the path of L̂ through log q in the weights, −Σ_s v_s ∇log q(z_s). The cost is the whole
 * negative log weight, so the task must be a model.
 * Biased for the gradient of −E L̂, because v_s depends on z_s.
 * Evaluations: S.
 * Limit: at γ = 0 it is vimco with `baseline=left-out`, which is unbiased.
 */
export default estimator({
  name: "ovis",
  title: "OVIS (multi-sample bound)",
  paper: "lievin2020",
  formula: "g = −∇L̂ − Σ_s [γv_s − log(1 − v_s)] ∇ log q(z_s),  v = softmax(log w)",
  options: {
    samples: { ...severalSamples, doc: "samples per row, which are those of the bound" },
    gamma: { default: 1, minimum: 0, maximum: 1, doc: "γ: 1 for many effective samples, 0 for few" },
  },
  claims: { ...perSample, unbiased: false, objective: "multi-sample" },
  estimate({ run, uniform, options: { samples, gamma } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    const logWeights = tf.neg(cost);
    const bound = logMeanExp(logWeights); // [B]
    const share = normalisedWeights(logWeights);
    const signal = stop(tf.add(tf.sub(bound, boundWithout(logWeights)), tf.mul(gamma, share))); // [S, B]
    return { surrogate: tf.neg(tf.mean(tf.add(bound, tf.sum(tf.mul(signal, logp), 0)))) };
  },
});
