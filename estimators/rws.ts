import { stop, tf } from "./core/autodiff.ts";
import { normalisedWeights } from "./core/multi-sample.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator, type T } from "./estimator.ts";

/** Σ_s stop(v_s) (−log w_s − 2 log q(z_s)): ∇log w leaves −∇log p for the model, and −∇log q for the encoder. [S, B] → scalar */
const wake = (shares: T, cost: T, logp: T): T =>
  tf.mean(tf.sum(tf.mul(stop(shares), tf.sub(cost, tf.mul(2, logp))), 0));

/**
 * Reweighted wake-sleep with wake updates of model and encoder.
 *
 * Estimate: the gradient of −Σ_s stop(v_s) [log p(x, z_s) + log q(z_s)], with v = softmax(log w) over the samples and
 * log w = log p(x, z) − log q(z). The model p descends −log p(x), the encoder q descends KL(p(z | x) ‖ q), which is another
 * objective than that of the bound. The cost is the whole negative log weight, so the task must be a model. The sleep update,
 * with samples of the model, would need a program that samples x.
 * Biased, because the weights are normalised over the samples; the bias falls as 1/S.
 * Evaluations: S.
 * Limit: for the model's parameters it is vimco, whose bound has the same gradient there.
 */
export default estimator({
  name: "rws",
  title: "Reweighted wake-sleep (wake-wake)",
  aliases: ["wake-wake", "reweighted-wake-sleep"],
  paper: "bornschein2015",
  formula: "g = −Σ_s v_s ∇[log p(x, z_s) + log q(z_s)],  v = softmax(log w)",
  options: { samples: severalSamples },
  claims: {
    ...perSample,
    unbiased: false,
    objective: (cost, logp) => wake(normalisedWeights(tf.sub(logp, cost)), cost, logp),
  },
  estimate({ run, uniform, options: { samples } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    return { surrogate: wake(normalisedWeights(tf.neg(cost)), cost, logp) };
  },
});
