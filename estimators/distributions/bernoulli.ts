import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../core/autodiff.ts";
import { defineFamily } from "./family.ts";

/** log u − log(1 − u): a standard logistic variable from a uniform in (0, 1). */
const logistic = (uniform: Tensor) => tf.sub(tf.log(uniform), tf.log(tf.sub(1, uniform)));

/** Bernoulli variables z ∈ {0, 1} with P(z = 1) = σ(φ). The event is [D]. */
export const bernoulli = defineFamily({
  name: "bernoulli",
  properties: ["exponential", "bits"],
  rank: 0,
  outcomes: () => 2,
  table: () => [[0], [1]],
  variables: (shape) => shape.at(-1) ?? 1,
  perturb: (logits, uniform) => tf.add(logits, logistic(uniform)),
  harden: (perturbed) => tf.step(perturbed),
  soften: (perturbed, temperature) => tf.sigmoid(tf.div(perturbed, temperature)),
  mean: (logits) => tf.sigmoid(logits),
  logProb: (logits, x) => tf.sub(tf.mul(x, logits), tf.softplus(logits)),
  /** H = softplus(φ) − φσ(φ), evaluated at −|φ| by symmetry, so that neither term is large. */
  entropy: (logits) => {
    const low = tf.neg(tf.abs(logits));
    return tf.sub(tf.softplus(low), tf.mul(low, tf.sigmoid(low)));
  },
  /** σ(q)(q − p) + softplus(p) − softplus(q). */
  kl: (q, p) => tf.add(tf.mul(tf.sigmoid(q), tf.sub(q, p)), tf.sub(tf.softplus(p), tf.softplus(q))),
  next: (x) => tf.sub(1, x),
  rise: (logits, x) => tf.mul(tf.sigmoid(logits), tf.sub(1, x)),
  jacobian: (p, v) => tf.mul(tf.mul(p, tf.sub(1, p)), v),
  /**
   * z̃ = φ + logit(v′) with v′ = v(1 − p) if x = 0 and v′ = vp + (1 − p) if x = 1. For x = 1 it is computed from
   * e^z̃ = 1 + v/(1 − v)·(1 + e^φ), and for x = 0 by symmetry, so that it stays finite and has the right sign where p
   * rounds to 0 or 1.
   */
  conditional: (logits, x, v) => {
    const odds = logistic(v);
    const one = tf.softplus(tf.add(odds, tf.softplus(logits)));
    const zero = tf.neg(tf.softplus(tf.sub(tf.softplus(tf.neg(logits)), odds)));
    return tf.add(tf.mul(x, one), tf.mul(tf.sub(1, x), zero));
  },
});
