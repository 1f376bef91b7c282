import { stop, tf } from "./core/autodiff.ts";
import { estimator, type Named, type T } from "./estimator.ts";
import { hard, movingAverage, score } from "./core/toolkit.ts";

/** B_ψ(x): one hidden layer of tanh units on the centred inputs. [B, F] → [1, B] */
function predict(parameters: Named, centred: T): T {
  const hidden = tf.tanh(
    tf.add(tf.matMul(centred as never, parameters["hidden"] as never), parameters["bias"]!),
  );
  const output = tf.add(tf.matMul(hidden as never, parameters["output"] as never), parameters["offset"]!);
  return tf.reshape(output, [1, -1]);
}

type State = Record<"mean" | "variance" | "weight" | "inputs" | "seen", T>;

/** Past average with normalised weights; 0 before the first step. */
const past = (sum: T, weight: T) => tf.div(sum, tf.maximum(weight, 1e-12));

/**
 * NVIL: REINFORCE with an input-dependent baseline and variance normalisation.
 *
 * g = (f − b − B_ψ(x)) / max(1, √v) ∇ log q(z); ψ minimises (f − b − B_ψ(x))²; b and v are running means of f − B_ψ(x) and of its
 * squared distance to b over past steps, which begin with the pilot's. Unbiased up to the positive factor max(1, √v),
 * which past steps fix. Evaluations: S. Inputs are centred by their running mean over past steps, by nothing at the
 * first. Without normalisation and with B_ψ = 0 it is reinforce at the same decay.
 */
export default estimator({
  name: "nvil",
  title: "NVIL (input-dependent baseline)",
  aliases: ["neural-variational-inference"],
  paper: "mnih2014",
  formula: "g = (f(z) − b − B_ψ(x)) / max(1, √v) ∇ log q(z)",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    hidden: { default: 100, minimum: 1, maximum: 10_000, integer: true, doc: "tanh units of the baseline" },
    decay: { default: 0.8, minimum: 0, maximum: 1, doc: "decay of the running mean and variance" },
    normalise: { default: true, doc: "divide by the running deviation when it is above 1" },
    "control-rate": {
      default: 10,
      minimum: 0,
      doc: "learning rate of the baseline, in units of the task's, up to .03",
    },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: "direction",
    needs: "values",
    coefficients: ["output", "offset"],
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: 0 }),
  },
  init({ features, options, random, pilot }) {
    const { mean, variance } = pilot();
    const weight = 1 - Number(options["decay"]);
    const hidden = Number(options["hidden"]);
    const glorot = (tag: string, a: number, b: number) =>
      tf.mul(tf.sub(random(tag, [a, b]), 0.5), 2 * Math.sqrt(6 / (a + b)));
    return {
      parameters: {
        hidden: glorot("hidden", features, hidden),
        bias: tf.zeros([hidden]),
        output: glorot("output", hidden, 1),
        offset: tf.zeros([1]),
      },
      state: {
        mean: tf.scalar(weight * mean),
        variance: tf.scalar(weight * variance),
        weight: tf.scalar(weight),
        inputs: tf.zeros([features]),
        seen: tf.scalar(0),
      },
    };
  },
  estimate({ run, uniform, features, parameters, state, options: { samples, decay, normalise } }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    const { mean, variance, weight, inputs, seen } = state as State;
    const residual = tf.sub(stop(cost), predict(parameters, tf.sub(features, past(inputs, seen))));
    const centred = tf.sub(residual, past(mean, weight));
    const scale = normalise ? tf.maximum(1, tf.sqrt(past(variance, weight))) : tf.scalar(1);
    return {
      surrogate: score(cost, tf.div(centred, scale), logp),
      control: tf.mean(tf.square(centred)),
      state: {
        mean: movingAverage(mean, tf.mean(residual), decay),
        variance: movingAverage(variance, tf.mean(tf.square(centred)), decay),
        weight: movingAverage(weight, tf.scalar(1), decay),
        inputs: movingAverage(inputs, tf.mean(features, 0), decay),
        seen: movingAverage(seen, tf.scalar(1), decay),
      },
    };
  },
});
