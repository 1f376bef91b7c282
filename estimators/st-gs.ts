import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";

/**
 * Straight-through Gumbel-Softmax: the hard sample forward, its relaxation with the same noise backward.
 *
 * g = f′(D)ᵀ d softmax((φ + G)/τ)/dφ at D = onehot argmax(φ + G). Biased. Evaluations: S, each with its derivative.
 */
export default estimator({
  name: "st-gs",
  title: "Straight-through Gumbel-Softmax",
  aliases: ["straight-through-gumbel-softmax", "stgs", "gumbel-straight-through"],
  paper: "jang2016",
  formula: "g = f′(D)ᵀ d softmax((φ + G)/τ)/dφ,  D = onehot argmax(φ + G)",
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
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
  estimate({ run, uniform, options: { samples, temperature } }) {
    const { cost } = run((site) => {
      const perturbed = site.family.perturb(site.logits, uniform(site, samples));
      return straightThrough(site.family.harden(stop(perturbed)), site.family.soften(perturbed, temperature));
    });
    return { surrogate: tf.mean(cost) };
  },
});
