import { gradients, stop, tf } from "./core/autodiff.ts";
import { estimator, type T } from "./estimator.ts";
import { secondMoment } from "./core/second-moment.ts";
import { carry, hard, lift, row } from "./core/toolkit.ts";

/** The mean over the other samples. [S, ...] → [S, ...] */
const othersMean = (x: T): T => tf.div(tf.sub(tf.sum(x, 0, true), x), x.shape[0] - 1);

/**
 * Double control variates: leave-one-out REINFORCE with linear control variates, in the cost and in its baseline.
 *
 * c_s = α ḡ_{−s}ᵀ(b_s − p), ḡ_{−s} the mean of ∇f over the other samples:
 * g = 1/S Σ_s [f_s + c_s − mean_{j≠s}(f_j + c_j)] (b_s − p) − α mean_s ḡ_{−s} ⊙ p(1 − p).
 * Unbiased: ḡ_{−s} does not know b_s, so E[c_s (b_s − p)] = α ḡ_{−s} p(1 − p), which is taken off; and c_j has mean 0
 * given the other samples. The scalar α starts at 0, where this is rloo, and descends the second moment of g.
 * Evaluations: S, with derivatives.
 */
export default estimator({
  name: "double-cv",
  title: "Double control variates",
  paper: "titsias2022",
  formula: "g = 1/S Σ_s [f_s + c_s − mean_{j≠s}(f_j + c_j)](b_s − p) − α mean_s ∇f(b_s) ⊙ p(1 − p)",
  options: {
    samples: { default: 4, minimum: 2, maximum: 10_000, integer: true, doc: "samples per row" },
    "control-rate": { default: 10, minimum: 0, doc: "learning rate of α, in units of the task's, up to .03" },
  },
  claims: {
    families: ["bernoulli"],
    sites: "any",
    unbiased: true,
    needs: "derivatives",
    coefficients: ["alpha"],
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
  init: () => ({ parameters: { alpha: tf.scalar(0) } }),
  estimate({ run, uniform, parameters, options: { samples } }) {
    const alpha = parameters["alpha"]!;
    const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
    const slopes = gradients(
      cost,
      drawn.map(({ x }) => x),
    ).map((slope) => stop(othersMean(slope))); // [S, B, D]
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
