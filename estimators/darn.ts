import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";
import { hard, lift } from "./core/toolkit.ts";

/**
 * DARN's estimator with baseline ½: the score function with the cost's first-order change from a fixed point.
 *
 * g_d = ∇log q(z_d) · f′_d(z)ᵀ(z_d − z̄), each variable d alone, z̄ = ½ for Bernoulli and 1/K for one-hot; f′ the
 * derivative at the hard sample. For Bernoulli f′(z)·½(1 − p) where z = 1, f′(z)·½p where z = 0. Biased; exact where
 * the variables are independent and have two outcomes and the cost is quadratic in each of them, a heuristic above two
 * outcomes. For Bernoulli it equals reinmax at τ = 1 and zgr, sample by sample. Evaluations: S, each with its derivative.
 */
export default estimator({
  name: "darn",
  title: "DARN (½)",
  aliases: ["half", "deep-autoregressive"],
  paper: "gregor2013",
  formula: "g = f′(z)ᵀ(z − z̄) ∇ log q(z),  z̄ = ½ or 1/K",
  options: { samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" } },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: false,
    needs: "derivatives",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
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
