/** Control variates: the relaxed cost of REBAR and RELAX, and the objective that fits coefficients. */
import { gradients, stop, tf } from "./autodiff.ts";
import type { Estimate, Named, Problem, Settings, Site, SiteSpec, T } from "../estimator.ts";
import { hard, lift, type LogitsGradient, row } from "./toolkit.ts";

/**
 * Mean over rows of |g|², g the estimate of a row: the objective of a control variate's coefficients. `given` holds the
 * gradients that `carry` takes, of which the estimate is the mean over samples. Scalar.
 */
export function secondMoment(given: readonly LogitsGradient[]): T {
  const squares = given.map(({ site, gradient }) => {
    const S = gradient.shape[0];
    const estimate = site.logits.shape[0] === 1 ? tf.mean(gradient, 0, true) : tf.div(gradient, S);
    return tf.sum(row(tf.square(estimate)), 0); // [B]
  });
  return tf.mean(squares.reduce((a, b) => tf.add(a, b)));
}

/**
 * The control variate c(z) [S, B] of a site, as a function of its perturbed logits z [S, B, ...]. `relaxed` evaluates
 * the program at the relaxation of z at a temperature and returns its cost [S, B].
 */
export type Variate = (site: Site, z: T, relaxed: (temperature: T) => T) => T;

/** Options of the variate ηf(s(z)), s the relaxation at temperature λ. */
export const relaxedCostOptions = {
  scale: { default: 1, doc: "η before training" },
  temperature: { default: 0.5, minimum: 0, exclusive: true, doc: "temperature λ before training" },
} as const;

/** What `controlled` requires of families. */
export const controlledRequires = ["density", "mean", "exponential", "relaxation", "conditional"] as const;

/** η and log λ of one site, as parameters of the estimator. */
export const initRelaxedCost = ({ name }: SiteSpec, { scale, temperature }: Settings): Named => ({
  [`scale/${name}`]: tf.scalar(Number(scale)),
  [`log-temperature/${name}`]: tf.scalar(Math.log(Number(temperature))),
});

/** The variate ηf(s(z)) with the parameters of `initRelaxedCost`. */
export const relaxedCost =
  (parameters: Named): Variate =>
  ({ name }, _z, relaxed) =>
    tf.mul(parameters[`scale/${name}`]!, relaxed(tf.exp(parameters[`log-temperature/${name}`]!)));

/**
 * REINFORCE with a control variate of the perturbed logits, whose mean is added back by reparameterisation. REBAR and
 * RELAX are this estimator with different variates.
 *
 * Estimate, for each site: g = [f(b) − c(z̃)] ∇log q(b) + ∇c(z) − ∇c(z̃), with z the perturbed logits, b = H(z),
 * z̃ ~ z | b.
 * Unbiased for every c: E[c(z̃) ∇log q(b)] = E[∇c(z) − ∇c(z̃)], where both derivatives pass through the dependence of z
 * and z̃ on the logits at fixed noise.
 * Several sites: in c's cost the sites above are hard samples. The sites below are relaxed too, with the noise of the
 * hard run, which is independent of the site's noise. Each site costs two relaxed evaluations.
 *
 * `control` is the mean over samples and rows of |g|².
 */
export function controlled(
  {
    run,
    uniform,
    learningSignal,
    options: { samples },
  }: Problem<{ samples: { default: number; doc: string } }>,
  variate: Variate,
): Estimate {
  const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
  const f = stop(cost);
  const parts = drawn.map(({ site, x }, i) => {
    const { family } = site;
    const logits = tf.add(site.logits, tf.zerosLike(x)); // a tensor of this site alone, [S, B, ...]
    const above = new Map(drawn.slice(0, i).map((one) => [one.site.name, one.x]));
    const relaxedAt = (z: T) => (temperature: T) =>
      run((met) => {
        const sample = above.get(met.name);
        if (sample) return sample;
        const perturbed = met.name === site.name ? z : met.family.perturb(met.logits, uniform(met, samples));
        return met.family.soften(perturbed, temperature);
      }).cost;
    const variateAt = (z: T) => variate(site, z, relaxedAt(z));
    const free = variateAt(family.perturb(logits, uniform(site, samples)));
    const given = variateAt(family.conditional(logits, x, uniform(site, samples, "conditional")));
    const [slope] = gradients(tf.sub(free, given), [logits]) as [T];
    const advantage = tf.sub(f, given); // [S, B]
    const score = tf.sub(x, family.mean(logits)); // ∇ log q(b)
    return {
      surrogate: tf.add(
        tf.mul(stop(learningSignal(advantage, site)), row(family.logProb(site.logits, x))),
        row(tf.mul(stop(slope), site.logits)),
      ),
      square: row(tf.square(tf.add(tf.mul(lift(advantage, x), score), slope))),
    };
  });
  return {
    surrogate: tf.mean(parts.reduce((sum, { surrogate }) => tf.add(sum, surrogate), cost)),
    control: tf.mean(parts.map(({ square }) => square).reduce((a, b) => tf.add(a, b))),
  };
}
