import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { pathwise, samples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** Its derivative carries f′ to J(m) f′, or to π_α ⊙ f′ − m π_αᵀf′. `soft` is softmax(φ/τ). [S, B, ...] */
function corrected({ family, logits }: Site, x: T, soft: T, share: number): T {
  const middle = stop(tf.mul(0.5, tf.add(soft, x)));
  // J is symmetric, so that the gradient of J(middle)φ carries f′ to J(middle)f′.
  if (share === 0.5) return family.jacobian(middle, logits);
  const mixed = stop(tf.add(tf.mul(1 - share, soft), tf.mul(share, x)));
  return tf.mul(mixed, tf.sub(logits, tf.sum(tf.mul(middle, logits), -1, true)));
}

/**
 * ReinMax: straight-through, corrected to second order by Heun's method.
 *
 * Estimate: g = 2 J(π_D) f′(D) − ½ J(π) f′(D), with π_D = ½(softmax(φ/τ) + D), J(p) = diag(p) − ppᵀ and f′ the
 * derivative at the hard sample. There is no factor 1/τ. g is [S, B, ...shape].
 * Generalised to the Runge–Kutta rules of second order (Wang & Bui 2026) by α: g = 2[π_α ⊙ f′ − π_D π_αᵀf′] − J(π) f′/(2α)
 * with π_α = (1 − 1/(2α)) softmax(φ/τ) + D/(2α); α = ½ is the midpoint rule, ⅔ Ralston's. Only with α = 1 does a
 * constant added to f′ change nothing; the others are not defined for bits.
 * Biased. It is exact at τ = α = 1 for independent variables and a cost that is quadratic in each of them.
 * Evaluations: S, each with its derivative.
 * Limits: at τ = α = 1 it equals zgr, and for Bernoulli darn, sample by sample. At τ = 1 it is affine in 1/(2α).
 */
export default estimator({
  name: "reinmax",
  title: "ReinMax",
  aliases: ["rein-max"],
  paper: "liu2023",
  formula: "g = 2 J(½(softmax(φ/τ) + D)) f′(D) − ½ J(π) f′(D)",
  options: {
    samples,
    temperature: { default: 1, minimum: 1, schedule: true, doc: "temperature τ of the corrected term" },
    alpha: { default: 1, minimum: 0, exclusive: true, doc: "α of the Runge–Kutta rule; 1 is Heun's" },
  },
  claims: { ...pathwise, requires: ["mean", "softmax", "relaxation"], unbiased: false },
  supports: (sites, { alpha }) =>
    alpha !== 1 && sites.some(({ family }) => family.rank === 0)
      ? `alpha other than 1 is defined for categorical variables only, got ${alpha}`
      : undefined,
  estimate({ run, uniform, options: { samples, temperature, alpha } }) {
    const share = 1 / (2 * alpha);
    const { cost } = run((site) => {
      const { family, logits } = site;
      const x = hard(site, uniform(site, samples));
      const twice = tf.mul(2, corrected(site, x, family.soften(logits, temperature), share));
      return straightThrough(x, tf.sub(twice, tf.mul(share, family.mean(logits))));
    });
    return { surrogate: tf.mean(cost) };
  },
});
