import type { Tensor } from "@tensorflow/tfjs";

/**
 * The functions of a family of discrete distributions. Every function broadcasts over leading axes. E is the event: [D]
 * for Bernoulli, [D, K] for one-hot variables. φ are logits [..., E], and uniforms in (0, 1) have the shape of the
 * sample.
 */
export interface Family {
  readonly name: "bernoulli" | "categorical";
  /** The number of outcomes of a variable, for a site of this shape. */
  outcomes(shape: readonly number[]): number;
  /** The number of variables of a site of this shape. */
  variables(shape: readonly number[]): number;
  /** The number of trailing axes that belong to one variable: 0 for Bernoulli, 1 for one-hot. */
  readonly rank: 0 | 1;
  /** Perturbed logits: φ plus logistic noise log u − log(1 − u), or Gumbel noise −log(−log u). [..., E] */
  perturb(logits: Tensor, uniform: Tensor): Tensor;
  /** The hard sample of perturbed logits: 1[x > 0], or one-hot argmax. [..., E] */
  harden(perturbed: Tensor): Tensor;
  /** The relaxation: σ(x/τ), or softmax(x/τ). [..., E] */
  soften(perturbed: Tensor, temperature: Tensor | number): Tensor;
  /** p = σ(φ), or π = softmax(φ). [..., E] */
  probabilities(logits: Tensor): Tensor;
  /** log q(x), per variable. [..., D] */
  logProb(logits: Tensor, x: Tensor): Tensor;
  /** Entropy in nats, per variable. [..., D] */
  entropy(logits: Tensor): Tensor;
  /** KL(q ‖ p) in nats, per variable. [..., D] */
  kl(q: Tensor, p: Tensor): Tensor;
  /** The product of v with the Jacobian of the probabilities: p(1 − p)v, or π ⊙ (v − πᵀv). [..., E] */
  jacobian(probabilities: Tensor, v: Tensor): Tensor;
  /** Perturbed logits given the hard sample x, from uniforms v (z̃ of REBAR). Differentiable in the logits. [..., E] */
  conditional(logits: Tensor, x: Tensor, v: Tensor): Tensor;
}
