import { stop, tf } from "./core/autodiff.ts";
import { estimator, type T } from "./estimator.ts";
import { hard } from "./core/toolkit.ts";

/** log mean exp over the samples. [S, ...] → [...] */
function logMeanExp(x: T, axis = 0): T {
  const top = stop(tf.max(x, axis, true));
  return tf.add(tf.log(tf.mean(tf.exp(tf.sub(x, top)), axis)), tf.squeeze(top, [axis]));
}

/**
 * L̂^{[−s]}: the bound with log w_s replaced by the mean of the others' log w. [S, B] → [S, B]
 */
function without(logWeights: T): T {
  const S = logWeights.shape[0];
  const eye = tf.reshape(tf.eye(S), [S, S, 1]);
  const others = tf.div(tf.sub(tf.sum(logWeights, 0, true), logWeights), S - 1); // [S, B]
  const replaced = tf.add(
    tf.mul(tf.sub(1, eye), tf.expandDims(logWeights, 0)),
    tf.mul(eye, tf.expandDims(others, 1)),
  ); // [s, S, B]
  return logMeanExp(replaced, 1);
}

/**
 * VIMCO: the score function of the multi-sample bound, with a baseline for each sample made from the others.
 *
 * L̂ = log mean_s w_s; minimised: −L̂ − Σ_s stop(L̂ − L̂^{[−s]}) log q(z_s). Unbiased for the gradient of −E L̂ because L̂^{[−s]} knows
 * nothing of z_s. As the log weights draw together it is rloo: L̂ − L̂^{[−s]} is their difference to the mean of the others
 * over S, to first order. The cost is the whole negative log weight, so the task must offer `bound: "sampled"`. The cost logged
 * is the mean negative log weight, −ELBO, as for the other estimators. Evaluations: S.
 */
export default estimator({
  name: "vimco",
  title: "VIMCO (multi-sample bound)",
  paper: "mnih2016",
  formula: "g = −∇L̂ − Σ_s (L̂ − L̂^{[−s]}) ∇ log q(z_s)",
  options: {
    samples: {
      default: 4,
      minimum: 2,
      maximum: 10_000,
      integer: true,
      doc: "samples per row, those of the bound",
    },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: true,
    needs: "values",
    objective: "multi-sample",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: 0 }),
  },
  estimate({ run, uniform, options: { samples } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    const logWeights = tf.neg(cost);
    const bound = logMeanExp(logWeights); // [B]
    const signal = stop(tf.sub(bound, without(logWeights))); // [S, B]
    return { surrogate: tf.neg(tf.mean(tf.add(bound, tf.sum(tf.mul(signal, logp), 0)))) };
  },
});
