import { straightThrough, tf } from "./core/autodiff.ts";
import { estimator, type Site, type T } from "./estimator.ts";
import { hard } from "./core/toolkit.ts";

/** min(1, max(0, ½(x/τ + 1))) */
const hardSigmoid = (x: T, temperature: T) =>
  tf.minimum(tf.maximum(tf.mul(0.5, tf.add(tf.div(x, temperature), 1)), 0), 1);

const backward = ({ family, logits }: Site, sigmoid: "hard" | "soft", temperature: T): T =>
  family.name === "bernoulli" && sigmoid === "hard"
    ? hardSigmoid(logits, temperature)
    : family.soften(logits, temperature);

/**
 * Straight-through with an annealed slope: the hard sample forward, a sigmoid that steepens as training goes on backward.
 *
 * g = f′(z)·d s(φ/τ)/dφ, s the hard sigmoid min(1, max(0, ½(x + 1))), whose slope is 1/(2τ) within |φ| < τ and 0 without;
 * softmax for one-hot (and σ with `sigmoid=soft`). Biased. With `sigmoid=soft` it is st at the same temperature; the
 * sample itself keeps the task's probabilities. Evaluations: S, each with its derivative.
 */
export default estimator({
  name: "annealed-st",
  title: "Slope-annealed straight-through",
  aliases: ["slope-annealed-st", "slope-annealing"],
  paper: "chung2016",
  formula: "g = f′(z) d hardsigmoid(φ/τ)/dφ, τ annealed",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    temperature: {
      default: "exp:1:1e-4:0.2:1000",
      minimum: 0,
      exclusive: true,
      schedule: true,
      doc: "reciprocal τ of the slope",
    },
    sigmoid: {
      default: "hard",
      choices: ["hard", "soft"],
      doc: "of the backward pass of Bernoulli variables",
    },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: false,
    needs: "derivatives",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
  estimate({ run, uniform, options: { samples, temperature, sigmoid } }) {
    const { cost } = run((site) =>
      straightThrough(hard(site, uniform(site, samples)), backward(site, sigmoid, temperature)),
    );
    return { surrogate: tf.mean(cost) };
  },
});
