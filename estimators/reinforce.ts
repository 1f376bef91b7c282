import { stop, tf } from "./core/autodiff.ts";
import { estimator } from "./estimator.ts";
import { hard, movingAverage, score } from "./core/toolkit.ts";

/**
 * REINFORCE, the score-function estimator, with an optional moving-average baseline.
 *
 * g = (f(z) − b) ∇ log q(z). Unbiased because b is made of past steps' costs alone: b_t = Σ_{s<t} β^{t−1−s} f_s / Σ_{s<t} β^{t−1−s},
 * which begins with the pilot's mean cost. Evaluations: S. With `baseline=none` and S samples it is the plain mean of S estimates.
 */
export default estimator({
  name: "reinforce",
  title: "REINFORCE (score function)",
  aliases: ["score-function", "likelihood-ratio", "sf", "lr"],
  paper: "williams1992",
  formula: "g = (f(z) − b) ∇ log q(z)",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    baseline: {
      default: "average",
      choices: ["none", "average"],
      doc: "moving average of past costs, or none",
    },
    decay: { default: 0.99, minimum: 0, maximum: 1, doc: "decay β of the moving average" },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: 0 }),
  },
  init({ options, pilot }) {
    if (options["baseline"] === "none") return {};
    const weight = 1 - Number(options["decay"]);
    return { state: { baseline: tf.scalar(weight * pilot().mean), weight: tf.scalar(weight) } };
  },
  estimate({ run, uniform, options: { samples, baseline, decay }, state }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    if (baseline === "none") return { surrogate: score(cost, cost, logp) };
    const past = tf.div(state["baseline"]!, tf.maximum(state["weight"]!, 1e-12));
    return {
      surrogate: score(cost, tf.sub(cost, past), logp),
      state: {
        baseline: movingAverage(state["baseline"]!, stop(tf.mean(cost)), decay),
        weight: movingAverage(state["weight"]!, tf.scalar(1), decay),
      },
    };
  },
});
