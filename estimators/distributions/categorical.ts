import type { Tensor } from "@tensorflow/tfjs";
import { stop, tf } from "../core/autodiff.ts";
import { partialSums, rolled } from "../core/slicing.ts";
import { defineFamily } from "./family.ts";

/** log Σ exp over the last axis, twice differentiable. [..., D, K] → [..., D, 1] */
export function logSumExp(x: Tensor): Tensor {
  const top = stop(tf.max(x, -1, true));
  return tf.add(tf.log(tf.sum(tf.exp(tf.sub(x, top)), -1, true)), top);
}

/** log softmax over the last axis. Unlike those of tf.logSoftmax its second derivatives are right. [..., D, K] */
export const logSoftmax = (logits: Tensor) => tf.sub(logits, logSumExp(logits));

/** log E of a standard exponential variable E = −log u. −log E is standard Gumbel. */
const logExponential = (uniform: Tensor) => tf.log(tf.neg(tf.log(uniform)));

const unitVectors = (K: number) =>
  Array.from({ length: K }, (_, k) => Array.from({ length: K }, (_, j) => Number(j === k)));

/** Variables with K outcomes as one-hot vectors D, P(D = e_k) = π_k = softmax(φ)_k. The event is [D, K]. */
export const categorical = defineFamily({
  name: "categorical",
  properties: ["exponential", "one-hot"],
  rank: 1,
  outcomes: (shape) => shape.at(-1)!,
  table: (shape) => unitVectors(shape.at(-1)!),
  variables: (shape) => shape.at(-2) ?? 1,
  perturb: (logits, uniform) => tf.sub(logits, logExponential(uniform)),
  // The cast avoids a fault of tfjs's WebAssembly oneHot, which writes integers into an array of floats.
  harden: (perturbed) =>
    tf.cast(tf.oneHot(tf.argMax(stop(perturbed), -1), perturbed.shape.at(-1)!), "float32"),
  soften: (perturbed, temperature) => tf.softmax(tf.div(perturbed, temperature)),
  mean: (logits) => tf.softmax(logits),
  logProb: (logits, x) => tf.sum(tf.mul(x, logSoftmax(logits)), -1),
  entropy: (logits) => tf.neg(tf.sum(tf.mul(tf.softmax(logits), logSoftmax(logits)), -1)),
  kl: (q, p) => tf.sum(tf.mul(tf.softmax(q), tf.sub(logSoftmax(q), logSoftmax(p))), -1),
  next: (x) => rolled(x, x.rank - 1, x.shape.at(-1)! - 1),
  /** Off the tape; the largest ratio of probabilities is e^80, which float32 holds. */
  rise(logits, x) {
    const p = stop(tf.softmax(logits));
    const upTo = partialSums(x, "i"); // 1 at the outcomes up to z
    const above = tf.sub(1, upTo);
    const [below, tail] = [upTo, above].map((side) => tf.sum(tf.mul(side, p), -1, true)) as [Tensor, Tensor];
    const logp = stop(logSoftmax(logits));
    const ratio = tf.exp(tf.minimum(tf.sub(logp, tf.sum(tf.mul(x, logp), -1, true)), 80));
    return tf.mul(ratio, tf.sub(tf.mul(above, below), tf.mul(upTo, tail)));
  },
  jacobian: (p, v) => tf.mul(p, tf.sub(v, tf.sum(tf.mul(p, v), -1, true))),
  /**
   * z̃ = −log of arrival times, with E = −log v and Z = Σ e^φ: the drawn outcome x arrives at E_x/Z, any other outcome
   * i at E_i/e^φ_i + E_x/Z. Computed from the logarithms it stays finite for masked logits.
   */
  conditional: (logits, x, v) => {
    const time = logExponential(v);
    const first = tf.sub(tf.sum(tf.mul(x, time), -1, true), logSumExp(logits)); // [..., D, 1]
    const after = tf.softplus(tf.sub(tf.sub(time, logits), first));
    return tf.neg(tf.add(first, tf.mul(tf.sub(1, x), after)));
  },
});
