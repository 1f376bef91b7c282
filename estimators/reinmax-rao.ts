import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { halfwayLogits, softenedAt } from "./core/halfway.ts";
import { count, pathwise, samples, temperature } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * ReinMax-Rao: the Jacobian of ReinMax halfway between π and D is that of relaxed samples given D, averaged over draws.
 *
 * Estimate: g = 2 mean_r (1/τ) J(s_r) f′(D) − ½ J(π) f′(D), with s_r = softmax((θ′ + G_r)/τ), G_r given that D is the largest
 * entry, and θ′ = log ½(π + D). With `relax=sample` s_r = ½(π + softmax((φ + G_r)/τ)) without the factor 1/τ. g is [S, B,
 * ...shape].
 * Biased.
 * Evaluations: S, each with its derivative. The inner draws need none.
 * Limits: as τ → 0 it is zgr − ½ st, and with `relax=sample` reinmax. The first is half the gradient of a linear cost.
 */
export default estimator({
  name: "reinmax-rao",
  title: "ReinMax-Rao",
  paper: "wang2026",
  formula: "g = 2 E[(1/τ) J(softmax((θ′ + G)/τ)) | D] f′(D) − ½ J(π) f′(D),  θ′ = log ½(π + D)",
  options: {
    samples,
    draws: count(10, "inner draws of the noise given the sample"),
    temperature: temperature("temperature τ of the relaxation"),
    relax: {
      default: "halfway",
      choices: ["halfway", "sample"],
      doc: "what is relaxed: ½(π + D), or D alone",
    },
  },
  claims: { ...pathwise, requires: ["mean", "softmax", "conditional", "relaxation"], unbiased: false },
  estimate({ run, uniform, options: { samples, draws, temperature, relax } }) {
    const { cost } = run((site) => {
      const { family, logits } = site;
      const x = hard(site, uniform(site, samples));
      const v = tf.reshape(uniform(site, draws * samples, "inner"), [draws, ...x.shape]); // [R, S, B, ...]
      const p = family.mean(logits);
      const relaxed = () => {
        const s = family.soften(family.conditional(logits, x, v), temperature);
        return family.jacobian(stop(tf.mul(0.5, tf.add(p, s))), logits);
      };
      const term =
        relax === "sample"
          ? relaxed()
          : softenedAt(site, family.conditional(halfwayLogits(site, x), x, v), temperature);
      return straightThrough(x, tf.sub(tf.mul(2, tf.mean(term, 0)), tf.mul(0.5, p)));
    });
    return { surrogate: tf.mean(cost) };
  },
});
