import { tf } from "./core/autodiff.ts";
import { credit, decay, perSample, samples } from "./core/shared-definition.ts";
import { hard, localScore, movingAverage, pastMean, score } from "./core/toolkit.ts";
import { estimator, type Named, type SiteSpec, type T } from "./estimator.ts";

/** The name of a layer's moving average, with local credit. */
const baselineOf = ({ name }: SiteSpec) => `baseline/${name}`;

/**
 * REINFORCE, the score-function estimator, with the moving average of past costs as an optional baseline.
 *
 * Estimate: g = (f(z) − b) ∇ log q(z) with b_t = Σ_{s<t} β^{t−1−s} f_s / Σ_{s<t} β^{t−1−s}, which starts from the
 * pilot's mean cost.
 * Unbiased: b depends on past steps only.
 * With `credit=local` a layer is credited with the terms of the cost that its sample can change, and only these; each layer
 * has its own b, which starts from the mean of these terms.
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
    credit,
  },
  claims: { ...perSample, unbiased: true, learningSignal: "joint" },
  init({ sites, options, pilot }) {
    if (options["baseline"] === "none") return {};
    const weight = 1 - Number(options["decay"]);
    const { mean, meanOf } = pilot();
    const means: readonly (readonly [string, number])[] =
      options["credit"] === "local"
        ? sites.map((site) => [baselineOf(site), meanOf(site)])
        : [["baseline", mean]];
    const averages = means.map(([name, start]) => [name, tf.scalar(weight * start)]);
    return { state: { ...(Object.fromEntries(averages) as Named), weight: tf.scalar(weight) } };
  },
  estimate({ run, uniform, learningSignal, options: { samples, baseline, decay, credit }, state }) {
    const evaluated = run((site) => hard(site, uniform(site, samples)));
    const next: Named = {};
    /** The signal of a cost whose moving average has this name. */
    const signal = (given: T, name: string) => {
      if (baseline === "none") return learningSignal(given);
      next[name] = movingAverage(state[name]!, tf.mean(given), decay);
      return learningSignal(tf.sub(given, pastMean(state[name]!, state["weight"]!)));
    };
    const surrogate =
      credit === "local"
        ? localScore(evaluated, (given, site) => signal(given, baselineOf(site)))
        : score(evaluated.cost, signal(evaluated.cost, "baseline"), evaluated.logp);
    if (baseline === "none") return { surrogate };
    return { surrogate, state: { ...next, weight: movingAverage(state["weight"]!, tf.scalar(1), decay) } };
  },
});
