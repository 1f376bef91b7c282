import { tf } from "./core/autodiff.ts";
import { noiseScale, pathwise, perturbedBy, samples, temperature } from "./core/shared-definition.ts";
import { estimator } from "./estimator.ts";

/**
 * Gumbel-Softmax, or Concrete: the gradient of the cost of relaxed samples.
 *
 * Estimate: g = ∇ f(y) with y = softmax((φ + G)/τ) and G standard Gumbel. For Bernoulli y = σ((φ + L)/τ) with L
 * standard logistic.
 * With a noise scale η the noise is ηG (Friede & Niepert 2021): more of it keeps y from the corners.
 * For subsets y is the relaxed top-k of Xie & Ermon 2019.
 * Biased for the cost of the discrete sample. It is unbiased for the cost of the relaxed sample, on which it trains.
 * Evaluations: S inside the simplex, each with its derivative.
 * Limits: as τ → 0, y becomes the hard sample and the variance grows without bound. As η → 0, y is softmax(φ/τ). With any η it
 * is gs at the logits φ/η and the temperature τ/η.
 */
export default estimator({
  name: "gs",
  title: "Gumbel-Softmax",
  aliases: ["gumbel-softmax", "concrete"],
  paper: "jang2016",
  formula: "g = ∇ f(softmax((φ + G)/τ))",
  options: {
    samples,
    temperature: temperature("temperature τ of the relaxation"),
    "noise-scale": noiseScale,
  },
  claims: { ...pathwise, requires: ["relaxation"], unbiased: false, relaxed: true },
  estimate({ run, uniform, options: { samples, temperature, "noise-scale": scale } }) {
    const { cost } = run((site) =>
      site.family.soften(perturbedBy(site, scale, uniform(site, samples)), temperature),
    );
    return { surrogate: tf.mean(cost) };
  },
});
