import { tf } from "./core/autodiff.ts";
import { pathwise, samples, temperature } from "./core/shared-definition.ts";
import { estimator } from "./estimator.ts";

/**
 * Gumbel-Softmax, or Concrete: the gradient of the cost of relaxed samples.
 *
 * Estimate: g = ∇ f(y) with y = softmax((φ + G)/τ) and G standard Gumbel. For Bernoulli y = σ((φ + L)/τ) with L
 * standard logistic.
 * Biased for the cost of the discrete sample. It is unbiased for the cost of the relaxed sample, on which it trains.
 * Evaluations: S inside the simplex, each with its derivative.
 * Limit: as τ → 0, y becomes the hard sample and the variance grows without bound.
 */
export default estimator({
  name: "gs",
  title: "Gumbel-Softmax",
  aliases: ["gumbel-softmax", "concrete"],
  paper: "jang2016",
  formula: "g = ∇ f(softmax((φ + G)/τ))",
  options: { samples, temperature: temperature("temperature τ of the relaxation") },
  claims: { ...pathwise, requires: ["relaxation"], unbiased: false, relaxed: true },
  estimate({ run, uniform, options: { samples, temperature } }) {
    const { cost } = run((site) =>
      site.family.soften(site.family.perturb(site.logits, uniform(site, samples)), temperature),
    );
    return { surrogate: tf.mean(cost) };
  },
});
