import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../core/autodiff.ts";
import { bernoulli } from "./bernoulli.ts";
import { defineFamily } from "./family.ts";

/** Between bits b and signs z = 2b − 1. */
const sign = (b: Tensor) => tf.sub(tf.mul(2, b), 1);
const bit = (z: Tensor) => tf.mul(0.5, tf.add(z, 1));

/**
 * Signed bits z ∈ {−1, 1} with P(z = 1) = σ(φ): Bernoulli variables as 2b − 1. The event is [D]. E z = tanh ½φ, and so ∇ log q(z)
 * is half of z − E z.
 */
export const signs = defineFamily({
  name: "sign",
  rank: 0,
  variables: (shape) => bernoulli.variables(shape),
  outcomes: (shape) => bernoulli.outcomes(shape),
  table: () => [[-1], [1]],
  perturb: (logits, uniform) => bernoulli.perturb(logits, uniform),
  harden: (perturbed) => sign(bernoulli.harden(perturbed)),
  soften: (perturbed, temperature) => sign(bernoulli.soften(perturbed, temperature)),
  mean: (logits) => sign(bernoulli.mean(logits)),
  logProb: (logits, x) => bernoulli.logProb(logits, bit(x)),
  entropy: (logits) => bernoulli.entropy(logits),
  kl: (q, p) => bernoulli.kl(q, p),
  next: (x) => tf.neg(x),
  rise: (logits, x) => bernoulli.rise(logits, bit(x)),
  conditional: (logits, x, v) => bernoulli.conditional(logits, bit(x), v),
});
