/**
 * Discrete distributions and their relaxations. This is the package's export `./distributions`.
 *
 * Parameters are logits of shape [..., E], where E is the event: [D] for D Bernoulli variables, [D, K] for D one-hot
 * variables with K outcomes. Samples are computed from uniforms in (0, 1) of the shape of the sample, so that the caller
 * owns the randomness. Leading axes broadcast. Densities, entropies and divergences are in nats, per variable [..., D].
 * All functions are differentiable in the logits except `sample` and `mode` of discrete distributions. A temperature that is
 * no positive number is refused; shapes that do not broadcast are errors of tfjs.
 */
import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../core/autodiff.ts";
import { bernoulli } from "./bernoulli.ts";
import { categorical, logSumExp } from "./categorical.ts";
import { counts } from "./counts.ts";
import { signs } from "./signs.ts";
import { subset } from "./subset.ts";
import { type Capability, type Family, lacking } from "./family.ts";

export type { Capability, Family } from "./family.ts";
export { lacking } from "./family.ts";
export { bernoulli } from "./bernoulli.ts";
export { counts } from "./counts.ts";
export { signs } from "./signs.ts";
export { subset } from "./subset.ts";
export { categorical, logSoftmax, logSumExp } from "./categorical.ts";

/** All families by name; `subset(k)` is one for each k, `counts(m)` for each largest count. */
export const families = { bernoulli, categorical, subset, counts, signs } as const;

/** One variable of every family, for tables, help and tests. */
export const oneOfEach = [
  { kind: "bernoulli", letter: "B", words: "one bit", family: bernoulli, shape: [1] },
  {
    kind: "categorical",
    letter: "C",
    words: "one variable with three outcomes",
    family: categorical,
    shape: [1, 3],
  },
  {
    kind: "subset",
    letter: "S",
    words: "one subset of two of four elements",
    family: subset(2),
    shape: [1, 4],
  },
  { kind: "counts", letter: "N", words: "one count up to two", family: counts(2), shape: [1] },
  { kind: "signs", letter: "±", words: "one sign", family: signs, shape: [1] },
] as const satisfies readonly {
  kind: keyof typeof families;
  letter: string;
  words: string;
  family: Family;
  shape: number[];
}[];

/** Those whose families have all of these capabilities. */
export const thoseWith = (required: readonly Capability[]) =>
  oneOfEach.filter(({ family }) => lacking(family, required) === undefined);

/** Parameters of a discrete distribution. */
export interface DiscreteParameters {
  /** [..., E] */
  readonly logits: Tensor;
}

export interface Discrete extends DiscreteParameters {
  /** A hard sample, by thresholding or Gumbel-Max. uniform [..., E] → [..., E] of zeros and ones */
  sample(uniform: Tensor): Tensor;
  /** log q(x) of hard samples, in nats. x [..., E] → [..., D] */
  logProb(x: Tensor): Tensor;
  /** E z, which is σ(φ) or softmax(φ). [..., E] */
  mean(): Tensor;
  /** The most probable outcome; the first of equals, and 0 for a bit with probability ½. [..., E] */
  mode(): Tensor;
  /** Entropy in nats. [..., D] */
  entropy(): Tensor;
  /** KL(this ‖ other) in nats, in closed form, for another distribution of the same family. [..., D] */
  kl(other: Discrete): Tensor;
}

/** Parameters of a relaxed distribution. */
export interface RelaxedParameters extends DiscreteParameters {
  /** The temperature τ > 0, a number or a scalar. */
  readonly temperature: Tensor | number;
}

export interface Relaxed extends RelaxedParameters {
  /** A relaxed sample, differentiable in the logits and the temperature. uniform [..., E] → [..., E] in [0, 1] */
  sample(uniform: Tensor): Tensor;
  /**
   * Log density of relaxed samples, in nats: with respect to dy for a bit, and to dy_1 … dy_{K−1} for a one-hot
   * variable. It stays finite where float32 rounds y to 0 or 1. y [..., E] → [..., D]
   */
  logProb(y: Tensor): Tensor;
}

