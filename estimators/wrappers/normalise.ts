import { dependence, stop, tf } from "../core/autodiff.ts";
import { decay } from "../core/shared-definition.ts";
import { movingAverage, pastMean } from "../core/toolkit.ts";
import type { Problem, T } from "../estimator.ts";
import { combination, type Combinator, estimateWith, inherited, needsMeanCost } from "./wrapper.ts";

/** Names of the running moments of the cost in the state, apart from the names of the inner estimator. */
const names = { mean: "normalise/mean", square: "normalise/square", weight: "normalise/weight" } as const;

/** The problem, and the logits that its sites have met so far, parents first. */
function watched(problem: Problem): { readonly met: T[]; readonly problem: Problem } {
  const met: T[] = [];
  const run: Problem["run"] = (sample) =>
    problem.run((site) => {
      met.push(site.logits);
      return sample(site);
    });
  return { met, problem: { ...problem, run } };
}

/**
 * The same surrogate with its gradient at the met logits divided by the scale. Other gradients stay as they are.
 *
 * Logits φ_i with the gradient a_i get a term c_iᵀφ_i, where c_i is (1/scale − 1) a_i less the gradient that the terms
 * of later logits already bring there through the samples of the layers above.
 */
function divided(surrogate: T, met: readonly T[], scale: T): T {
  const share = tf.sub(tf.div(1, scale), 1);
  const reached = dependence(surrogate, met);
  const terms = met.reduceRight<T | undefined>((sum, logits, i) => {
    const gradient = reached[i];
    if (!gradient) return sum;
    const whole = tf.mul(share, gradient);
    const brought = sum && dependence(sum, [logits])[0];
    const term = tf.sum(tf.mul(stop(brought ? tf.sub(whole, brought) : whole), logits));
    return sum ? tf.add(sum, term) : term;
  }, undefined);
  return terms ? tf.add(surrogate, terms) : surrogate;
}

/**
 * Variance normalisation: the estimate divided by the running standard deviation of the cost where that is above 1.
 *
 * Estimate: g = ĝ / max(1, σ), with σ² the variance of past costs, which starts from the pilot's. Only gradients at the
 * logits are divided, once for any number of layers. The gradient of the cost itself stays whole.
 * Unbiased up to a positive factor where the inner estimator is unbiased, because σ depends on past steps only.
 * Evaluations: those of the inner estimator.
 * Limit: where σ ≤ 1 it is the inner estimator.
 */
const normalise: Combinator = {
  name: "normalise",
  title: "Variance normalisation",
  aliases: ["normalize", "variance-normalisation"],
  paper: "mnih2014",
  doc: "divides the inner estimate by the running standard deviation of the cost, where that is above 1",
  formula: "g = ĝ / max(1, σ)",
  options: {
    of: { default: "reinforce", doc: "inner estimator; its options are written of.NAME" },
    decay: decay(0.9, "decay of the running moments of the cost"),
  },
  accepts: needsMeanCost,
  combine: (inner) =>
    combination(normalise, inner, {
      title: `${inner.title}, normalised`,
      claims: { unbiased: inner.claims.unbiased && "direction" },
      init(start) {
        const made = inherited(inner).init(start);
        const { mean, variance } = start.pilot();
        const weight = 1 - Number(start.options["decay"]);
        const moments = {
          [names.mean]: tf.scalar(weight * mean),
          [names.square]: tf.scalar(weight * (variance + mean ** 2)),
          [names.weight]: tf.scalar(weight),
        };
        return { ...made, state: { ...made.state, ...moments } };
      },
      estimate(problem) {
        const { decay } = problem.options as { decay: number };
        const [mean, square, weight] = Object.values(names).map((name) => problem.state[name]!) as [T, T, T];
        const variance = tf.sub(pastMean(square, weight), tf.square(pastMean(mean, weight)));
        const scale = tf.maximum(1, tf.sqrt(tf.relu(variance)));
        const whole = watched(problem);
        const estimate = estimateWith(inner, whole.problem);
        const cost = stop(estimate.cost);
        return {
          ...estimate,
          surrogate: divided(estimate.surrogate, whole.met, scale),
          state: {
            ...estimate.state,
            [names.mean]: movingAverage(mean, tf.mean(cost), decay),
            [names.square]: movingAverage(square, tf.mean(tf.square(cost)), decay),
            [names.weight]: movingAverage(weight, tf.scalar(1), decay),
          },
        };
      },
    }),
};
export default normalise;
