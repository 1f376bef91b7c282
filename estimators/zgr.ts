import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { pathwise, samples } from "./core/shared-definition.ts";
import { hard, lift } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * ZGR: the limit of gumbel-rao as its temperature goes to zero, in closed form.
 *
 * Estimate: g = ½[J(π) f′ + (D − π)(f′ᵀ(D − π))], with f′ the derivative at the hard sample D and J(π) = diag(π) − ππᵀ.
 * It is the mean of straight-through and of DARN with z̄ = π.
 * Biased. It is exact for independent variables and a cost that is quadratic in each of them.
 * Evaluations: S, each with its derivative.
 * Limit: sample by sample it equals reinmax at τ = 1, because DDᵀ = diag(D), and for Bernoulli darn.
 */
export default estimator({
  name: "zgr",
  title: "ZGR (zero-temperature Gumbel-Rao)",
  aliases: ["zero-temperature-gumbel-rao", "cold-gumbel-rao"],
  identities: [
    { name: "reinmax", when: "at τ = α = 1" },
    { name: "darn", when: "for Bernoulli variables" },
  ],
  paper: "shekhovtsov2023",
  formula: "g = ½[J(π) f′(D) + (D − π) f′(D)ᵀ(D − π)]",
  options: { samples },
  claims: { ...pathwise, requires: ["density", "mean", "softmax"], unbiased: false },
  estimate({ run, uniform, options: { samples } }) {
    const { cost } = run((site) => {
      const { family, logits } = site;
      const x = hard(site, uniform(site, samples));
      const p = family.mean(logits);
      const darn = tf.mul(stop(tf.sub(x, p)), lift(family.logProb(logits, x), x));
      return straightThrough(x, tf.mul(0.5, tf.add(p, darn)));
    });
    return { surrogate: tf.mean(cost) };
  },
});
