import { dependence, stop, tf } from "../core/autodiff.ts";
import { type Combinator, combinedOptions, estimateWith, inherited, innerOptions } from "./wrapper.ts";
import type { Estimator, Problem, T } from "../estimator.ts";
import { movingAverage } from "../core/toolkit.ts";

const own = {
  of: { default: "reinforce", doc: "the estimator that is normalised; its options as of.NAME" },
  decay: { default: 0.9, minimum: 0, maximum: 1, doc: "decay of the running moments of the cost" },
} as const;

/** Running moments of the cost, kept beside the inner's state under names of their own. */
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
 * The same surrogate, whose gradient at the logits met is divided by the scale, and which is otherwise untouched. To each
 * logits φ_i with the gradient a_i a term c_iᵀφ_i is added, c_i = (1/scale − 1) a_i less what the terms of later logits
 * already bring there through the samples of layers above.
 */
function divided(surrogate: T, met: readonly T[], scale: T): T {
  const share = tf.sub(tf.div(1, scale), 1);
  const reached = dependence(surrogate, met);
  const terms = met.reduceRight<T | undefined>((sum, logits, i) => {
    const gradient = reached[i];
    if (!gradient) return sum;
    const wanted = tf.mul(share, gradient);
    const brought = sum && dependence(sum, [logits])[0];
    const term = tf.sum(tf.mul(stop(brought ? tf.sub(wanted, brought) : wanted), logits));
    return sum ? tf.add(sum, term) : term;
  }, undefined);
  return terms ? tf.add(surrogate, terms) : surrogate;
}

/**
 * Variance normalisation: the estimate divided by the running deviation of the cost where that is above 1.
 *
 * g = ĝ / max(1, σ), σ² the variance of past costs, the pilot's at first. Past steps fix σ, so that an unbiased inner
 * estimate keeps its direction. Only what reaches the logits is divided, once however many layers it passes; the gradient
 * of the cost itself stays whole. Evaluations: the inner's. It is the inner one where σ ≤ 1.
 */
const normalise: Combinator = {
  name: "normalise",
  title: "Variance normalisation",
  aliases: ["normalize", "variance-normalisation"],
  paper: "mnih2014",
  doc: "the inner estimate divided by the running deviation of the cost, where that is above 1",
  formula: "g = ĝ / max(1, σ)",
  options: own,
  accepts: ({ name, claims }) =>
    claims.objective === "multi-sample"
      ? `it must wrap an estimator of the mean cost, got ${name}, whose objective is a multi-sample bound`
      : undefined,
  combine: (inner): Estimator => ({
    name: "normalise",
    title: `${inner.title}, normalised`,
    paper: "mnih2014",
    formula: "g = ĝ / max(1, σ)",
    options: combinedOptions(own, inner),
    claims: {
      ...inner.claims,
      unbiased: inner.claims.unbiased && "direction",
      evaluations: (sites, options) => inner.claims.evaluations(sites, innerOptions(options)),
    },
    ...inherited(inner),
    init(start) {
      const made = inherited(inner).init(start);
      const { mean, variance } = start.pilot();
      const weight = 1 - Number(start.options["decay"]);
      const begun = (name: string, x: number) => [name, tf.scalar(weight * x)] as const;
      const moments = [
        begun(names.mean, mean),
        begun(names.square, variance + mean ** 2),
        begun(names.weight, 1),
      ];
      return { ...made, state: { ...made.state, ...Object.fromEntries(moments) } };
    },
    estimate(problem) {
      const { decay } = problem.options as { decay: number };
      const past = (name: string): T =>
        tf.div(problem.state[name]!, tf.maximum(problem.state[names.weight]!, 1e-12));
      const variance = tf.sub(past(names.square), tf.square(past(names.mean)));
      const scale = tf.maximum(1, tf.sqrt(tf.relu(variance)));
      const whole = watched(problem);
      const estimate = estimateWith(inner, whole.problem);
      const seen = stop(estimate.cost);
      const next = (name: string, x: T) => [name, movingAverage(problem.state[name]!, x, decay)] as const;
      return {
        ...estimate,
        surrogate: divided(estimate.surrogate, whole.met, scale),
        state: {
          ...estimate.state,
          ...Object.fromEntries([
            next(names.mean, tf.mean(seen)),
            next(names.square, tf.mean(tf.square(seen))),
            next(names.weight, tf.scalar(1)),
          ]),
        },
      };
    },
  }),
};
export default normalise;
