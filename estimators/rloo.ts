import { leaveOneOut } from "./core/leave-one-out.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { hard, score } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * REINFORCE with the leave-one-out baseline: the mean cost of the other samples.
 *
 * Estimate: g = 1/(S − 1) Σ_s (f_s − f̄) ∇ log q(z_s).
 * Unbiased: the mean of the others is independent of z_s.
 * Evaluations: S.
 * Limit: at S = 2 it is ½(f₁ − f₂)(∇ log q(z₁) − ∇ log q(z₂)).
 */
export default estimator({
  name: "rloo",
  title: "REINFORCE leave-one-out",
  aliases: ["leave-one-out", "loo"],
  paper: "kool2019",
  formula: "g = 1/(S−1) Σ_s (f_s − f̄) ∇ log q(z_s)",
  options: { samples: severalSamples },
  claims: { ...perSample, unbiased: true, learningSignal: "joint" },
  estimate({ run, uniform, learningSignal, options: { samples } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    return { surrogate: score(cost, learningSignal(leaveOneOut(cost)), logp) };
  },
});
