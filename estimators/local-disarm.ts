import { stop, tf } from "./core/autodiff.ts";
import { boundWith, logMeanExp } from "./core/multi-sample.ts";
import { severalSamples } from "./core/shared-definition.ts";
import { hard, lift, row } from "./core/toolkit.ts";
import { estimator } from "./estimator.ts";

/**
 * Local DisARM: the multi-sample bound, with an antithetic sample for each of its samples in turn.
 *
 * Estimate: g = −∇L̂ − Σ_s ½ (L̂ − L̂(b̃_s)) (b_s − b̃_s) σ(|φ|), with L̂ = log mean_s w_s, b_s and b̃_s antithetic as in
 * disarm, and L̂(b̃_s) the bound with b̃_s in place of b_s. The cost is the whole
 * negative log weight, so the task must be a model. g is [S, B, D].
 * Unbiased for the gradient of −E L̂: given the other samples it is disarm.
 * Evaluations: 2S.
 * Limit: as log weights approach each other it is disarm, averaged over samples.
 */
export default estimator({
  name: "local-disarm",
  title: "Local DisARM (multi-sample bound)",
  paper: "dong2020",
  formula: "g = −∇L̂ − Σ_s ½ (L̂ − L̂(b̃_s)) (b_s − b̃_s) σ(|φ|)",
  options: { samples: { ...severalSamples, doc: "samples per row, which are those of the bound" } },
  claims: {
    requires: ["bits"],
    sites: "one",
    unbiased: true,
    needs: "values",
    objective: "multi-sample",
    evaluations: (_sites, { samples }) => ({ forward: 2 * Number(samples), backward: 0 }),
  },
  estimate({ run, uniform, options: { samples } }) {
    const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
    const other = run((site) => hard(site, tf.sub(1, uniform(site, samples))));
    const [{ site, x }] = drawn as [(typeof drawn)[0]];
    const logWeights = tf.neg(cost);
    const bound = logMeanExp(logWeights); // [B]
    const gain = tf.sub(bound, boundWith(logWeights, tf.neg(other.cost))); // [S, B]
    const weight = tf.mul(tf.sub(x, other.drawn[0]!.x), tf.sigmoid(tf.abs(site.logits)));
    const gradient = stop(tf.mul(lift(tf.mul(0.5, gain), x), weight));
    const along = tf.sum(row(tf.mul(gradient, site.logits)), 0); // [B]
    return { surrogate: tf.neg(tf.mean(tf.add(bound, along))) };
  },
});
