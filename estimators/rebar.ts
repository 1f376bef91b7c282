import {
  controlled,
  controlledRequires,
  initRelaxedCost,
  relaxedCost,
  relaxedCostOptions,
} from "./core/relaxed-control-variate.ts";
import { controlRate, samples } from "./core/shared-definition.ts";
import { estimator, type Named } from "./estimator.ts";

/**
 * REBAR: REINFORCE with the relaxed cost as control variate.
 *
 * Estimate: g = [f(b) − ηf(s(z̃))] ∇log q(b) + η∇f(s(z)) − η∇f(s(z̃)), with z the perturbed logits, b = H(z),
 * z̃ ~ z | b and s the relaxation at temperature λ. Each site has its own η and log λ, which minimise the second moment
 * of g.
 * Unbiased for every η and λ: by reparameterisation the last two terms are the mean of what the first subtracts. The
 * gradient of λ is biased where the cost has kinks (relu decoders), which affects λ but not the mean of g.
 * Evaluations: S(1 + 2L) for L sites, those of relaxed samples with derivatives.
 * Limit: at η = 0 it is reinforce without baseline.
 */
export default estimator({
  name: "rebar",
  title: "REBAR",
  paper: "tucker2017",
  formula: "g = [f(b) − ηf(s(z̃))] ∇log q(b) + η∇f(s(z)) − η∇f(s(z̃))",
  options: { samples, ...relaxedCostOptions, "control-rate": controlRate("η and log λ") },
  claims: {
    requires: controlledRequires,
    sites: "any",
    unbiased: true,
    learningSignal: "per-site",
    needs: "derivatives",
    coefficients: ["scale"],
    evaluations: (sites, { samples }) => ({
      forward: Number(samples) * (1 + 2 * sites.length),
      backward: Number(samples) * 2 * sites.length,
    }),
  },
  init: ({ sites, options }) => ({
    parameters: Object.assign({}, ...sites.map((site) => initRelaxedCost(site, options))) as Named,
  }),
  estimate: (problem) => controlled(problem, relaxedCost(problem.parameters)),
});
