/**
 * Configurations of a site without replacement, in order of (perturbed) log probability.
 *
 * The search fixes one variable after another and keeps a beam of the best prefixes. It is exact once the beam is as wide
 * as the number of configurations sought, because a continuation is never better than its prefix. Nothing is on the tape.
 */
import { logSoftmax } from "../distributions/categorical.ts";
import { stop, tf } from "./autodiff.ts";
import type { Problem, Site, T } from "../estimator.ts";
import { at, part } from "./slicing.ts";

/** log probabilities of the outcomes of every variable, off the tape. [1, B, ...shape] → [B, D, K] */
export function logOutcomes({ family, logits }: Site): T {
  const phi = tf.squeeze(stop(logits), [0]);
  if (family.rank === 1) return logSoftmax(phi);
  return tf.stack([tf.neg(tf.softplus(phi)), tf.neg(tf.softplus(tf.neg(phi)))], -1);
}

/** Standard Gumbel noise for the outcomes of every variable. [S, B, D, K] */
export function gumbels(site: Site, samples: number, uniform: Problem["uniform"]): T {
  const u = uniform(site, samples);
  const each = site.family.rank === 1 ? u : tf.stack([u, uniform(site, samples, "other")], -1);
  return tf.neg(tf.log(tf.neg(tf.log(each))));
}

/** log(1 − e^x) for x ≤ 0, with a finite value at 0. */
const logOneMinusExp = (x: T): T => tf.log(tf.maximum(tf.neg(tf.expm1(x)), 1e-37));

/**
 * The Gumbel variables of a parent's children, given that their maximum is the parent's, are parent − softplus(parent −
 * log p(parent) − r). This is r [B, n, K] for each variable, from log π [B, D, K] and the Gumbels [n, B, D, K]: with
 * g = log π + Gumbel it is g − log(1 − e^{g − max g}), so large for the largest child that this child gets the parent's value.
 */
function thresholds(outcomes: T, gumbel: T): T[] {
  const g = tf.add(outcomes, gumbel);
  const r = tf.sub(g, logOneMinusExp(tf.sub(g, tf.max(g, -1, true))));
  return tf.unstack(tf.transpose(r, [2, 1, 0, 3]));
}

/** Log probabilities rounded to 2⁻¹⁰ with ties resolved to the first, so that all engines sort alike. [B, n, K] */
function ranked(score: T): T {
  const [, n, K] = score.shape as [number, number, number];
  const place = tf.mul(tf.reshape(tf.range(0, n * K), [1, n, K]), 1e-7);
  return tf.sub(tf.div(tf.round(tf.mul(score, 1024)), 1024), place);
}

/** One-hot parents [B, w, n] and outcomes [B, w, K] of one-hot children [B, w, n K]. */
function partsOf(pick: T, n: number): [T, T] {
  const [B, w, size] = pick.shape as [number, number, number];
  const K = size / n;
  const place = Array.from({ length: size }, (_, i) => [Math.floor(i / K), n + (i % K)]);
  const rows = place.map((ones) => Array.from({ length: n + K }, (_, j) => Number(ones.includes(j))));
  const both = tf.matMul(tf.reshape(pick, [B * w, size]), tf.tensor2d(rows));
  return tf.split(tf.reshape(both, [B, w, n + K]), [n, K], 2) as [T, T];
}

/**
 * The k most probable configurations, or with `gumbel` [n, B, D, K] k configurations drawn without replacement by
 * stochastic beam search (Kool et al. 2019). k is at most K^D. [k, B, ...shape]
 */
export function beam(site: Site, k: number, gumbel?: T): T {
  const outcomes = logOutcomes(site); // [B, D, K]
  const [B, D, K] = outcomes.shape as [number, number, number];
  const limits = gumbel && thresholds(outcomes, gumbel);
  const each = tf.unstack(tf.expandDims(outcomes, 2), 1); // [B, 1, K]
  let logp: T = tf.zeros([B, 1]);
  let order: T = logp;
  let chosen: T | undefined; // one-hot outcomes so far [B, n, d K]
  for (let d = 0; d < D; d++) {
    const n = logp.shape[1]!;
    const children = tf.add(tf.expandDims(logp, -1), each[d]!); // [B, n, K]
    const limit = limits && part(limits[d]!, 1, 0, n);
    const excess = limit && tf.softplus(tf.sub(tf.expandDims(tf.sub(order, logp), -1), limit));
    const score = excess ? tf.sub(tf.expandDims(order, -1), excess) : ranked(children);
    const width = Math.min(k, n * K);
    const best = tf.topk(tf.reshape(score, [B, n * K]), width);
    const pick = tf.oneHot(best.indices, n * K, 1, 0, "float32"); // [B, width, n K]
    const [parent, outcome] = partsOf(pick, n); // [B, width, n], [B, width, K]
    chosen = chosen ? tf.concat([tf.matMul(parent, chosen), outcome], 2) : outcome;
    logp = tf.sum(tf.mul(pick, tf.reshape(children, [B, 1, n * K])), -1);
    order = best.values;
  }
  const x = tf.transpose(tf.reshape(chosen!, [B, -1, D, K]), [1, 0, 2, 3]); // [k, B, D, K]
  return site.family.rank === 1 ? x : at(x, 3, 1);
}
