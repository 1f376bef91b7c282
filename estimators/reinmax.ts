import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { perSampleWithDerivative, samples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * ReinMax: straight-through, corrected to second order by Heun's method.
 *
 * Estimate: g = 2 J(π_D) f′(D) − ½ J(π) f′(D), with π_D = ½(softmax(φ/τ) + D), J(p) = diag(p) − ppᵀ and f′ the
 * derivative at the hard sample. There is no factor 1/τ.
 * Biased. It is exact at τ = 1 for independent variables and a cost that is quadratic in each of them.
 * Evaluations: S, each with its derivative.
 * Limit: at τ = 1 it equals zgr, and for Bernoulli darn, sample by sample.
 */
export default estimator({
  name: "reinmax",
  title: "ReinMax",
  aliases: ["rein-max"],
  paper: "liu2023",
  formula: "g = 2 J(½(softmax(φ/τ) + D)) f′(D) − ½ J(π) f′(D)",
  options: {
    samples,
    temperature: { default: 1, minimum: 1, schedule: true, doc: "temperature τ of the corrected term" },
  },
  claims: { ...perSampleWithDerivative, unbiased: false },
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
