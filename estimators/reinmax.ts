import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";
import { hard } from "./core/toolkit.ts";

/**
 * ReinMax: straight-through corrected to second order by Heun's method.
 *
 * g = 2 J(π_D) f′(D) − ½ J(π) f′(D), π_D = ½(softmax(φ/τ) + D), J(p) = diag(p) − ppᵀ, f′ the derivative at the hard
 * sample; no factor 1/τ. Biased; exact at τ = 1 where the variables are independent and the cost is quadratic in each of
 * them. At τ = 1 it equals zgr, sample by sample, and for Bernoulli darn. Evaluations: S, each with its derivative.
 */
export default estimator({
  name: "reinmax",
  title: "ReinMax",
  aliases: ["rein-max"],
  paper: "liu2023",
  formula: "g = 2 J(½(softmax(φ/τ) + D)) f′(D) − ½ J(π) f′(D)",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    temperature: { default: 1, minimum: 1, schedule: true, doc: "temperature τ of the corrected term" },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: false,
    needs: "derivatives",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
  estimate({ run, uniform, options: { samples, temperature } }) {
    const { cost } = run((site) => {
      const { family, logits } = site;
      const x = hard(site, uniform(site, samples));
      const middle = stop(tf.mul(0.5, tf.add(family.soften(logits, temperature), x)));
      // J is symmetric, so that the gradient of J(middle)φ carries f′ to J(middle)f′.
      const corrected = tf.mul(2, family.jacobian(middle, logits));
      return straightThrough(x, tf.sub(corrected, tf.mul(0.5, family.probabilities(logits))));
    });
    return { surrogate: tf.mean(cost) };
  },
});
