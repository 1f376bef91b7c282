import { stop, tf } from "./autodiff.ts";
import { type Combinator, combinedOptions, estimateWith, inherited, innerOptions } from "./combinator.ts";
import type { Estimator, Problem, Run, Site, T } from "./estimator.ts";
import { logProb, movingAverage } from "./toolkit.ts";

const own = {
  of: { default: "reinforce", doc: "the estimator that is normalised; its options as of.NAME" },
  decay: { default: 0.9, minimum: 0, maximum: 1, doc: "decay of the running moments of the cost" },
} as const;

/** Running moments of the cost, kept beside the inner's state under names of their own. */
const names = { mean: "normalise/mean", square: "normalise/square", weight: "normalise/weight" } as const;

/** The same logits, whose gradient is divided by the scale. */
const divided = (logits: T, scale: T): T =>
  tf.customGrad((x) => ({ value: tf.clone(x as T), gradFunc: (dy) => tf.div(dy, scale) }))(logits);

/** The problem with every site's logits so. */
function dividing(problem: Problem, scale: T): Problem {
  const run: Problem["run"] = (sample) => {
    const seen = new Map<string, Site>();
    const { cost, drawn } = problem.run((site) => {
      const own = { ...site, logits: divided(site.logits, scale) };
      seen.set(site.name, own);
      return sample(own);
    });
    const again: Run["drawn"] = drawn.map(({ site, x }) => ({ site: seen.get(site.name)!, x }));
    let logp: T | undefined;
    return {
      cost,
      drawn: again,
      get logp() {
        return (logp ??= logProb(again));
      },
    };
  };
  return { ...problem, run };
}

/**
 * Variance normalisation: the estimate divided by the running deviation of the cost where that is above 1.
 *
 * g = ĝ / max(1, σ), σ² the variance of past costs, the pilot's at first. Past steps fix σ, so that an unbiased inner estimate keeps its direction. Only
 * what reaches the logits through the samples is divided; the gradient of the cost itself stays whole. Where an
 * estimator differentiates through the samples of a layer above, that path is divided once a layer. Evaluations: the
 * inner's. It is the inner one where σ ≤ 1.
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
      const estimate = estimateWith(inner, dividing(problem, scale));
      const seen = stop(estimate.cost);
      const next = (name: string, x: T) => [name, movingAverage(problem.state[name]!, x, decay)] as const;
      return {
        ...estimate,
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
