import { gradients, stop, tf } from "./core/autodiff.ts";
import { samples } from "./core/shared-definition.ts";
import { hard, row } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * MuProp: REINFORCE with the first-order expansion of the cost about the mean-field point as control variate.
 *
 * Estimate: g = ∇log q(z) [f(z) − f(z̄) − f′(z̄)ᵀ(z − z̄)] + f′(z̄) ∇μ(z_above), with z̄ = μ(z̄_above) the mean-field
 * pass and f′ its derivative through the layers below.
 * Unbiased: z̄ and f′ depend on no noise, so that E[∇log q(z) f′ᵀz] = f′∇μ at the logits of the drawn pass.
 * Several layers: a layer's bracket includes the linear terms of the layers above, which are constant given their samples.
 * Evaluations: S + 1. The one at the mean-field point has a derivative.
 * Limit: for one layer and a linear cost it is exact.
 */
export default estimator({
  name: "muprop",
  title: "MuProp",
  paper: "gu2015",
  formula: "g = ∇log q(z) [f(z) − f(z̄) − f′(z̄)ᵀ(z − z̄)] + f′(z̄) ∇μ",
  options: { samples },
  claims: {
    requires: ["density", "mean", "softmax"],
    sites: "any",
    unbiased: true,
    learningSignal: "per-site",
    needs: "derivatives",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples) + 1, backward: 1 }),
  },
  estimate({ run, uniform, learningSignal, options: { samples } }) {
    const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
    const field = run((site) => site.family.mean(site.logits));
    const means = new Map(field.drawn.map(({ site, x }) => [site.name, x]));
    const slopes = gradients(
      field.cost,
      drawn.map(({ site }) => means.get(site.name)!),
    ); // [1, B, ...]
    let residual = tf.sub(cost, field.cost); // [S, B]
    const parts = drawn.map(({ site, x }, i) => {
      const { family, logits } = site;
      residual = tf.sub(residual, row(tf.mul(slopes[i]!, tf.sub(x, means.get(site.name)!))));
      const compensation = family.jacobian(family.mean(logits), slopes[i]!); // [1 or S, B, ...]
      return tf.add(
        tf.mul(stop(learningSignal(residual, site)), row(family.logProb(logits, x))),
        row(tf.mul(stop(compensation), logits)),
      );
    });
    return { surrogate: tf.mean(parts.reduce((sum, part) => tf.add(sum, part), cost)) };
  },
});
