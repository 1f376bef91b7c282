import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { count, pathwise, samples, temperature } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * Gumbel-Rao: st-gs averaged over the Gumbel noise that gives the same hard sample.
 *
 * Estimate: g = f′(D)ᵀ (1/k) Σ_i d softmax((φ + G_i)/τ)/dφ with G_i ~ G | D. The derivative is taken at fixed G_i. A
 * derivative through the dependence of G_i on φ would not be a conditional mean of st-gs, and would vanish as τ → 0.
 * Biased. It has the mean of st-gs and less variance.
 * Evaluations: S, each with its derivative. The k inner draws need none.
 * Limit: as τ → 0 it is zgr.
 */
export default estimator({
  name: "gumbel-rao",
  title: "Gumbel-Rao",
  aliases: ["rao-blackwell-st-gs", "gr-mck"],
  paper: "paulus2020",
  formula: "g = f′(D)ᵀ E[d softmax((φ + G)/τ)/dφ | D]",
  options: {
    samples,
    draws: count(10, "inner draws k of the noise given the sample"),
    temperature: temperature("temperature τ of the relaxation"),
  },
  claims: { ...pathwise, requires: ["conditional", "relaxation"], unbiased: false },
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
