/**
 * Discrete distributions and their relaxations, for use outside the harness too. Samples come from given
 * uniforms in (0, 1), so that whoever calls owns the randomness. Parameters are logits of shape [..., E], E the
 * event: [D] for Bernoulli, [D, K] for one-hot. Densities and entropies are in nats, per variable [..., D].
 */
import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../core/autodiff.ts";
import { bernoulli } from "./bernoulli.ts";
import { categorical, logSumExp } from "./categorical.ts";
import type { Family } from "./family.ts";

export type { Family } from "./family.ts";
export { bernoulli } from "./bernoulli.ts";
export { categorical, logSoftmax, logSumExp } from "./categorical.ts";

/** All families by name. */
export const families = { bernoulli, categorical } as const;

export interface Discrete {
  readonly logits: Tensor;
  /** A hard sample from uniforms of the event's shape, by thresholding or Gumbel-Max. */
  sample(uniform: Tensor): Tensor;
  /** log q(x). [..., D] */
  logProb(x: Tensor): Tensor;
  /** The probabilities. [..., E] */
  mean(): Tensor;
  /** The most probable outcome. [..., E] */
  mode(): Tensor;
  /** In nats. [..., D] */
  entropy(): Tensor;
  /** KL(this ‖ other) in nats, analytic. [..., D] */
  kl(other: Discrete): Tensor;
}

export interface Relaxed {
  readonly logits: Tensor;
  readonly temperature: Tensor | number;
  /** A relaxed sample from uniforms, differentiable in the logits. [..., E] */
  sample(uniform: Tensor): Tensor;
  /** Log density of a relaxed sample. [..., D] */
  logProb(y: Tensor): Tensor;
}

function discrete(family: Family, logits: Tensor): Discrete {
  return {
    logits,
    sample: (uniform) => family.harden(family.perturb(logits, uniform)),
    logProb: (x) => family.logProb(logits, x),
    mean: () => family.probabilities(logits),
    mode: () => family.harden(logits),
    entropy: () => family.entropy(logits),
    kl: (other) => family.kl(logits, other.logits),
  };
}

/**
 * Relaxed samples whose density stays finite: at a corner of the simplex float32 holds y = 0 or 1, where the
 * logarithms are not. A density there is that of the nearest point within.
 */
const LOWEST = 2 ** -100;
const HIGHEST = 1 - 2 ** -24;

/** Binary variables, P(z = 1) = σ(φ). */
export const Bernoulli = ({ logits }: { logits: Tensor }): Discrete => discrete(bernoulli, logits);

/** One-hot variables, P(D = e_k) = softmax(φ)_k. */
export const OneHotCategorical = ({ logits }: { logits: Tensor }): Discrete => discrete(categorical, logits);

/**
 * The binary Concrete distribution y = σ((φ + L)/τ), L standard logistic (Maddison et al. 2016; Jang et al. 2016).
 * With a = φ − τ logit(y): log p(y) = log τ + a − 2 softplus(a) − log y − log(1 − y).
 */
export function RelaxedBernoulli({
  logits,
  temperature,
}: {
  logits: Tensor;
  temperature: Tensor | number;
}): Relaxed {
  return {
    logits,
    temperature,
    sample: (uniform) => bernoulli.soften(bernoulli.perturb(logits, uniform), temperature),
    logProb: (y) => {
      const inner = tf.minimum(tf.maximum(y, LOWEST), HIGHEST);
      const [logY, logRest] = [tf.log(inner), tf.log(tf.sub(1, inner))];
      const a = tf.sub(logits, tf.mul(temperature, tf.sub(logY, logRest)));
      const density = tf.sub(a, tf.mul(2, tf.softplus(a)));
      return tf.sub(tf.sub(tf.add(tf.log(temperature), density), logY), logRest);
    },
  };
}

/**
 * The Concrete, or Gumbel-Softmax, distribution y = softmax((φ + G)/τ) on the simplex. With a = φ − τ log y:
 * log p(y) = log (K − 1)! + (K − 1) log τ + Σ_k (a_k − log y_k) − K log Σ_k exp a_k.
 */
export function RelaxedOneHotCategorical({
  logits,
  temperature,
}: {
  logits: Tensor;
  temperature: Tensor | number;
}): Relaxed {
  return {
    logits,
    temperature,
    sample: (uniform) => categorical.soften(categorical.perturb(logits, uniform), temperature),
    logProb: (y) => {
      const K = logits.shape.at(-1)!;
      const logY = tf.log(tf.maximum(y, LOWEST));
      const a = tf.sub(logits, tf.mul(temperature, logY));
      const logFactorial = Array.from({ length: K - 1 }, (_, i) => Math.log(i + 1)).reduce(
        (sum, x) => sum + x,
        0,
      );
      const scale = tf.add(logFactorial, tf.mul(K - 1, tf.log(temperature)));
      const normaliser = tf.mul(K, tf.squeeze(logSumExp(a), [-1]));
      return tf.add(scale, tf.sub(tf.sum(tf.sub(a, logY), -1), normaliser));
    },
  };
}
