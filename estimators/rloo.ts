import { tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";
import { hard, score } from "./core/toolkit.ts";

/**
 * REINFORCE with the leave-one-out baseline.
 *
 * g = 1/(S − 1) Σ_s (f_s − f̄) ∇ log q(z_s). Unbiased because the others' mean is independent of z_s. Evaluations: S.
 * At S = 2: ½(f₁ − f₂)(∇ log q(z₁) − ∇ log q(z₂)).
 */
export default estimator({
  name: "rloo",
  title: "REINFORCE leave-one-out",
  aliases: ["leave-one-out", "loo"],
  paper: "kool2019",
  formula: "g = 1/(S−1) Σ_s (f_s − f̄) ∇ log q(z_s)",
  options: { samples: { default: 4, minimum: 2, maximum: 10_000, integer: true, doc: "samples per row" } },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: 0 }),
  },
  estimate({ run, uniform, options: { samples } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    const advantage = tf.mul(tf.sub(cost, tf.mean(cost, 0, true)), samples / (samples - 1));
    return { surrogate: score(cost, advantage, logp) };
  },
});
