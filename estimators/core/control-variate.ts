import { gradients, stop, tf } from "./autodiff.ts";
import type { Estimate, Problem, Site, T } from "../estimator.ts";
import { hard, lift, row } from "./toolkit.ts";

/**
 * The control variate of a site as a function of its perturbed logits z [S, B, ...]: c(z) [S, B]. `relaxed` plays the
 * program with the relaxation of z at a temperature and gives its cost [S, B].
 */
export type Variate = (site: Site, z: T, relaxed: (temperature: T) => T) => T;

/**
 * REINFORCE with a control variate of perturbed logits, whose mean is added back by reparameterisation: REBAR's and
 * RELAX's estimator.
 *
 * Site by site: g = [f(b) − c(z̃)] ∇log q(b) + ∇c(z) − ∇c(z̃), b = H(z), z̃ ~ z | b. Unbiased for every c, because
 * E[c(z̃) ∇log q(b)] = E[∇c(z) − ∇c(z̃)] where both derivatives pass through z's and z̃'s dependence on the logits, at
 * fixed noise. With several sites, the sites above are hard in c's cost, those below relaxed too, with the noise of the
 * hard run, which is independent of the site's own: one pair of relaxed plays a site.
 *
 * `control` is the second moment: |g|² of a sample and row, mean over both.
 */
export function controlled(
  { run, uniform, options: { samples } }: Problem<{ samples: { default: number; doc: string } }>,
  variate: Variate,
): Estimate {
  const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
  const f = stop(cost);
  const parts = drawn.map(({ site, x }, i) => {
    const { family } = site;
    const logits = tf.add(site.logits, tf.zerosLike(x)); // a tensor of this site's own, [S, B, ...]
    const above = new Map(drawn.slice(0, i).map((one) => [one.site.name, one.x]));
    const play = (z: T) => (temperature: T) =>
      run((met) => {
        const known = above.get(met.name);
        if (known) return known;
        const own = met.name === site.name;
        return met.family.soften(
          own ? z : met.family.perturb(met.logits, uniform(met, samples)),
          temperature,
        );
      }).cost;
    const at = (z: T) => variate(site, z, play(z));
    const free = at(family.perturb(logits, uniform(site, samples)));
    const given = at(family.conditional(logits, x, uniform(site, samples, "conditional")));
    const [slope] = gradients(tf.sub(free, given), [logits]) as [T];
    const advantage = tf.sub(f, given); // [S, B]
    const score = tf.sub(x, family.probabilities(logits)); // ∇ log q(b)
    return {
      surrogate: tf.add(
        tf.mul(stop(advantage), row(family.logProb(site.logits, x))),
        row(tf.mul(stop(slope), site.logits)),
      ),
      secondMoment: row(tf.square(tf.add(tf.mul(lift(advantage, x), score), slope))),
    };
  });
  return {
    surrogate: tf.mean(parts.reduce((sum, { surrogate }) => tf.add(sum, surrogate), cost)),
    control: tf.mean(parts.map(({ secondMoment }) => secondMoment).reduce((a, b) => tf.add(a, b))),
  };
}
