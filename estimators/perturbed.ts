import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { count, pathwise, samples } from "./core/shared-definition.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** ∇ν of the noise with density exp(−ν), from its uniform: of Gumbel noise 1 − e^−G, of logistic noise 2u − 1. */
const slopeOfNoise = ({ family }: Site, uniform: T): T =>
  family.rank === 0 ? tf.sub(tf.mul(2, uniform), 1) : tf.add(1, tf.log(uniform));

/**
 * Perturbed maximisers: the mean of M perturbed argmaxes is a point inside the simplex, with a derivative by the logits.
 *
 * Estimate: f is evaluated at y = mean_m D_m with D_m = onehot argmax(φ + εG_m), and g = mean_m (f′(y)ᵀD_m) ∇ν(G_m)/ε for each
 * variable, with exp(−ν) the density of the noise: ∇ν(G) = 1 − e^−G of Gumbel and 2u − 1 of logistic noise. g is [S, B,
 * ...shape].
 * Biased, and trained on relaxed samples y. E[D] = softmax(φ/ε).
 * Evaluations: S, each with its derivative. The M argmaxes need none.
 * Limit: at ε = 1 it is unbiased for a linear cost, as E[∇ν(G) | D] = ∇log q(D).
 */
export default estimator({
  name: "perturbed",
  title: "Perturbed maximisers",
  aliases: ["perturbed-maximisers", "perturbed-maximizers", "perturbed-optimizers"],
  paper: "berthet2020",
  formula: "g = mean_m (f′(y)ᵀD_m) ∇ν(G_m)/ε,  y = mean_m D_m,  D_m = onehot argmax(φ + εG_m)",
  options: {
    samples,
    draws: count(10, "argmaxes M whose mean is one relaxed sample", 2),
    scale: { default: 1, minimum: 0, exclusive: true, doc: "scale ε of the noise" },
  },
  claims: { ...pathwise, requires: ["perturbation"], unbiased: false, relaxed: true },
  estimate({ run, uniform, options: { samples, draws, scale } }) {
    const { cost } = run((site) => {
      const { family, logits } = site;
      const flat = uniform(site, draws * samples);
      const u = tf.reshape(flat, [draws, samples, ...flat.shape.slice(1)]); // [M, S, B, ...]
      const x = family.harden(family.perturb(tf.div(stop(logits), scale), u));
      // Its derivative carries f′ to (f′ᵀD) ∇ν/ε.
      const along = tf.mul(slopeOfNoise(site, u), tf.div(logits, scale));
      const linear = tf.mul(x, family.rank === 0 ? along : tf.sum(along, -1, true));
      return straightThrough(tf.mean(x, 0), tf.mean(linear, 0));
    });
    return { surrogate: tf.mean(cost) };
  },
});
