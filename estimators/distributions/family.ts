import type { Tensor } from "@tensorflow/tfjs";

/** What every family has. */
interface Basis {
  /** In messages, after "variables are". It holds the family's constants, so that equal names are equal families. */
  readonly name: string;
  /** The number of trailing axes that belong to one variable: 0 for Bernoulli, 1 for one-hot. */
  readonly rank: 0 | 1;
  /** The number of independent variables of a site of this shape. */
  variables(shape: readonly number[]): number;
  /** The number of outcomes of a variable, for a site of this shape. */
  outcomes(shape: readonly number[]): number;
  /** A hard sample of the law q, by default that of perturbed logits. [..., E] */
  sample(logits: Tensor, uniform: Tensor): Tensor;
  /** The most probable outcome, by default that of logits without noise. [..., E] */
  mode(logits: Tensor): Tensor;
}

/** What some families have. */
interface Optional {
  /** The outcomes of one variable, one after the other; those of the last axis belong together. */
  table(shape: readonly number[]): readonly (readonly number[])[];
  /** log q(x), per variable. [..., D] */
  logProb(logits: Tensor, x: Tensor): Tensor;
  /** Entropy in nats, per variable. [..., D] */
  entropy(logits: Tensor): Tensor;
  /** KL(q ‖ p) in nats, per variable. [..., D] */
  kl(q: Tensor, p: Tensor): Tensor;
  /** E z, differentiable in the logits: p = σ(φ), or π = softmax(φ). [..., E] */
  mean(logits: Tensor): Tensor;
  /** Perturbed logits: φ plus logistic noise log u − log(1 − u), or Gumbel noise −log(−log u). [..., E] */
  perturb(logits: Tensor, uniform: Tensor): Tensor;
  /** The outcome z with the largest xᵀz of perturbed logits x: 1[x > 0], or one-hot argmax. [..., E] */
  harden(perturbed: Tensor): Tensor;
  /** The relaxation of that outcome: σ(x/τ), or softmax(x/τ). [..., E] */
  soften(perturbed: Tensor, temperature: Tensor | number): Tensor;
  /** Perturbed logits given the hard sample x, from uniforms v (z̃ of REBAR). Differentiable in the logits. [..., E] */
  conditional(logits: Tensor, x: Tensor, v: Tensor): Tensor;
  /** The next outcome in their order; of the last any one. [..., E] */
  next(x: Tensor): Tensor;
  /** −∇F(z)/q(z) at the outcome z, with F the distribution function in that order; 0 at the last. [..., E] */
  rise(logits: Tensor, x: Tensor): Tensor;
  /** The product of v with the Jacobian of the mean: p(1 − p)v, or π ⊙ (v − πᵀv). [..., E] */
  jacobian(mean: Tensor, v: Tensor): Tensor;
}

/** Each capability: the functions that belong to it, and its words in messages, after "variables". */
const definitions = {
  enumeration: { functions: ["table"], words: "whose outcomes can be enumerated" },
  density: { functions: ["logProb"], words: "with a density" },
  divergence: { functions: ["entropy", "kl"], words: "with an entropy and a divergence" },
  mean: { functions: ["mean"], words: "whose mean is known" },
  perturbation: { functions: ["perturb", "harden"], words: "with perturbed logits" },
  relaxation: { functions: ["perturb", "soften"], words: "that can be relaxed" },
  conditional: { functions: ["conditional"], words: "with noise given the sample" },
  softmax: { functions: ["jacobian"], words: "with a logit for each outcome" },
  ordered: { functions: ["next", "rise"], words: "with ordered outcomes" },
  "gumbel-max": { functions: [], words: "that are argmaxes of perturbed logits" },
  exponential: { functions: [], words: "whose logits are natural parameters" },
  bits: { functions: [], words: "that are bits" },
  "one-hot": { functions: [], words: "that are one-hot vectors" },
} as const satisfies Record<string, { functions: readonly (keyof Optional)[]; words: string }>;

/**
 * What a family can do beyond sampling, and what an estimator requires.
 *
 * - enumeration: `table`; density: `logProb`; divergence: `entropy` and `kl`; mean: `mean`.
 * - perturbation: `perturb` and `harden`; relaxation: `perturb` and `soften`; conditional: `conditional`.
 * - softmax: z is a bit or one-hot, with a logit for each outcome (0 for the bit 0), and there is `jacobian`.
 * - ordered: `next` and `rise`.
 * - gumbel-max: the sample is that of perturbed logits, which follows q.
 * - exponential: ∇_φ log q(z) = z − E z. bits: z ∈ {0, 1} with P(z = 1) = σ(φ). one-hot: z is one-hot with E z = softmax(φ).
 */
export type Capability = keyof typeof definitions;
export const capabilities = Object.keys(definitions) as Capability[];

/**
 * A family of discrete distributions. Every function broadcasts over leading axes. E is the event: [D] for variables of rank 0,
 * [D, K] for those of rank 1. φ are logits [..., E], and uniforms in (0, 1) have the shape of the sample. A function of a
 * capability that the family lacks throws.
 */
export interface Family extends Basis, Optional {
  readonly capabilities: readonly Capability[];
}

interface Parts
  extends Omit<Basis, "sample" | "mode">, Partial<Pick<Basis, "sample" | "mode">>, Partial<Optional> {
  /** Properties of the values. */
  readonly properties?: readonly Capability[];
}

/** The functions that belong to a capability. */
export const functionsOf = (one: Capability): readonly (keyof Optional)[] => definitions[one].functions;

/** A family of its parts: it has the capabilities whose functions are there, and those among the properties. */
export function defineFamily({ properties = [], ...parts }: Parts): Family {
  const stated = parts.sample || !parts.harden ? properties : [...properties, "gumbel-max"];
  const has = (one: Capability) => {
    const functions = functionsOf(one);
    return functions.length === 0 ? stated.includes(one) : functions.every((f) => parts[f]);
  };
  const absent = (f: keyof Optional) => (): never => {
    const capability = capabilities.find((one) => functionsOf(one).includes(f))!;
    throw new Error(
      `${parts.name} variables have no ${f}. An estimator that calls it must list "${capability}" in claims.requires.`,
    );
  };
  const missing = capabilities.flatMap(functionsOf).filter((f) => !parts[f]);
  const family = {
    ...Object.fromEntries(missing.map((f) => [f, absent(f)])),
    sample: (logits: Tensor, uniform: Tensor) => family.harden(family.perturb(logits, uniform)),
    mode: (logits: Tensor) => family.harden(logits),
    ...parts,
    capabilities: capabilities.filter(has),
  } as Family;
  return family;
}

/** What the family lacks of the requirements, after "needs"; undefined if it meets them. */
export function lacking(
  { capabilities: there }: Pick<Family, "capabilities">,
  required: readonly Capability[],
): string | undefined {
  const first = required.find((one) => !there.includes(one));
  return first && `variables ${definitions[first].words}`;
}
