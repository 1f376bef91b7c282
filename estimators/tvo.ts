import { stop, tf } from "./core/autodiff.ts";
import { normalisedWeights } from "./core/multi-sample.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator, type Settings } from "./estimator.ts";

/** The partition 0 = β₀ < β₁ < … < β_K = 1, evenly spaced in log β from β₁ on: each β_k with the width β_{k+1} − β_k. */
function partition({ partitions, beta }: Settings): { beta: number; width: number }[] {
  const K = Number(partitions);
  const point = (k: number) => (k === 0 ? 0 : k === K ? 1 : Number(beta) ** ((K - k) / (K - 1)));
  return Array.from({ length: K }, (_, k) => ({ beta: point(k), width: point(k + 1) - point(k) }));
}

/**
 * The thermodynamic variational objective: a left Riemann sum for log p(x) = ∫₀¹ E_{π_β} log w dβ, with
 * π_β(z) ∝ q(z) w(z)^β.
 *
 * Estimate: the gradient of −Σ_k (β_{k+1} − β_k) Σ_s [v_s ℓ_s + c stop(v_s (ℓ_s − Σ_r v_r ℓ_r)) (log q(z_s) + β_k ℓ_s)], with
 * ℓ = log w, v = softmax(β_k ℓ) over the samples and stopped, and c = S/(S − 1). The second term is the covariance of ℓ and
 * ∇log π_β, so no sample is reparameterised. The cost is the whole negative log weight, so the task must be a model.
 * Biased, because the weights are normalised over the samples.
 * Evaluations: S.
 * Limit: as β₁ falls to 0 it is rloo on −ELBO, and unbiased.
 */
export default estimator({
  name: "tvo",
  title: "Thermodynamic variational objective",
  aliases: ["thermodynamic"],
  paper: "masrani2019",
  formula: "g = −Σ_k Δβ_k ∇E_{π_β}[log w],  ∇E_π ℓ = E_π ∇ℓ + Cov_π(ℓ, ∇log π)",
  options: {
    samples: severalSamples,
    partitions: { default: 2, minimum: 2, maximum: 100, integer: true, doc: "terms K of the Riemann sum" },
    beta: {
      default: 0.1,
      minimum: 0,
      maximum: 1,
      exclusive: true,
      doc: "β₁; the later ones are evenly spaced in log β",
    },
  },
  claims: {
    ...perSample,
    unbiased: false,
    objective(cost, logp, settings) {
      const terms = partition(settings).map(({ beta, width }) => {
        const law = normalisedWeights(tf.sub(logp, tf.mul(beta, cost))); // π_β of all values of the samples
        return tf.mul(width, tf.sum(tf.mul(law, cost), 0));
      });
      return tf.mean(tf.addN(terms));
    },
  },
  estimate({ run, uniform, options }) {
    const { samples } = options;
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    const correction = samples / (samples - 1);
    const terms = partition(options).map(({ beta, width }) => {
      const share = stop(normalisedWeights(tf.mul(-beta, cost))); // [S, B]
      const centred = tf.sub(cost, tf.sum(tf.mul(share, cost), 0, true));
      const covariance = tf.mul(
        stop(tf.mul(correction, tf.mul(share, centred))),
        tf.sub(logp, tf.mul(beta, cost)),
      );
      return tf.mul(width, tf.sum(tf.add(tf.mul(share, cost), covariance), 0));
    });
    return { surrogate: tf.mean(tf.addN(terms)) };
  },
});
