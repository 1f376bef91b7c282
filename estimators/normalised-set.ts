import { stop, tf } from "./core/autodiff.ts";
import { searchEvaluations, withoutReplacement } from "./core/beam.ts";
import { importance } from "./core/inclusion.ts";
import { severalSamples } from "./core/shared-definition.ts";
import { estimator } from "./estimator.ts";

/**
 * The expected cost over a set of samples without replacement, with their weights normalised.
 *
 * Estimate: g = Σ_s v_s (f_s − Σ_r v_r f_r) ∇log p_s, with v = w/Σw over the k samples. `weights=importance`: w_s = p_s/q_s as in
 * reinforce-wor. `weights=probability`: w_s = p_s, and g is the gradient of Σ_s v_s f_s, the minimum risk of Shen et al. 2016. The
 * task's cost is weighted by v too.
 * Biased, because the weights are normalised.
 * Several layers: a search over all of them, see unordered-set.
 * Evaluations: k, and k + 1 for each layer but the last.
 * Limit: with all configurations it is exact.
 */
export default estimator({
  name: "normalised-set",
  title: "Normalised samples without replacement",
  aliases: ["minimum-risk"],
  paper: "kool2019",
  formula: "g = Σ_s v_s (f_s − Σ_r v_r f_r) ∇log p_s,  v = w/Σw",
  options: {
    samples: { ...severalSamples, doc: "configurations per row, drawn without replacement" },
    weights: {
      default: "importance",
      choices: ["importance", "probability"],
      doc: "importance: probability over that of being drawn; probability: the risk of the set",
    },
  },
  claims: {
    requires: ["density", "softmax"],
    sites: "any",
    unbiased: false,
    needs: "values",
    sampleLaw: () => "other", // that of the weighted samples
    evaluations: (sites, { samples }) => ({
      forward: searchEvaluations(sites, Number(samples), 1),
      backward: 0,
    }),
  },
  estimate(problem) {
    const { samples, weights } = problem.options;
    const { cost, logp, order } = withoutReplacement(problem, samples, 1);
    const given = stop(logp); // [k, B]
    const relative = tf.exp(tf.sub(given, tf.max(given, 0, true)));
    const weight = weights === "importance" ? importance(given, order) : relative;
    const share = tf.div(weight, tf.sum(weight, 0, true));
    const expected = tf.sum(tf.mul(share, cost), 0); // [B]
    const signal = tf.mul(share, tf.sub(cost, expected));
    return {
      surrogate: tf.mean(tf.add(expected, tf.sum(tf.mul(stop(signal), logp), 0))),
      cost: expected,
    };
  },
});
