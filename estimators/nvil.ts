import { stop, tf } from "./core/autodiff.ts";
import { glorotUniform } from "./core/glorot.ts";
import { controlRate, count, decay, perSample, samples } from "./core/shared-definition.ts";
import { hard, movingAverage, pastMean, score } from "./core/toolkit.ts";
import { estimator, type Named, type T } from "./estimator.ts";

/** B_ψ(x): one hidden layer of tanh units on the centred inputs. [B, F] → [1, B] */
function predict(parameters: Named, centred: T): T {
  const hidden = tf.tanh(tf.add(tf.matMul(centred, parameters["hidden"]!), parameters["bias"]!));
  const output = tf.add(tf.matMul(hidden, parameters["output"]!), parameters["offset"]!);
  return tf.reshape(output, [1, -1]);
}

type State = Record<"mean" | "variance" | "weight" | "inputs" | "seen", T>;

/**
 * NVIL: REINFORCE with an input-dependent baseline and variance normalisation.
 *
 * Estimate: g = (f − b − B_ψ(x)) / max(1, √v) ∇ log q(z). ψ minimises (f − b − B_ψ(x))². b and v are moving averages
 * over past steps: of f − B_ψ(x), and of its squared distance to b. Both start from the pilot. Inputs are centred by
 * their moving average.
 * Unbiased up to the positive factor max(1, √v), which depends on past steps only.
 * Evaluations: S.
 * Limit: without normalisation and with B_ψ = 0 it is reinforce at the same decay.
 */
export default estimator({
  name: "nvil",
  title: "NVIL (input-dependent baseline)",
  aliases: ["neural-variational-inference"],
  paper: "mnih2014",
  formula: "g = (f(z) − b − B_ψ(x)) / max(1, √v) ∇ log q(z)",
  options: {
    samples,
    hidden: count(100, "tanh units of the baseline"),
    decay: decay(0.8, "decay of the moving averages"),
    normalise: { default: true, doc: "divide by the standard deviation √v where it is above 1" },
    "control-rate": controlRate("the baseline"),
  },
  claims: { ...perSample, unbiased: "direction", coefficients: ["output", "offset"] },
  init({ features, options, random, pilot }) {
    const { mean, variance } = pilot();
    const weight = 1 - Number(options["decay"]);
    const hidden = Number(options["hidden"]);
    const glorot = (tag: string, inputs: number, outputs: number) =>
      glorotUniform(random(tag, [inputs, outputs]), inputs, outputs);
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
    const residual = tf.sub(stop(cost), predict(parameters, tf.sub(features, pastMean(inputs, seen))));
    const centred = tf.sub(residual, pastMean(mean, weight));
    const scale = normalise ? tf.maximum(1, tf.sqrt(pastMean(variance, weight))) : tf.scalar(1);
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
