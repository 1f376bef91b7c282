import { stop, tf } from "./core/autodiff.ts";
import { chainedSlopes } from "./core/chained-slopes.ts";
import { count, lawOfPerturbed, perSampleWithDerivative, samples } from "./core/shared-definition.ts";
import { sumOfGamma } from "./core/sum-of-gamma.ts";
import { carry, lift, movingAverage, row } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** The norm of each sample over a site's axes. [S, B, ...] → [S, B, 1, ...] */
const norm = (x: T): T => lift(tf.sqrt(row(tf.square(x))), x);

const smallest = 1e-20;

/**
 * I-MLE, implicit maximum likelihood: the sample less the sample at logits moved against the derivative, with the same noise.
 *
 * Estimate: g = (D(φ) − D(φ − λf′))/λ with D(φ) = onehot argmax(φ + G), for bits 1[φ + L > 0], and f′ the derivative at D(φ).
 * With `symmetric` it is (D(φ + λf′) − D(φ − λf′))/2λ. g is [S, B, ...shape].
 * `adaptive` is AIMLE (Minervini et al. 2023): λ = β‖φ‖/‖f′‖ for each row and layer. After a step, β grows by `beta-rate` if the
 * moving average n̄ ← .9n̄ + .1n is below 1, n the number of non-zero entries of g per row, and falls if not, down to 0. The
 * authors' code takes the norms over the batch; here no row depends on another.
 * D of a subset of k elements takes the k largest. `kappa` replaces the Gumbel noise by Sum-of-Gamma noise SoG(κ), of which κ add up
 * to Gumbel noise: with κ = k that of a whole subset. Samples of subsets, or with κ > 1, follow another law than the model's.
 * Biased.
 * Evaluations: S, each with its derivative. The second sample needs none.
 * Limit: for a linear cost the mean over G is (softmax(φ) − softmax(φ − λf′))/λ, exact as λ → 0.
 */
export default estimator({
  name: "imle",
  title: "I-MLE (implicit maximum likelihood)",
  aliases: ["i-mle", "aimle", "implicit-mle", "implicit-maximum-likelihood"],
  paper: "niepert2021",
  formula: "g = (D(φ) − D(φ − λf′))/λ,  D(φ) = onehot argmax(φ + G)",
  options: {
    samples,
    lambda: { default: 1, minimum: 0, exclusive: true, doc: "λ by which the logits are moved" },
    kappa: count(1, "κ of Sum-of-Gamma noise; the size of subsets, or 1 for Gumbel noise"),
    symmetric: { default: false, doc: "move the logits to both sides" },
    adaptive: { default: false, doc: "AIMLE: adapt λ, starting from β = lambda" },
    "beta-rate": { default: 1e-4, minimum: 0, doc: "change of β per step, if adaptive" },
  },
  claims: {
    ...perSampleWithDerivative,
    requires: ["perturbation"],
    unbiased: false,
    sampleLaw: ({ kappa }, sites) => (kappa === 1 ? lawOfPerturbed(sites) : "other"),
  },
  supports: (sites, { kappa }) =>
    kappa !== 1 && sites.some(({ family }) => family.rank === 0)
      ? `kappa other than 1 is for one-hot vectors and subsets, got ${kappa}`
      : undefined,
  init: ({ options }) =>
    options["adaptive"] === true
      ? { state: { beta: tf.scalar(Number(options["lambda"])), nonzero: tf.scalar(1) } }
      : {},
  estimate({ run, uniform, state, options }) {
    const { samples, lambda, kappa, symmetric, adaptive, "beta-rate": rate } = options;
    const { beta, nonzero } = state;
    const drawn = (site: Site, logits: T) => {
      const { family } = site;
      const u = uniform(site, samples);
      const perturbed =
        kappa === 1 ? family.perturb(stop(logits), u) : tf.add(stop(logits), sumOfGamma(u, kappa));
      return stop(family.harden(perturbed));
    };
    const result = run((site) => drawn(site, site.logits));
    const counts: T[] = [];
    const given = chainedSlopes(result, (site, x, slope) => {
      const logits = stop(site.logits);
      const size = adaptive
        ? tf.div(tf.mul(beta!, norm(logits)), tf.maximum(norm(slope), smallest))
        : tf.scalar(lambda);
      const at = (sign: number) => drawn(site, tf.add(logits, tf.mul(sign, tf.mul(size, slope))));
      const difference = symmetric ? tf.mul(0.5, tf.sub(at(1), at(-1))) : tf.sub(x, at(-1));
      counts.push(row(tf.abs(tf.sign(difference))));
      return tf.div(difference, tf.maximum(size, smallest));
    });
    const surrogate = carry(result.cost, given);
    if (!adaptive) return { surrogate };
    const seen = tf.mean(counts.reduce((sum, one) => tf.add(sum, one)));
    const next = movingAverage(nonzero!, seen, 0.9);
    const change = tf.mul(rate, tf.sub(tf.mul(2, tf.step(tf.sub(1, next))), 1));
    return { surrogate, state: { beta: stop(tf.relu(tf.add(beta!, change))), nonzero: next } };
  },
});
