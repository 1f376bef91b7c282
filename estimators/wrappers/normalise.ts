import { scaling } from "../core/learning-signal.ts";
import { decay } from "../core/shared-definition.ts";
import { signalCombinator } from "./signal-combinator.ts";

/**
 * Variance normalisation: the learning signal of another estimator divided by its running standard deviation.
 *
 * Estimate: that of the inner estimator with l / max(1, σ) in place of l, which multiplies ∇log q(z) there after its
 * baseline and control variate. σ² is the variance of past signals, of each site where the sites have signals of their
 * own. With one site, or one signal for all sites, the whole gradient of the logits is divided, also that of divergences in
 * closed form and of a control variate's mean. Several sites with signals of their own divide these alone.
 * Unbiased up to a positive factor where the inner estimator is unbiased, and has one site or one signal for all sites.
 * Around muprop, rebar and relax on several sites it is biased, because only one of two terms is divided.
 * Evaluations: those of the inner estimator.
 * Limit: where σ ≤ 1 it is the inner estimator.
 */
export default signalCombinator({
  name: "normalise",
  title: "Variance normalisation",
  aliases: ["normalize", "variance-normalisation"],
  paper: "mnih2014",
  doc: "divides the learning signal of the inner estimator by its running standard deviation, where that is above 1",
  formula: "g = l / max(1, σ) ∇ log q(z), with l the learning signal and σ its running deviation",
  options: {
    of: { default: "reinforce", doc: "inner estimator; its options are written of.NAME" },
    decay: decay(0.9, "decay of the running moments of the signal"),
  },
  titleOf: (inner) => `${inner}, normalised`,
  claimsOf: ({ unbiased, learningSignal }) => ({
    unbiased: unbiased && learningSignal === "joint" && "direction",
    ...(learningSignal && { learningSignal }),
  }),
  operation: ({ decay }) => scaling(Number(decay), false),
});
