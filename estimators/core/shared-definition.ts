/** Options and claims that several estimators share. */
import type { Claims, Site, SiteSpec, T } from "../estimator.ts";
import { tf } from "./autodiff.ts";

/** A whole number from `minimum` to 10,000. */
export const count = (byDefault: number, doc: string, minimum = 1) =>
  ({ default: byDefault, minimum, maximum: 10_000, integer: true, doc }) as const;

/** The number S of samples per row. */
export const samples = count(1, "samples per row");

/** S for estimators that compare the samples of a row with each other. */
export const severalSamples = count(4, "samples per row", 2);

/** The temperature τ of a relaxation: a number or a schedule; its default comes from the task. */
export const temperature = (doc: string) =>
  ({
    default: 1,
    minimum: 0,
    exclusive: true,
    schedule: true,
    fromTask: true,
    doc,
    beyond:
      "At 0 a relaxed sample is the hard one and has no gradient: choose a small temperature such as 0.1, or zgr, the limit of gumbel-rao.",
  }) as const;

/** The temperature τ_f of the forward pass. */
export const forwardTemperature = {
  default: 1,
  minimum: 0,
  exclusive: true,
  doc: "temperature τ_f of the sample; other than 1 it draws from softmax(φ/τ_f), not from the model",
} as const;

/** The law of hardened perturbed logits. */
export const lawOfPerturbed = (sites: readonly SiteSpec[]) =>
  sites.every(({ family }) => family.capabilities.includes("gumbel-max")) ? "exact" : "other";

/** The scale η of the Gumbel or logistic noise (Friede & Niepert 2021). */
export const noiseScale = {
  default: 1,
  minimum: 0,
  exclusive: true,
  doc: "scale η of the noise; other than 1 its argmax follows softmax(φ/η), not the model",
} as const;

/** φ + ηG. [S, B, ...shape] */
export const perturbedBy = (site: Site, scale: number, uniform: T): T =>
  scale === 1
    ? site.family.perturb(site.logits, uniform)
    : tf.mul(scale, site.family.perturb(tf.div(site.logits, scale), uniform));

/** The logits of the sample at the temperature of the forward pass. */
export const forwardLogits = <X extends Site>(site: X, temperature: number): X =>
  temperature === 1 ? site : { ...site, logits: tf.div(site.logits, temperature) };

/** Which part of the cost multiplies the score of a site. */
export const credit = {
  default: "global",
  choices: ["global", "local"],
  doc: "global: the whole cost multiplies every site's score; local: only the terms that the site can change",
} as const;

/** The decay of a moving average. */
export const decay = (byDefault: number, doc: string) =>
  ({ default: byDefault, minimum: 0, maximum: 1, doc }) as const;

/** The rate at which the estimator's parameters are trained. */
export const controlRate = (trained: string) =>
  ({
    default: 10,
    minimum: 0,
    doc: `learning rate of ${trained}, as a multiple of the task's rate; the product is capped at .03`,
  }) as const;

/** Claims of an estimator for any number of sites that evaluates the cost S times per row, without derivatives. */
export const perSample = {
  requires: ["density"],
  sites: "any",
  needs: "values",
  evaluations: (_sites, options) => ({ forward: Number(options["samples"]), backward: 0 }),
} as const satisfies Partial<Claims>;

/** The same with the derivative of each evaluation; what it requires is its own. */
export const perSampleWithDerivative = {
  sites: "any",
  needs: "derivatives",
  evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
} as const satisfies Partial<Claims>;

/** The same for one that answers the sampler of a single run and takes the mean cost for its surrogate. */
export const pathwise = {
  ...perSampleWithDerivative,
  siteRule: "sampler",
} as const satisfies Partial<Claims>;
