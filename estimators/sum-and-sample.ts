import { stop, tf } from "./core/autodiff.ts";
import { beam, gumbels, logOutcomes } from "./core/beam.ts";
import { configurations } from "./core/configurations.ts";
import { severalSamples } from "./core/shared-definition.ts";
import { at, part } from "./core/slicing.ts";
import { hard } from "./core/toolkit.ts";
import { estimator, type Problem, type Site, type T } from "./estimator.ts";

/**
 * A configuration drawn from those that are not in `top`, one variable after another: outcome c of variable d has
 * weight π_c (1 − Σ q(the rest of s)) over the s in `top` that agree so far and have s_d = c. This needs no rejection
 * and no sum over configurations. top [n, B, D, K] one-hot, log π [B, D, K], Gumbels [B, D, K] → [1, B, D, K]
 */
function remainder(top: T, outcomes: T, gumbel: T): T {
  const D = outcomes.shape[1]!;
  const n = top.shape[0];
  const each = tf.sum(tf.mul(top, tf.expandDims(outcomes, 0)), -1); // log π of each variable of each s [n, B, D]
  const later = Array.from({ length: D }, (_, i) => Array.from({ length: D }, (_, d) => Number(i > d)));
  const sums = tf.matMul(tf.reshape(each, [-1, D]), tf.tensor2d(later));
  const after = tf.reshape(sums, each.shape); // log q of the variables after each variable [n, B, D]
  let agree: T = tf.ones([n, outcomes.shape[0]]); // [n, B]
  const drawn: T[] = [];
  for (let d = 0; d < D; d++) {
    const ofTop = at(top, 2, d); // [n, B, K]
    const gone = tf.sum(tf.mul(tf.expandDims(tf.mul(agree, tf.exp(at(after, 2, d))), -1), ofTop), 0); // [B, K]
    const left = tf.log(tf.maximum(tf.sub(1, gone), 1e-30));
    const score = tf.add(tf.add(at(outcomes, 1, d), left), at(gumbel, 1, d));
    const z = tf.oneHot(tf.argMax(score, -1), outcomes.shape[2]!, 1, 0, "float32"); // [B, K]
    agree = tf.mul(agree, tf.sum(tf.mul(ofTop, tf.expandDims(z, 0)), -1));
    drawn.push(z);
  }
  return tf.expandDims(tf.stack(drawn, 1), 0);
}

/** The most probable configurations and one of the others. [samples, B, ...shape] */
function summedAndSampled(site: Site, samples: number, uniform: Problem["uniform"]): T {
  const bits = site.family.rank === 0;
  const { x: top } = beam(site, samples - 1);
  const oneHot = bits ? tf.stack([tf.sub(1, top), top], -1) : top;
  const gumbel = tf.squeeze(gumbels(site, 1, uniform), [0]);
  const rest = remainder(oneHot, tf.squeeze(logOutcomes(site), [0]), gumbel);
  return tf.concat([top, bits ? at(rest, 3, 1) : rest], 0);
}

/**
 * Sum-and-sample: the most probable configurations are summed, and one of the others is sampled.
 *
 * Estimate: g = Σ_{s∈T} p_s (f(s) − b) ∇log p_s + (1 − Σ_T p_s)(f(s_k) − b) ∇log p(s_k), with T the k − 1 most probable
 * configurations of the joint distribution, s_k drawn from the others, and b the cost of one more independent sample or
 * 0.
 * Unbiased: the second term is the mean over the others by one draw, and E ∇log p = 0. The task's cost is weighted alike.
 * Evaluations: k, and one more with a baseline.
 * Limit: with all configurations it is exact.
 */
export default estimator({
  name: "sum-and-sample",
  title: "Sum and sample",
  paper: "liu2019",
  formula: "g = Σ_{top k−1} p_s f(s) ∇log p_s + (1 − Σ p_s) f(s_k) ∇log p(s_k)",
  options: {
    samples: { ...severalSamples, doc: "number k of configurations per row; all but one are summed" },
    baseline: {
      default: "sample",
      choices: ["none", "sample"],
      doc: "baseline: the cost of one more sample, or none",
    },
  },
  claims: {
    requires: ["density", "softmax"],
    sites: "one",
    unbiased: true,
    needs: "values",
    evaluations: (_sites, { samples, baseline }) => ({
      forward: Number(samples) + Number(baseline === "sample"),
      backward: 0,
    }),
  },
  supports(sites, { samples }) {
    const size = configurations(sites);
    return size < Number(samples)
      ? `samples must be at most the ${size} configurations of layer "${sites[0]!.name}", got ${Number(samples)}`
      : undefined;
  },
  estimate({ run, uniform, options: { samples, baseline } }) {
    const extra = baseline === "sample" ? 1 : 0;
    const { cost, logp } = run((site) => {
      const drawn = summedAndSampled(site, samples, uniform);
      return extra ? tf.concat([drawn, hard(site, uniform(site, 1, "baseline"))], 0) : drawn;
    });
    const [f, logs] = [part(cost, 0, 0, samples), part(logp, 0, 0, samples)]; // [k, B]
    const p = stop(tf.exp(part(logs, 0, 0, samples - 1)));
    const weights = tf.concat([p, tf.relu(tf.sub(1, tf.sum(p, 0, true)))], 0);
    const signal = extra ? tf.sub(f, part(cost, 0, samples, 1)) : f;
    const expected = tf.sum(tf.mul(weights, f), 0); // [B]
    const scores = tf.sum(tf.mul(stop(tf.mul(weights, signal)), logs), 0);
    return { surrogate: tf.mean(tf.add(expected, scores)), cost: expected };
  },
});
