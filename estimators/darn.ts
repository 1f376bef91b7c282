import { lastGradients, stop, tf } from "./core/autodiff.ts";
import { perSampleWithDerivative, samples } from "./core/shared-definition.ts";
import { hard, row } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * DARN's estimator with baseline ½: the score function times the first-order change of the cost from a fixed point.
 *
 * Estimate, for each variable d alone: g_d = l_d ∇log q(z_d) with the learning signal l_d = f′_d(z)ᵀ(z_d − z̄), z̄ = ½ for
 * Bernoulli and 1/K for one-hot variables, and f′ the derivative at the hard sample, through the layers below. For
 * Bernoulli it is f′(z)·½(1 − p) where z = 1 and f′(z)·½p where z = 0.
 * Biased. It is exact for independent variables with two outcomes and a cost that is quadratic in each of them. With more
 * outcomes it is a heuristic.
 * Evaluations: S, each with its derivative.
 * Limit: for Bernoulli it equals zgr and reinmax at τ = 1, sample by sample.
 */
export default estimator({
  name: "darn",
  title: "DARN (½)",
  aliases: ["half", "deep-autoregressive"],
  paper: "gregor2013",
  formula: "g = f′(z)ᵀ(z − z̄) ∇ log q(z),  z̄ = ½ or 1/K",
  options: { samples },
  claims: {
    ...perSampleWithDerivative,
    requires: ["density", "softmax"],
    unbiased: false,
    learningSignal: "per-site",
  },
  estimate({ run, uniform, learningSignal, options: { samples } }) {
    const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
    let surrogate = cost;
    // The part of the surrogate that depends on a layer's sample: the cost, and the terms of the layers below. Combinators
    // change the signals of the estimate, but not those in this derivative.
    let below = cost;
    for (const { site, x } of drawn.toReversed()) {
      const { family, logits, shape } = site;
      const [slope] = lastGradients(below, [x]);
      const change = tf.mul(slope!, tf.sub(x, 1 / family.outcomes(shape)));
      const signal = family.rank === 1 ? tf.sum(change, -1) : change; // [S, B, D]
      const logp = family.logProb(logits, x);
      below = tf.add(below, row(tf.mul(stop(signal), logp)));
      surrogate = tf.add(surrogate, row(tf.mul(stop(learningSignal(signal, site)), logp)));
    }
    return { surrogate: tf.mean(surrogate) };
  },
});
