import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";
import { hard } from "./core/toolkit.ts";

/**
 * Gumbel-Rao: st-gs averaged over the Gumbel noise that gives the same hard sample.
 *
 * g = f′(D)ᵀ (1/k) Σ_i d softmax((φ + G_i)/τ)/dφ with G_i ~ G | D: the argument of the softmax is drawn from
 * its distribution given D, and the derivative is through φ at fixed G_i. (A derivative through the draw's own
 * dependence on φ would be no conditional mean of st-gs, and would vanish as τ → 0.) Biased, with the mean of st-gs at
 * less variance; zgr as τ → 0. Evaluations: S, each with its derivative; the k inner draws cost none.
 */
export default estimator({
  name: "gumbel-rao",
  title: "Gumbel-Rao",
  aliases: ["rao-blackwell-st-gs", "gr-mck"],
  paper: "paulus2020",
  formula: "g = f′(D)ᵀ E[d softmax((φ + G)/τ)/dφ | D]",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    draws: {
      default: 10,
      minimum: 1,
      maximum: 10_000,
      integer: true,
      doc: "inner draws k of the noise given the sample",
    },
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
  estimate({ run, uniform, options: { samples, draws, temperature } }) {
    const { cost } = run((site) => {
      const { family, logits } = site;
      const x = hard(site, uniform(site, samples));
      const v = tf.reshape(uniform(site, draws * samples, "inner"), [draws, ...x.shape]); // [k, S, B, ...]
      const perturbed = stop(family.conditional(stop(logits), x, v));
      return straightThrough(x, tf.mean(family.soften(straightThrough(perturbed, logits), temperature), 0));
    });
    return { surrogate: tf.mean(cost) };
  },
});