const discrete = (family: Family, logits: Tensor): Discrete => ({
  logits,
  sample: (uniform) => family.harden(family.perturb(logits, uniform)),
  logProb: (x) => family.logProb(logits, x),
  mean: () => family.mean(logits),
  mode: () => family.harden(logits),
  entropy: () => family.entropy(logits),
  kl: (other) => family.kl(logits, other.logits),
});

function checkTemperature(temperature: Tensor | number, hard: string): void {
  if (typeof temperature === "number" && !(temperature > 0))
    throw new RangeError(
      `The temperature must be positive, got ${temperature}. ${hard} has the hard samples that are the limit at 0.`,
    );
}

/** The smallest and the largest y at which a relaxed density is evaluated. */
const [lowest, highest] = [2 ** -100, 1 - 2 ** -24];

/** Bernoulli variables z ∈ {0, 1} with P(z = 1) = σ(φ). logits φ [..., D] */
export const Bernoulli = ({ logits }: DiscreteParameters): Discrete => discrete(bernoulli, logits);

/** One-hot variables D with K outcomes and P(D = e_k) = softmax(φ)_k. logits φ [..., D, K] */
export const OneHotCategorical = ({ logits }: DiscreteParameters): Discrete => discrete(categorical, logits);

/**
 * The binary Concrete distribution y = σ((φ + L)/τ) with L standard logistic (Maddison et al. 2016; Jang et al. 2016).
 * logits φ [..., D]
 *
 * log p(y) = log τ + a − 2 softplus(a) − log y − log(1 − y) with a = φ − τ logit(y).
 */
export const RelaxedBernoulli = ({ logits, temperature }: RelaxedParameters): Relaxed => {
  checkTemperature(temperature, "Bernoulli");
  return {
    logits,
    temperature,
    sample: (uniform) => bernoulli.soften(bernoulli.perturb(logits, uniform), temperature),
    logProb(y) {
      const inner = tf.minimum(tf.maximum(y, lowest), highest);
      const [logY, logRest] = [tf.log(inner), tf.log(tf.sub(1, inner))];
      const a = tf.sub(logits, tf.mul(temperature, tf.sub(logY, logRest)));
      const density = tf.sub(a, tf.mul(2, tf.softplus(a)));
      return tf.sub(tf.sub(tf.add(tf.log(temperature), density), logY), logRest);
    },
  };
};

/**
 * The Concrete, or Gumbel-Softmax, distribution y = softmax((φ + G)/τ) on the simplex, with G standard Gumbel (Maddison et
 * al. 2016; Jang et al. 2016). logits φ [..., D, K]
 *
 * log p(y) = log (K − 1)! + (K − 1) log τ + Σ_k (a_k − log y_k) − K log Σ_k exp a_k with a = φ − τ log y.
 */
export const RelaxedOneHotCategorical = ({ logits, temperature }: RelaxedParameters): Relaxed => {
  checkTemperature(temperature, "OneHotCategorical");
  return {
    logits,
    temperature,
    sample: (uniform) => categorical.soften(categorical.perturb(logits, uniform), temperature),
    logProb(y) {
      const K = logits.shape.at(-1)!;
      const logY = tf.log(tf.maximum(y, lowest));
      const a = tf.sub(logits, tf.mul(temperature, logY));
      const logFactorial = Array.from({ length: K - 1 }, (_, i) => Math.log(i + 1)).reduce(
        (x, z) => x + z,
        0,
      );
      const scale = tf.add(logFactorial, tf.mul(K - 1, tf.log(temperature)));
      const normaliser = tf.mul(K, tf.squeeze(logSumExp(a), [-1]));
      return tf.add(scale, tf.sub(tf.sum(tf.sub(a, logY), -1), normaliser));
    },
  };
};
