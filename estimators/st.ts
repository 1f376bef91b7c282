import { straightThrough, tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";
import { hard } from "./core/toolkit.ts";

/**
 * Straight-through: the hard sample forward, the probabilities backward.
 *
 * g = J(softmax(φ/τ)) f′(D)/τ, f′ the derivative of the cost at the hard sample; for Bernoulli f′(z)σ′(φ/τ)/τ.
 * Biased; exact at τ = 1 for a cost that is linear in the sample. Evaluations: S, each with its derivative.
 */
export default estimator({
  name: "st",
  title: "Straight-through",
  aliases: ["straight-through", "ste"],
  paper: "bengio2013",
  formula: "g = J(softmax(φ/τ)) f′(D) / τ",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    temperature: {
      default: 1,
      minimum: 0,
      exclusive: true,
      schedule: true,
      doc: "temperature τ of the backward pass",
    },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: false,
    needs: "derivatives",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
  estimate({ run, uniform, options: { samples, temperature } }) {
    const { cost } = run((site) =>
      straightThrough(hard(site, uniform(site, samples)), site.family.soften(site.logits, temperature)),
    );
    return { surrogate: tf.mean(cost) };
  },
});
