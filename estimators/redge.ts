import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { pathwise, samples } from "./core/shared-definition.ts";
import { lift } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** A standard normal variable from two uniforms, by Box and Muller. */
const normal = (u: T, angle: T): T =>
  tf.mul(tf.sqrt(tf.mul(-2, tf.log(u))), tf.cos(tf.mul(2 * Math.PI, angle)));

/** α_1 … α_{n−1}: even steps from 1 − t₁ to 10⁻⁴. α_0 is 1, and σ_t = 1 − α_t. */
const signals = (n: number, start: number): number[] =>
  Array.from({ length: n - 1 }, (_, i) =>
    n === 2 ? 1 - start : 1 - start + (i * (1e-4 - (1 - start))) / (n - 2),
  );

/** The normal variable ξ at the end of the noising, for x_t = α_t D + σ_t ξ: its mean and the diagonal of its covariance. */
interface NoiseLaw {
  readonly mean: T | number;
  readonly variance: T | number;
}

/** N(0, I), or the mean and the variances of the one-hot vector, at least .1. */
function noiseLaw({ family, logits }: Site, kind: "standard" | "matched"): NoiseLaw {
  if (kind === "standard") return { mean: 0, variance: 1 };
  const p = family.mean(logits);
  return { mean: p, variance: tf.maximum(tf.mul(p, tf.sub(1, p)), 0.1) };
}

/** log p(x_t | D = e_k) up to a constant: of standard noise α_t x/σ_t². */
function evidence(x: T, alpha: number, { mean, variance }: NoiseLaw): T {
  const sigma = 1 - alpha;
  if (variance === 1) return tf.mul(alpha / sigma ** 2, x);
  const shifted = tf.sub(
    tf.mul(alpha / sigma ** 2, tf.sub(x, tf.mul(sigma, mean))),
    alpha ** 2 / 2 / sigma ** 2,
  );
  return tf.div(shifted, variance);
}

/** The state x_1 before the last step, from noise x_{n−1}, on the tape of the logits. */
function denoised({ family, logits }: Site, noise: T, alphas: readonly number[], law: NoiseLaw): T {
  const first = law.variance === 1 ? noise : tf.add(law.mean, tf.mul(tf.sqrt(law.variance), noise));
  return alphas.slice(1).reduceRight((x, alpha, i) => {
    const next = alphas[i]!;
    const mean = family.mean(tf.add(logits, evidence(x, alpha, law))); // E[D | x_t]
    const rest = tf.mul((1 - next) / (1 - alpha), tf.sub(x, tf.mul(alpha, mean)));
    return tf.add(tf.mul(next, mean), rest);
  }, first);
}

/**
 * ReDGE: the sample is the end of a diffusion from noise to a one-hot vector, whose denoiser is known in closed form.
 *
 * Estimate: x_{n−1} ~ N(0, I); for t = n − 1 … 2, x_{t−1} = α_{t−1}x̂ + σ_{t−1}(x_t − α_t x̂)/σ_t with x̂ = softmax(φ + α_t
 * x_t/σ_t²). D is drawn from x̂ = softmax(φ + α_1 x_1/σ_1²), and g = f′(D)ᵀ dx̂/dφ through all steps. With `last=zgr` (ReinDGE) the last
 * step passes zgr at the logits of x̂, and f′(D)ᵀ dx̂/dx_1 to the steps before. g is [S, B, D, K].
 * Biased. D follows the model as nearly as the steps do: another law, which shows with three steps and hardly with ten.
 * Evaluations: S, each with its derivative. The steps need none.
 * Limit: with two steps, as t₁ → 1, it is st, and with `last=zgr` zgr.
 */
export default estimator({
  name: "redge",
  title: "ReDGE (diffusion reparameterisation)",
  aliases: ["reindge", "redge-cov"],
  paper: "gourevitch2026",
  formula: "g = f′(D)ᵀ dx̂/dφ,  x̂ = softmax(φ + α₁x₁(φ)/σ₁²),  D ~ x̂",
  options: {
    samples,
    steps: { default: 3, minimum: 2, maximum: 100, integer: true, doc: "steps n of the diffusion" },
    start: {
      default: 0.5,
      minimum: 0,
      maximum: 1,
      exclusive: true,
      doc: "t₁, the noise before the last step",
    },
    last: {
      default: "pathwise",
      choices: ["pathwise", "zgr"],
      doc: "derivative of the last step: that of softmax, or that of zgr (ReinDGE)",
    },
    noise: {
      default: "standard",
      choices: ["standard", "matched"],
      doc: "law of the noise: standard normal, or with the mean and variances of the sample (ReDGE-Cov)",
    },
  },
  claims: {
    ...pathwise,
    requires: ["one-hot", "density", "mean", "perturbation"],
    unbiased: false,
    sampleLaw: () => "other",
  },
  estimate({ run, uniform, options: { samples, steps, start, last, noise } }) {
    const alphas = signals(steps, start);
    const { cost } = run((site) => {
      const { family, logits } = site;
      const of = (tag: string) => uniform(site, samples, tag);
      const law = noiseLaw(site, noise);
      const state = denoised(site, normal(of("radius"), of("angle")), alphas, law);
      const moved = evidence(state, alphas[0]!, law);
      const x = stop(family.harden(family.perturb(stop(tf.add(logits, moved)), uniform(site, samples))));
      if (last === "pathwise") return straightThrough(x, family.mean(tf.add(logits, moved)));
      const before = family.mean(tf.add(stop(logits), moved));
      const here = tf.add(logits, stop(moved));
      const p = family.mean(here);
      const darn = tf.mul(stop(tf.sub(x, p)), lift(family.logProb(here, x), x));
      return straightThrough(x, tf.add(before, tf.mul(0.5, tf.add(p, darn))));
    });
    return { surrogate: tf.mean(cost) };
  },
});
