import { stop, straightThrough, tf } from "./core/autodiff.ts";
import {
  forwardLogits,
  forwardTemperature,
  lawOfPerturbed,
  noiseScale,
  pathwise,
  perturbedBy,
  samples,
  temperature,
} from "./core/shared-definition.ts";
import { estimator } from "./estimator.ts";

/**
 * Straight-through Gumbel-Softmax: the forward pass uses the hard sample, the backward pass its relaxation.
 *
 * Estimate: g = f′(D)ᵀ d softmax((φ + G)/τ)/dφ at D = onehot argmax(φ/τ_f + G), with the same noise G in both passes.
 * g is [S, B, ...shape].
 * Decoupled temperatures (Shah et al. 2024) where τ_f is not 1. The noise is not divided by τ_f: within the argmax a
 * divisor of both terms has no effect. The sample then follows softmax(φ/τ_f), another law than the model's.
 * With a noise scale η the noise is ηG in both passes (Friede & Niepert 2021), and the sample follows softmax(φ/(τ_f η)).
 * Biased.
 * Evaluations: S, each with its derivative.
 * Limits: its mean over the noise given D is gumbel-rao with many inner draws, at τ_f = 1. As τ_f → 0, D is argmax φ.
 */
export default estimator({
  name: "st-gs",
  title: "Straight-through Gumbel-Softmax",
  aliases: ["straight-through-gumbel-softmax", "stgs", "gumbel-straight-through"],
  paper: "jang2016",
  formula: "g = f′(D)ᵀ d softmax((φ + G)/τ)/dφ,  D = onehot argmax(φ + G)",
  options: {
    samples,
    temperature: temperature("temperature τ of the relaxation"),
    "forward-temperature": forwardTemperature,
    "noise-scale": noiseScale,
  },
  claims: {
    ...pathwise,
    requires: ["perturbation", "relaxation"],
    unbiased: false,
    sampleLaw: ({ "forward-temperature": tau, "noise-scale": scale }, sites) =>
      Number(tau) * Number(scale) === 1 ? lawOfPerturbed(sites) : "other",
  },
  estimate({ run, uniform, options }) {
    const { samples, temperature, "forward-temperature": forwardTau, "noise-scale": scale } = options;
    const { cost } = run((site) => {
      const { family } = site;
      const u = uniform(site, samples);
      const perturbed = perturbedBy(site, scale, u);
      const forward = forwardTau === 1 ? perturbed : perturbedBy(forwardLogits(site, forwardTau), scale, u);
      return straightThrough(family.harden(stop(forward)), family.soften(perturbed, temperature));
    });
    return { surrogate: tf.mean(cost) };
  },
});
