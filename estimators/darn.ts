import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { perSampleWithDerivative, samples } from "./core/shared-definition.ts";
import { hard, lift } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * DARN's estimator with baseline ½: the score function times the first-order change of the cost from a fixed point.
 *
 * Estimate, for each variable d alone: g_d = ∇log q(z_d) · f′_d(z)ᵀ(z_d − z̄), with z̄ = ½ for Bernoulli and 1/K for
 * one-hot variables, and f′ the derivative at the hard sample. For Bernoulli it is f′(z)·½(1 − p) where z = 1 and
 * f′(z)·½p where z = 0.
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
  claims: { ...perSampleWithDerivative, unbiased: false },
  estimate({ run, uniform, options: { samples } }) {
    const { cost } = run((site) => {
      const { family, logits, shape } = site;
      const x = hard(site, uniform(site, samples));
      const away = stop(tf.sub(x, 1 / family.outcomes(shape)));
      return straightThrough(x, tf.mul(away, lift(family.logProb(logits, x), x)));
    });
    return { surrogate: tf.mean(cost) };
  },
});
