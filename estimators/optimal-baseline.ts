import type { Rank } from "@tensorflow/tfjs";
import { stop, tf } from "./core/autodiff.ts";
import { leaveOneOut } from "./core/leave-one-out.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { carry, hard, lift } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** Below it a sum of squares counts as none, and the plain mean of the others is the baseline. */
const smallest = 1e-30;

/** |∇log q|² of each variable [S, B, D], or [S, B, D, 1]. */
const squaredScore = ({ family }: Site, score: T): T =>
  family.rank === 0 ? tf.square(score) : tf.sum(tf.square(score), -1, true);

/**
 * Leave-one-out REINFORCE with the optimal constant of each variable as baseline, estimated from the other samples.
 *
 * Estimate: g_d = 1/S Σ_s (f_s − b_sd) ∇ log q(z_sd) with b_sd = Σ_{j≠s} f_j |∇ log q(z_jd)|² / Σ_{j≠s} |∇ log q(z_jd)|². The
 * constant E f|∇ log q|² / E|∇ log q|² has the least variance of all constants (Peters & Schaal 2008). g is [S, B, ...shape].
 * Unbiased: b_sd does not depend on z_s.
 * Evaluations: S.
 * Limit: at S = 2 the weights cancel, and it is rloo.
 */
export default estimator({
  name: "optimal-baseline",
  title: "Optimal constant baseline per variable",
  aliases: ["optimal-constant"],
  paper: "peters2008",
  formula:
    "g_d = 1/S Σ_s (f_s − b_sd) ∇ log q(z_sd),  b_sd the mean of the others weighted by |∇ log q(z_d)|²",
  options: { samples: severalSamples },
  claims: { ...perSample, requires: ["exponential", "mean"], unbiased: true },
  estimate({ run, uniform, options: { samples } }) {
    const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
    /** The sum over the other samples, without a difference that would lose small weights beside a large one. */
    const others = (x: T) => {
      const flat = tf.reshape<Rank.R2>(x, [samples, -1]);
      return tf.reshape(tf.matMul(tf.sub(1, tf.eye(samples)), flat), x.shape);
    };
    const advantage = leaveOneOut(cost); // f less the mean of the others
    const given = drawn.map(({ site, x }) => {
      const score = stop(tf.sub(x, site.family.mean(site.logits)));
      const weight = tf.add(squaredScore(site, score), smallest);
      const f = lift(cost, score);
      // From costs less those of their own row, so that no digits are lost to a large mean.
      const centred = tf.sub(f, tf.mean(f, 0, true));
      const baseline = tf.div(others(tf.mul(weight, centred)), others(weight));
      const signal = samples === 2 ? lift(advantage, score) : tf.sub(centred, baseline);
      return { site, gradient: tf.mul(signal, score) };
    });
    return { surrogate: carry(cost, given) };
  },
});
