import { straightThrough, tf } from "./core/autodiff.ts";
import { pathwise, samples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** min(1, max(0, ½(x/τ + 1))) */
const hardSigmoid = (x: T, temperature: T) =>
  tf.minimum(tf.maximum(tf.mul(0.5, tf.add(tf.div(x, temperature), 1)), 0), 1);

const backward = ({ family, logits }: Site, sigmoid: "hard" | "soft", temperature: T): T =>
  family.capabilities.includes("bits") && sigmoid === "hard"
    ? hardSigmoid(logits, temperature)
    : family.mean(tf.div(logits, temperature));

/**
 * Straight-through with an annealed slope: the backward pass uses a sigmoid that becomes steeper during training.
 *
 * Estimate: g = f′(z) · ds(φ/τ)/dφ with the hard sigmoid s(x) = min(1, max(0, ½(x + 1))). Its slope is 1/(2τ) for |φ| < τ
 * and 0 elsewhere. One-hot variables use softmax, and Bernoulli variables use σ with `sigmoid=soft`. The forward pass
 * samples with the task's own probabilities.
 * Biased.
 * Evaluations: S, each with its derivative.
 * Limit: with `sigmoid=soft` it is st at the same temperature.
 */
export default estimator({
  name: "annealed-st",
  title: "Slope-annealed straight-through",
  aliases: ["slope-annealed-st", "slope-annealing"],
  paper: "chung2016",
  formula: "g = f′(z) d hardsigmoid(φ/τ)/dφ, τ annealed",
  options: {
    samples,
    temperature: {
      default: "exp:1:1e-4:0.2:1000",
      minimum: 0,
      exclusive: true,
      schedule: true,
      doc: "temperature τ of the backward pass; the slope is proportional to 1/τ",
    },
    sigmoid: {
      default: "hard",
      choices: ["hard", "soft"],
      doc: "sigmoid of the backward pass of Bernoulli variables",
    },
  },
  claims: { ...pathwise, requires: ["mean"], unbiased: false },
  estimate({ run, uniform, options: { samples, temperature, sigmoid } }) {
    const { cost } = run((site) =>
      straightThrough(hard(site, uniform(site, samples)), backward(site, sigmoid, temperature)),
    );
    return { surrogate: tf.mean(cost) };
  },
});
