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
 * Gumbel variables of the children, given that their maximum is the parent's. parent [B, n, 1], location + Gumbel
 * [B, n, K] → [B, n, K]. With v = parent − g + log(1 − e^{g − max}) the formula is stable for both signs of v.
 */
function given(parent: T, perturbed: T): T {
  const top = tf.max(perturbed, -1, true);
  const v = tf.add(tf.sub(parent, perturbed), logOneMinusExp(tf.sub(perturbed, top)));
  const below = tf.sub(tf.sub(parent, tf.relu(v)), tf.softplus(tf.neg(tf.abs(v))));
  const winner = tf.sub(1, tf.step(tf.sub(top, perturbed)));
  return tf.add(tf.mul(winner, parent), tf.mul(tf.sub(1, winner), below));
}

/** Log probabilities rounded to 2⁻¹⁰ with ties resolved to the first, so that all engines sort alike. [B, n, K] */
function ranked(score: T): T {
  const [, n, K] = score.shape as [number, number, number];
  const place = tf.mul(tf.reshape(tf.range(0, n * K), [1, n, K]), 1e-7);
  return tf.sub(tf.div(tf.round(tf.mul(score, 1024)), 1024), place);
}

/**
 * The k most probable configurations, or with `gumbel` [n, B, D, K] k configurations drawn without replacement by
 * stochastic beam search (Kool et al. 2019). k is at most K^D. [k, B, ...shape]
 */
export function beam(site: Site, k: number, gumbel?: T): T {
  const outcomes = logOutcomes(site); // [B, D, K]
  const [B, D, K] = outcomes.shape as [number, number, number];
  let logp: T = tf.zeros([B, 1]);
  let order: T = logp;
  let chosen: T | undefined; // one-hot outcomes so far [B, n, d K]
  for (let d = 0; d < D; d++) {
    const n = logp.shape[1]!;
    const children = tf.add(tf.expandDims(logp, -1), tf.expandDims(at(outcomes, 1, d), 1)); // [B, n, K]
    const noise = gumbel && tf.transpose(part(at(gumbel, 2, d), 0, 0, n), [1, 0, 2]);
    const score = noise ? given(tf.expandDims(order, -1), tf.add(children, noise)) : ranked(children);
    const width = Math.min(k, n * K);
    const best = tf.topk(tf.reshape(score, [B, n * K]), width);
    const pick = tf.oneHot(best.indices, n * K, 1, 0, "float32"); // [B, width, n K]
    const from = tf.reshape(pick, [B, width, n, K]);
    const parent = tf.sum(from, -1); // [B, width, n]
    const outcome = tf.sum(from, 2); // [B, width, K]
    chosen = chosen ? tf.concat([tf.matMul(parent, chosen), outcome], 2) : outcome;
    logp = tf.sum(tf.mul(pick, tf.expandDims(tf.reshape(children, [B, n * K]), 1)), -1);
    order = best.values;
  }
  const x = tf.transpose(tf.reshape(chosen!, [B, -1, D, K]), [1, 0, 2, 3]); // [k, B, D, K]
  return site.family.rank === 1 ? x : at(x, 3, 1);
}
