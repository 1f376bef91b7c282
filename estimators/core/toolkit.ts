/**
 * The primitives from which estimators are built. `toolkit` hands the same functions to plug-ins, so that a plug-in
 * needs no import of its own and the process holds one copy of tfjs.
 */
import { dependence, gradients, stop, straightThrough, tf } from "./autodiff.ts";
import { families } from "../distributions/index.ts";
import { estimator, type Run, type Site, type T } from "../estimator.ts";

/** A hard sample from uniforms in (0, 1), off the tape. [S, B, ...shape] → [S, B, ...shape] */
export const hard = (site: Site, uniform: T): T => stop(site.family.sample(stop(site.logits), uniform));

/** Sums all axes after the first two. [S, B, ...] → [S, B] */
export const row = (x: T): T =>
  x.rank <= 2
    ? x
    : tf.sum(
        x,
        x.shape.slice(2).map((_, i) => i + 2),
      );

/** Adds axes of size 1 until the value has the rank of `like`. [S, B] → [S, B, 1, ...] */
export const lift = (value: T, like: T): T =>
  tf.reshape(value, [...value.shape, ...Array.from({ length: like.rank - value.rank }, () => 1)]);

/** log q of the samples, summed over sites and variables. [S, B] */
export const logProb = (drawn: Run["drawn"]): T =>
  drawn.map(({ site, x }) => row(site.family.logProb(site.logits, x))).reduce((a, b) => tf.add(a, b));

/** mean(cost + stop(advantage) · log q): the surrogate of a score-function estimator. Arguments are [S, B]. */
export const score = (cost: T, advantage: T, logp: T): T =>
  tf.mean(tf.add(cost, tf.mul(stop(advantage), logp)));

/**
 * mean(cost + Σ_site stop(l_site) log q(z_site)), the score function with a signal l [S, B] for each site: `signalOf` makes
 * it from the terms of the cost that the site can change (Schulman et al. 2015, §3.1; local signals of Mnih & Gregor 2014).
 */
export const localScore = ({ cost, costOf, drawn }: Run, signalOf: (cost: T, site: Site) => T): T =>
  tf.mean(
    drawn.reduce((sum, { site, x }) => {
      const logp = row(site.family.logProb(site.logits, x));
      return tf.add(sum, tf.mul(stop(signalOf(costOf(site), site)), logp));
    }, cost),
  );

/** A gradient of the cost with respect to a site's logits, for each sample. [S, B, ...shape] */
export interface LogitsGradient {
  readonly site: Site;
  readonly gradient: T;
}

/** mean(cost + Σ stop(gradient) · logits): the surrogate of explicit gradients, one for each site. */
export const carry = (cost: T, given: readonly LogitsGradient[]): T =>
  tf.mean(
    given.reduce((sum, { site, gradient }) => tf.add(sum, row(tf.mul(stop(gradient), site.logits))), cost),
  );

/**
 * βa + (1 − β)x, off the tape. Apply it to values, and to 1 for the sum of the weights; `pastMean` divides the first by
 * the second, so that the weights of past values add up to one from the first step on.
 */
export const movingAverage = (average: T, x: T, decay: number): T =>
  stop(tf.add(tf.mul(decay, average), tf.mul(1 - decay, x)));

/** The mean of past values from two moving averages: of the values and of their weights. 0 without past values. */
export const pastMean = (average: T, weight: T): T => tf.div(average, tf.maximum(weight, 1e-12));

/** What a plug-in gets for estimators. */
export const toolkit = {
  tf,
  stop,
  gradients,
  dependence,
  straightThrough,
  hard,
  row,
  lift,
  logProb,
  score,
  localScore,
  carry,
  movingAverage,
  pastMean,
  families,
  estimator,
};
