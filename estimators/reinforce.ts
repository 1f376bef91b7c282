import { tf } from "./core/autodiff.ts";
import { decay, perSample, samples } from "./core/shared-definition.ts";
import { hard, movingAverage, pastMean, score } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * REINFORCE, the score-function estimator, with the moving average of past costs as an optional baseline.
 *
 * Estimate: g = (f(z) − b) ∇ log q(z) with b_t = Σ_{s<t} β^{t−1−s} f_s / Σ_{s<t} β^{t−1−s}, which starts from the
 * pilot's mean cost.
 * Unbiased: b depends on past steps only.
 * Evaluations: S.
 * Limit: with `baseline=none` and S samples it is the mean of S estimates with one sample.
 */
export default estimator({
  name: "reinforce",
  title: "REINFORCE (score function)",
  aliases: ["score-function", "likelihood-ratio", "sf", "lr"],
  paper: "williams1992",
  formula: "g = (f(z) − b) ∇ log q(z)",
  options: {
    samples,
    baseline: {
      default: "average",
      choices: ["none", "average"],
      doc: "baseline: the moving average of past costs, or none",
    },
    decay: decay(0.99, "decay β of the moving average"),
  },
  claims: { ...perSample, unbiased: true, learningSignal: "joint" },
  init({ options, pilot }) {
    if (options["baseline"] === "none") return {};
    const weight = 1 - Number(options["decay"]);
    return { state: { baseline: tf.scalar(weight * pilot().mean), weight: tf.scalar(weight) } };
  },
  estimate({ run, uniform, learningSignal, options: { samples, baseline, decay }, state }) {
    const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
    if (baseline === "none") return { surrogate: score(cost, learningSignal(cost), logp) };
    const [average, weight] = [state["baseline"]!, state["weight"]!];
    return {
      surrogate: score(cost, learningSignal(tf.sub(cost, pastMean(average, weight))), logp),
      state: {
        baseline: movingAverage(average, tf.mean(cost), decay),
        weight: movingAverage(weight, tf.scalar(1), decay),
      },
    };
  },
});
