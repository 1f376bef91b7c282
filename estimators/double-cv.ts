import { gradients, stop, tf } from "./core/autodiff.ts";
import { secondMoment } from "./core/relaxed-control-variate.ts";
import { othersMean } from "./core/leave-one-out.ts";
import { controlRate, perSampleWithDerivative, severalSamples } from "./core/shared-definition.ts";
import { carry, hard, lift, row } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * Double control variates: leave-one-out REINFORCE with linear control variates for the cost and for its baseline.
 *
 * Estimate: g = 1/S Σ_s [f_s + c_s − mean_{j≠s}(f_j + c_j)] (b_s − p) − α mean_s ḡ_{−s} ⊙ p(1 − p), with c_s = α
 * ḡ_{−s}ᵀ(b_s − p) and ḡ_{−s} the mean of ∇f over the other samples. The scalar α starts at 0 and minimises the second
 * moment of g.
 * Unbiased: ḡ_{−s} does not depend on b_s, so that E[c_s (b_s − p)] = α ḡ_{−s} p(1 − p), which is subtracted. Given the
 * other samples, c_j has mean 0.
 * Evaluations: S, each with its derivative.
 * Limit: at α = 0 it is rloo.
 */
export default estimator({
  name: "double-cv",
  title: "Double control variates",
  paper: "titsias2022",
  formula: "g = 1/S Σ_s [f_s + c_s − mean_{j≠s}(f_j + c_j)](b_s − p) − α mean_s ∇f(b_s) ⊙ p(1 − p)",
  options: { samples: severalSamples, "control-rate": controlRate("α") },
  claims: {
    ...perSampleWithDerivative,
    requires: ["bits", "softmax"],
    unbiased: true,
    coefficients: ["alpha"],
  },
  init: () => ({ parameters: { alpha: tf.scalar(0) } }),
  estimate({ run, uniform, parameters, options: { samples } }) {
    const alpha = parameters["alpha"]!;
    const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
    const xs = drawn.map(({ x }) => x);
    const slopes = gradients(cost, xs).map((slope) => stop(othersMean(slope))); // [S, B, D]
    const scores = drawn.map(({ site, x }) => tf.sub(x, stop(tf.sigmoid(site.logits))));
    const variate = slopes
      .map((slope, i) => row(tf.mul(slope, scores[i]!)))
      .reduce((sum, linear) => tf.add(sum, linear)); // [S, B]
    const signal = tf.add(stop(cost), tf.mul(alpha, variate));
    const advantage = tf.sub(signal, othersMean(signal));
    const given = drawn.map(({ site }, i) => {
      const p = stop(tf.sigmoid(site.logits));
      const compensation = tf.mul(alpha, site.family.jacobian(p, slopes[i]!));
      const weighted = tf.mul(lift(advantage, scores[i]!), scores[i]!);
      return { site, gradient: tf.sub(weighted, compensation) };
    });
    return { surrogate: carry(cost, given), control: secondMoment(given) };
  },
});
