import { stop, tf } from "./core/autodiff.ts";
import { searchEvaluations, withoutReplacement } from "./core/beam.ts";
import { importance } from "./core/inclusion.ts";
import { severalSamples } from "./core/shared-definition.ts";
import { estimator } from "./estimator.ts";

/**
 * REINFORCE without replacement: k different configurations, weighted by the probability to be among them.
 *
 * Estimate: g = Σ_s (p_s/q_s) [f_s (1 − p_s + p_s/q_s) − Σ_r (p_r/q_r) f_r] ∇log p_s, with q_s = 1 − exp(−e^{log p_s − κ}) and κ
 * the (k + 1)-th largest perturbed log probability. `baseline=none` leaves the sum over r and the factor of f_s out. The task's
 * cost is weighted by p_s/q_s too.
 * Unbiased: given κ the k samples are independent importance samples, so that the baseline adds ∇p_s p_r f_r for r ≠ s, whose sum
 * over all s is −∇p_r p_r f_r. The factor of f_s takes that back.
 * Several layers: a search over all of them, see unordered-set.
 * Evaluations: k, and k + 1 for each layer but the last.
 * Limit: with all configurations it is exact.
 */
export default estimator({
  name: "reinforce-wor",
  title: "REINFORCE without replacement",
  paper: "kool2019",
  formula: "g = Σ_s (p_s/q_s) [f_s (1 − p_s + p_s/q_s) − Σ_r (p_r/q_r) f_r] ∇log p_s",
  options: {
    samples: { ...severalSamples, doc: "configurations per row, drawn without replacement" },
    baseline: {
      default: "built-in",
      choices: ["built-in", "none"],
      doc: "built-in: the weighted mean of the costs of all samples",
    },
  },
  claims: {
    requires: ["density", "softmax"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites, { samples }) => ({
      forward: searchEvaluations(sites, Number(samples), 1),
      backward: 0,
    }),
  },
  estimate(problem) {
    const { samples, baseline } = problem.options;
    const { cost, logp, order } = withoutReplacement(problem, samples, 1);
    const p = stop(tf.exp(logp)); // [k, B]
    const weight = importance(stop(logp), order);
    const expected = tf.sum(tf.mul(weight, cost), 0); // [B]
    const own = tf.add(tf.sub(1, p), weight);
    const signal = baseline === "none" ? cost : tf.sub(tf.mul(cost, own), expected);
    const scores = tf.sum(tf.mul(stop(tf.mul(weight, signal)), logp), 0);
    return { surrogate: tf.mean(tf.add(expected, scores)), cost: expected };
  },
});
