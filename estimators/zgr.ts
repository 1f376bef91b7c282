import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";
import { hard, lift } from "./core/toolkit.ts";

/**
 * ZGR: the limit of gumbel-rao as its temperature goes to zero, in closed form.
 *
 * g = ½[J(π) f′ + (D − π)(f′ᵀ(D − π))], f′ the derivative at the hard sample D, J(π) = diag(π) − ππᵀ: straight-through
 * averaged with DARN at z̄ = π. Biased; exact where the variables are independent and the cost is quadratic in each of
 * them. Sample by sample it equals reinmax at τ = 1, whose two terms multiply out to this because DDᵀ = diag(D), and
 * for Bernoulli darn. Evaluations: S, each with its derivative.
 */
export default estimator({
  name: "zgr",
  title: "ZGR (zero-temperature Gumbel-Rao)",
  aliases: ["zero-temperature-gumbel-rao", "cold-gumbel-rao"],
  paper: "shekhovtsov2023",
  formula: "g = ½[J(π) f′(D) + (D − π) f′(D)ᵀ(D − π)]",
  options: { samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" } },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: false,
    needs: "derivatives",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
  estimate({ run, uniform, options: { samples } }) {
    const { cost } = run((site) => {
      const { family, logits } = site;
      const x = hard(site, uniform(site, samples));
      const p = family.probabilities(logits);
      const darn = tf.mul(stop(tf.sub(x, p)), lift(family.logProb(logits, x), x));
      return straightThrough(x, tf.mul(0.5, tf.add(p, darn)));
    });
    return { surrogate: tf.mean(cost) };
  },
});
