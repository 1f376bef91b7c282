import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { perSampleWithDerivative, samples, temperature } from "./core/shared-definition.ts";
import { estimator } from "./estimator.ts";

/**
 * Straight-through Gumbel-Softmax: the forward pass uses the hard sample, the backward pass its relaxation.
 *
 * Estimate: g = f′(D)ᵀ d softmax((φ + G)/τ)/dφ at D = onehot argmax(φ + G), with the same noise G in both passes.
 * Biased.
 * Evaluations: S, each with its derivative.
 * Limit: its mean over the noise given D is gumbel-rao with many inner draws.
 */
export default estimator({
  name: "st-gs",
  title: "Straight-through Gumbel-Softmax",
  aliases: ["straight-through-gumbel-softmax", "stgs", "gumbel-straight-through"],
  paper: "jang2016",
  formula: "g = f′(D)ᵀ d softmax((φ + G)/τ)/dφ,  D = onehot argmax(φ + G)",
  options: { samples, temperature: temperature("temperature τ of the relaxation") },
  claims: { ...perSampleWithDerivative, unbiased: false },
  estimate({ run, uniform, options: { samples, temperature } }) {
    const { cost } = run((site) => {
      const perturbed = site.family.perturb(site.logits, uniform(site, samples));
      return straightThrough(site.family.harden(stop(perturbed)), site.family.soften(perturbed, temperature));
    });
    return { surrogate: tf.mean(cost) };
  },
});
