import type { Tensor } from "@tensorflow/tfjs";
import { stop, tf } from "../core/autodiff.ts";
import { partialSums } from "../core/slicing.ts";
import { logSoftmax } from "./categorical.ts";
import { defineFamily, type Family } from "./family.ts";

/**
 * Counts z ∈ {0, …, m} with a Poisson law of log rate φ, truncated: q(z) ∝ exp(zφ)/z!. The event is [D]; the sample is the
 * integer itself.
 *
 * It is drawn by inversion of the distribution function from one uniform. With m = 1 it is Bernoulli's distribution, and as m
 * grows it is Poisson's. There is no relaxation: one uniform for each variable leaves none for the outcomes. An integer with a
 * logit for each value is a categorical variable whose cost takes Σ_k k z_k.
 */
export function counts(most: number): Family {
  const values = Array.from({ length: most + 1 }, (_, j) => j);
  const logFactorials = values.map((j) =>
    values.slice(1, j + 1).reduce((sum, factor) => sum + Math.log(factor), 0),
  );
  const integers = () => tf.tensor1d(values);
  /** log q of all values. [..., D] → [..., D, m + 1] */
  const logs = (logits: Tensor) =>
    logSoftmax(tf.sub(tf.mul(tf.expandDims(logits, -1), integers()), tf.tensor1d(logFactorials)));
  /** 1 at the value x, straight between integers. [..., D] → [..., D, m + 1] */
  const at = (x: Tensor) => tf.relu(tf.sub(1, tf.abs(tf.sub(tf.expandDims(x, -1), integers()))));
  /** E of a function of the values [m + 1]. */
  const expected = (logits: Tensor, f: Tensor) => tf.sum(tf.mul(tf.exp(logs(logits)), f), -1);
  return defineFamily({
    name: `count up to ${most}`,
    properties: ["exponential"],
    rank: 0,
    variables: (shape) => shape.at(-1) ?? 1,
    outcomes: () => most + 1,
    table: () => values.map((j) => [j]),
    sample(logits, uniform) {
      const upTo = partialSums(tf.exp(logs(logits)), "start"); // F
      const reached = tf.step(tf.sub(tf.expandDims(uniform, -1), upTo));
      // F(m) is 1, up to rounding.
      return tf.sum(tf.mul(reached, tf.tensor1d(values.map((j) => Number(j < most)))), -1);
    },
    mode: (logits) => tf.cast(tf.argMax(stop(logs(logits)), -1), "float32"),
    logProb: (logits, x) => tf.sum(tf.mul(at(x), logs(logits)), -1),
    entropy: (logits) => tf.neg(expected(logits, logs(logits))),
    kl: (q, p) => expected(q, tf.sub(logs(q), logs(p))),
    mean: (logits) => expected(logits, integers()),
    next: (x) => tf.minimum(tf.add(x, 1), most),
    /** Σ_{j≤z} (E z − j) q(j)/q(z); the largest ratio of probabilities is e^80. Off the tape. */
    rise(logits, x) {
      const logq = stop(logs(logits));
      const mean = tf.expandDims(stop(expected(logits, integers())), -1);
      const here = tf.sum(tf.mul(at(x), logq), -1, true);
      const ratio = tf.exp(tf.minimum(tf.sub(logq, here), 80));
      const upTo = tf.step(tf.add(tf.sub(tf.expandDims(x, -1), integers()), 0.5));
      return tf.sum(tf.mul(tf.mul(upTo, tf.sub(mean, integers())), ratio), -1);
    },
  });
}
