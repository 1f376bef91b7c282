/** What estimators share, handed to plug-ins as one object: the built-in ones use nothing else. */
import type { Tensor } from "@tensorflow/tfjs";
import { dependence, gradients, stop, straightThrough, tf } from "./autodiff.ts";
import { families } from "../distributions/index.ts";
import { estimator, type Run, type Site, type T } from "../estimator.ts";

/** A hard sample [S, B, ...shape] off the tape. */
export const hard = (site: Site, uniform: T): T =>
  stop(site.family.harden(site.family.perturb(stop(site.logits), uniform)));

/** Sums all axes after the first two. [S, B, ...] → [S, B] */
export const row = (x: T): T =>
  x.rank <= 2
    ? x
    : tf.sum(
        x,
        x.shape.slice(2).map((_, i) => i + 2),
      );

/** Gives a value per sample and row the rank of an event. [S, B] → [S, B, 1, ...] */
export const lift = (value: T, like: T): T =>
  tf.reshape(value, [...value.shape, ...Array.from({ length: like.rank - value.rank }, () => 1)]);

/** log q of what was drawn, summed over sites and variables. [S, B] */
export const logProb = (drawn: Run["drawn"]): T =>
  drawn.map(({ site, x }) => row(site.family.logProb(site.logits, x))).reduce((a, b) => tf.add(a, b));

/** mean(cost + stop(advantage)·log q): the score-function surrogate. All [S, B]. */
export const score = (cost: T, advantage: T, logp: T): T =>
  tf.mean(tf.add(cost, tf.mul(stop(advantage), logp)));

/** mean(cost + Σ stop(g)·logits): a surrogate from explicit gradients of the cost with respect to each site's logits. */
export const carry = (cost: T, given: readonly { readonly site: Site; readonly gradient: T }[]): T =>
  tf.mean(
    given.reduce((sum, { site, gradient }) => tf.add(sum, row(tf.mul(stop(gradient), site.logits))), cost),
  );

/** βa + (1 − β)x, off the tape. */
export const movingAverage = (average: T, x: T, decay: number): T =>
  stop(tf.add(tf.mul(decay, average), tf.mul(1 - decay, x)));

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
  carry,
  movingAverage,
  families,
  estimator,
};
export type Toolkit = typeof toolkit;
export type { Tensor };
