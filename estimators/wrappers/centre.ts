import { centring, predictionCoefficients } from "../core/learning-signal.ts";
import { controlRate, count, decay } from "../core/shared-definition.ts";
import { signalCombinator } from "./signal-combinator.ts";

/**
 * Centring: the learning signal of another estimator less its moving average, and less a baseline of the inputs.
 *
 * Estimate: that of the inner estimator with l − B_ψ(x) − m in place of l, which multiplies ∇log q(z) there. m is the
 * moving average of l − B_ψ(x) over past steps, which starts from 0. ψ minimises (l − B_ψ(x) − m)². Where the sites have
 * signals of their own, each has its m and ψ.
 * Unbiased where the inner estimator is: m and B_ψ depend on no sample of the step.
 * Evaluations: those of the inner estimator.
 * Limit: around reinforce without baseline and with `input-baseline` off it is reinforce with its moving average.
 */
export default signalCombinator({
  name: "centre",
  title: "Centred learning signal",
  aliases: ["center", "centring"],
  paper: "gu2015",
  doc: "subtracts the moving average of the inner estimator's learning signal, and a baseline of the inputs if asked to",
  formula: "g = (l − B_ψ(x) − m) ∇ log q(z), with l the learning signal and m its moving average",
  options: {
    of: { default: "muprop", doc: "inner estimator; its options are written of.NAME" },
    decay: decay(0.9, "decay of the moving averages"),
    "input-baseline": { default: false, doc: "subtract a baseline B_ψ(x) of the inputs" },
    hidden: count(100, "tanh units of the baseline of the inputs"),
    "control-rate": controlRate("the baseline of the inputs"),
  },
  titleOf: (inner) => `${inner}, centred`,
  claimsOf: ({ coefficients = [], learningSignal }) => ({
    coefficients: [...coefficients, ...predictionCoefficients],
    ...(learningSignal && { learningSignal }),
  }),
  operation: (options) =>
    centring(options["input-baseline"] === true ? Number(options["hidden"]) : 0, Number(options["decay"]), 0),
});
