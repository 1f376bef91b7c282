import type { Tensor } from "@tensorflow/tfjs";

/**
 * A family of discrete distributions as a site uses it. Every function broadcasts over leading axes;
 * E is the event: [D] for Bernoulli, [D, K] for one-hot categorical. Noise has the shape of the event.
 */
export interface Family {
  readonly name: "bernoulli" | "categorical";
  /** Outcomes of one variable of a site of this shape. */
  outcomes(shape: readonly number[]): number;
  /** Variables of a site of this shape. */
  variables(shape: readonly number[]): number;
  /** Event axes at the end of a sample's shape that belong to one variable: 0 for Bernoulli, 1 for one-hot. */
  readonly rank: 0 | 1;
  /** logits + noise: logistic log u − log(1 − u), or Gumbel −log(−log u). [..., E] */
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
  /** The Jacobian of the probabilities applied to v: p(1 − p)v, or π ⊙ (v − πᵀv). [..., E] */
  jacobian(probabilities: Tensor, v: Tensor): Tensor;
  /** Perturbed logits given the hard sample x, from uniforms v, differentiable in the logits (REBAR's z̃). [..., E] */
  conditional(logits: Tensor, x: Tensor, v: Tensor): Tensor;
  /** All outcomes of one variable, [C] or [C, K], in order 0, 1, ... */
  table(shape: readonly number[]): Tensor;
  /** x with variable d set to outcome k. [..., E] */
  set(x: Tensor, d: number, k: number): Tensor;
}
