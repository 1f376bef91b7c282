import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { halfwayLogits, softenedAt } from "./core/halfway.ts";
import { count, pathwise, samples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * ReinMax-CV: ReinMax less η times a relaxed term, plus η times its mean over inner draws.
 *
 * Estimate: g = g_ReinMax − η [(1/τ) J(s) − mean_r (1/τ) J(s_r)] f′(D), with s = softmax((θ′ + G)/τ), G the noise of D =
 * onehot argmax(φ + G), and s_r the same with noise given D under θ′ = log ½(π + D), as in reinmax-rao. With
 * `noise=conditional` G, too, is drawn given D under θ′. g is [S, B, ...shape].
 * Biased. Given D the noise of φ is not the noise of θ′, so that with `noise=sample` the bracket has a mean given D: it
 * moves the bias, and the variance may fall or rise with it. With `noise=conditional` the bracket has mean 0 given D;
 * since g_ReinMax depends on D alone, the two are uncorrelated, and the variance grows by that of the bracket, for every η.
 * Evaluations: S, each with its derivative. The inner draws need none.
 * Limit: at η = 0 it is reinmax at τ = 1.
 */
export default estimator({
  name: "reinmax-cv",
  title: "ReinMax-CV",
  paper: "wang2026",
  formula: "g = g_ReinMax − η (1/τ) [J(softmax((θ′ + G)/τ)) − E J(softmax((θ′ + G)/τ))] f′(D)",
  options: {
    samples,
    draws: count(10, "inner draws of the noise given the sample"),
    temperature: {
      default: 0.5,
      minimum: 0,
      exclusive: true,
      schedule: true,
      doc: "temperature τ of the relaxation",
    },
    eta: { default: 0.5, doc: "scale η of the relaxed term" },
    noise: {
      default: "sample",
      choices: ["sample", "conditional"],
      doc: "noise G: that of the sample, as in the paper, or drawn given the sample",
    },
  },
  claims: { ...pathwise, requires: ["mean", "softmax", "conditional", "relaxation"], unbiased: false },
  estimate({ run, uniform, options: { samples, draws, temperature, eta, noise } }) {
    const { cost } = run((site) => {
      const { family, logits } = site;
      const u = uniform(site, samples);
      const x = hard(site, u);
      const halfway = halfwayLogits(site, x);
      const given = (n: number, tag: string) => {
        const v = tf.reshape(uniform(site, n * samples, tag), [n, ...x.shape]); // [n, S, B, ...]
        return tf.mean(softenedAt(site, family.conditional(halfway, x, v), temperature), 0);
      };
      const one =
        noise === "sample" ? softenedAt(site, family.perturb(halfway, u), temperature) : given(1, "one");
      const middle = stop(tf.mul(0.5, tf.add(family.mean(logits), x)));
      const reinmax = tf.sub(tf.mul(2, family.jacobian(middle, logits)), tf.mul(0.5, family.mean(logits)));
      return straightThrough(x, tf.sub(reinmax, tf.mul(eta, tf.sub(one, given(draws, "inner")))));
    });
    return { surrogate: tf.mean(cost) };
  },
});
