import { straightThrough, tf } from "./core/autodiff.ts";
import { perSampleWithDerivative, samples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * Straight-through: the forward pass uses the hard sample, the backward pass the probabilities.
 *
 * Estimate: g = J(softmax(φ/τ)) f′(D)/τ with f′ the derivative of the cost at the hard sample. For Bernoulli it is
 * f′(z)σ′(φ/τ)/τ.
 * Biased. It is exact at τ = 1 for a cost that is linear in the sample.
 * Evaluations: S, each with its derivative.
 */
export default estimator({
  name: "st",
  title: "Straight-through",
  aliases: ["straight-through", "ste"],
  paper: "bengio2013",
  formula: "g = J(softmax(φ/τ)) f′(D) / τ",
  options: {
    samples,
    temperature: {
      default: 1,
      minimum: 0,
      exclusive: true,
      schedule: true,
      doc: "temperature τ of the backward pass",
    },
  },
  claims: { ...perSampleWithDerivative, unbiased: false },
  estimate({ run, uniform, options: { samples, temperature } }) {
    const { cost } = run((site) =>
      straightThrough(hard(site, uniform(site, samples)), site.family.soften(site.logits, temperature)),
    );
    return { surrogate: tf.mean(cost) };
  },
});
