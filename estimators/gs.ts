import { tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";

/**
 * Gumbel-Softmax, or Concrete: the gradient of the relaxed cost.
 *
 * g = ∇ f(y), y = softmax((φ + G)/τ), G standard Gumbel; for Bernoulli y = σ((φ + L)/τ), L standard logistic.
 * Biased for f of the discrete sample, unbiased for f of the relaxed one, which it trains on. As τ → 0 y becomes
 * the hard sample and the variance grows without bound. Evaluations: S inside the simplex, each with its derivative.
 */
export default estimator({
  name: "gs",
  title: "Gumbel-Softmax",
  aliases: ["gumbel-softmax", "concrete"],
  paper: "jang2016",
  formula: "g = ∇ f(softmax((φ + G)/τ))",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    temperature: {
      default: 1,
      minimum: 0,
      exclusive: true,
      schedule: true,
      fromTask: true,
      doc: "temperature τ of the relaxation",
    },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: false,
    needs: "derivatives",
    relaxed: true,
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
  estimate({ run, uniform, options: { samples, temperature } }) {
    const { cost } = run((site) =>
      site.family.soften(site.family.perturb(site.logits, uniform(site, samples)), temperature),
    );
    return { surrogate: tf.mean(cost) };
  },
});
