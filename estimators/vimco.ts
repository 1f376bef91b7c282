import { stop, tf } from "./core/autodiff.ts";
import { othersMean } from "./core/leave-one-out.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator, type T } from "./estimator.ts";

/** log mean exp over the samples. [S, ...] → [...] */
function logMeanExp(x: T, axis = 0): T {
  const top = stop(tf.max(x, axis, true));
  return tf.add(tf.log(tf.mean(tf.exp(tf.sub(x, top)), axis)), tf.squeeze(top, [axis]));
}

/** L̂^{[−s]}: the bound with log w_s replaced by the mean of the other log weights. [S, B] → [S, B] */
function without(logWeights: T): T {
  const S = logWeights.shape[0];
  const eye = tf.reshape(tf.eye(S), [S, S, 1]);
  const replaced = tf.add(
    tf.mul(tf.sub(1, eye), tf.expandDims(logWeights, 0)),
    tf.mul(eye, tf.expandDims(othersMean(logWeights), 1)),
  ); // [s, S, B]
  return logMeanExp(replaced, 1);
}

/**
 * VIMCO: the score function of the multi-sample bound, with a baseline for each sample made from the others.
 *
 * Estimate: the gradient of −L̂ − Σ_s stop(L̂ − L̂^{[−s]}) log q(z_s), with L̂ = log mean_s w_s. The cost is the whole
 * negative log weight, so the task must be a model. The logged cost is its mean, −ELBO, as for other estimators.
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
  options: { samples: { ...severalSamples, doc: "samples per row, which are those of the bound" } },
  claims: { ...perSample, unbiased: true, objective: "multi-sample" },
  estimate({ run, uniform, options: { samples } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    const logWeights = tf.neg(cost);
    const bound = logMeanExp(logWeights); // [B]
    const signal = stop(tf.sub(bound, without(logWeights))); // [S, B]
    return { surrogate: tf.neg(tf.mean(tf.add(bound, tf.sum(tf.mul(signal, logp), 0)))) };
  },
});
