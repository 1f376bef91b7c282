import { tf } from "./core/autodiff.ts";
import { controlled } from "./core/control-variate.ts";
import { estimator } from "./estimator.ts";

/**
 * REBAR: REINFORCE with the relaxed cost as control variate.
 *
 * g = [f(b) − ηf(s(z̃))] ∇log q(b) + η∇f(s(z)) − η∇f(s(z̃)), s the relaxation at temperature λ, z perturbed logits,
 * b = H(z), z̃ ~ z | b. Unbiased for every η and λ: the last two terms are the mean of what the first subtracts, by
 * reparameterisation. η and log λ, one of each a site, descend the second moment of g; η's derivative is right, λ's is
 * itself biased where the cost has kinks (relu decoders), which biases λ, never g. At η = 0 it is REINFORCE without
 * baseline. Evaluations: S(1 + 2L) for L sites, those of relaxed samples with derivatives.
 */
export default estimator({
  name: "rebar",
  title: "REBAR",
  paper: "tucker2017",
  formula: "g = [f(b) − ηf(s(z̃))] ∇log q(b) + η∇f(s(z)) − η∇f(s(z̃))",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    scale: { default: 1, doc: "η before training" },
    temperature: { default: 0.5, minimum: 0, exclusive: true, doc: "temperature λ before training" },
    "control-rate": {
      default: 10,
      minimum: 0,
      doc: "learning rate of η and log λ, in units of the task's, up to .03",
    },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: true,
    needs: "derivatives",
    coefficients: ["scale"],
    evaluations: (sites, { samples }) => ({
      forward: Number(samples) * (1 + 2 * sites.length),
      backward: Number(samples) * 2 * sites.length,
    }),
  },
  init: ({ sites, options: { scale, temperature } }) => ({
    parameters: Object.fromEntries(
      sites.flatMap(({ name }) => [
        [`scale/${name}`, tf.scalar(Number(scale))],
        [`log-temperature/${name}`, tf.scalar(Math.log(Number(temperature)))],
      ]),
    ),
  }),
  estimate(problem) {
    const { parameters } = problem;
    return controlled(problem, ({ name }, _z, relaxed) =>
      tf.mul(parameters[`scale/${name}`]!, relaxed(tf.exp(parameters[`log-temperature/${name}`]!))),
    );
  },
});
