/**
 * Configurations of a site without replacement, in order of (perturbed) log probability.
 *
 * The search fixes one variable after another and keeps a beam of the best prefixes. It is exact once the beam is as wide
 * as the number of configurations sought, because a continuation is never better than its prefix. Nothing is on the tape.
 */
import { logSoftmax } from "../distributions/categorical.ts";
import { stop, tf } from "./autodiff.ts";
import type { Problem, Run, Site, SiteSpec, T } from "../estimator.ts";
import { configurations } from "./configurations.ts";
import { at, part } from "./slicing.ts";

/** log probabilities of the outcomes of every variable, off the tape. [S, B, ...shape] → [S, B, D, K] */
export function logOutcomes({ family, logits }: Site): T {
  const phi = stop(logits);
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
 * log p(parent) − r). This is r, from log π and Gumbels: with g = log π + Gumbel it is g − log(1 − e^{g − max g}), so large for
 * the largest child that this child gets the parent's value. [..., K] → [..., K]
 */
function thresholds(outcomes: T, gumbel: T): T {
  const g = tf.add(outcomes, gumbel);
  return tf.sub(g, logOneMinusExp(tf.sub(g, tf.max(g, -1, true))));
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

/** Configurations of one site or, as a search goes on, of several. */
export interface Beams {
  /** The samples of the site. [n, B, ...shape] */
  readonly x: T;
  /** log q of everything searched so far, and its perturbed value, by which the beams are sorted. [B, n] */
  readonly logp: T;
  readonly order: T;
  /** Of a search that goes on: which of the beams before it each one continues, one-hot. [B, n, beams before] */
  readonly origin?: T;
}

/**
 * The k most probable configurations, or with `gumbel` [n, B, D, K] k configurations drawn without replacement by
 * stochastic beam search (Kool et al. 2019). After other sites' `before`, whose samples the site's logits may depend on, it
 * draws configurations of all of them. There are fewer than k where fewer exist.
 */
export function beam(site: Site, k: number, gumbel?: T, before?: Pick<Beams, "logp" | "order">): Beams {
  const outcomes = logOutcomes(site); // [1 or beams before, B, D, K]
  const [own, B, D, K] = outcomes.shape as [number, number, number, number];
  const byVariable = (x: T) => tf.unstack(tf.transpose(x, [2, 1, 0, 3])); // [B, n, K] each
  const each = byVariable(outcomes);
  const noise = gumbel && byVariable(own === 1 ? thresholds(outcomes, gumbel) : gumbel);
  let logp: T = before?.logp ?? tf.zeros([B, 1]);
  let order: T = before?.order ?? logp;
  let origin: T | undefined;
  let chosen: T | undefined; // one-hot outcomes so far [B, n, d K]
  for (let d = 0; d < D; d++) {
    const n = logp.shape[1]!;
    const here = own === 1 || !origin ? each[d]! : tf.matMul(origin, each[d]!); // [B, 1 or n, K]
    const children = tf.add(tf.expandDims(logp, -1), here); // [B, n, K]
    const drawn = noise && part(noise[d]!, 1, 0, n);
    const limit = drawn && own > 1 ? thresholds(here, drawn) : drawn;
    const excess = limit && tf.softplus(tf.sub(tf.expandDims(tf.sub(order, logp), -1), limit));
    const score = excess ? tf.sub(tf.expandDims(order, -1), excess) : ranked(children);
    const width = Math.min(k, n * K);
    const best = tf.topk(tf.reshape(score, [B, n * K]), width);
    const pick = tf.oneHot(best.indices, n * K, 1, 0, "float32"); // [B, width, n K]
    const [parent, outcome] = partsOf(pick, n); // [B, width, n], [B, width, K]
    chosen = chosen ? tf.concat([tf.matMul(parent, chosen), outcome], 2) : outcome;
    if (before) origin = origin ? tf.matMul(parent, origin) : parent;
    logp = tf.sum(tf.mul(pick, tf.reshape(children, [B, 1, n * K])), -1);
    order = best.values;
  }
  const x = tf.transpose(tf.reshape(chosen!, [B, -1, D, K]), [1, 0, 2, 3]); // [n, B, D, K]
  return { x: site.family.rank === 1 ? x : at(x, 3, 1), logp, order, ...(origin ? { origin } : {}) };
}

/** The samples of the beams that others continue. [n, B, ...], one-hot [B, m, n] → [m, B, ...] */
function continued(x: T, origin: T): T {
  const [n, B, ...shape] = x.shape as [number, number, ...number[]];
  const rows = tf.transpose(tf.reshape(x, [n, B, -1]), [1, 0, 2]); // [B, n, …]
  return tf.reshape(tf.transpose(tf.matMul(origin, rows), [1, 0, 2]), [-1, B, ...shape]);
}

/** The largest perturbed value of all configurations, a Gumbel variable. [B, 1] */
const rootGumbel = (uniform: Problem["uniform"]): T =>
  tf.neg(tf.log(tf.neg(tf.log(tf.squeeze(uniform([1], 1, "root"), [0])))));

/** A run with k configurations of all sites, and the perturbed log q of these and of the `more` next ones. [B, k + more] */
export interface Searched extends Run {
  readonly order: T;
}

/**
 * Draws k configurations of all sites without replacement. The program runs once for each site: a run gives the logits of one
 * more site, and the last run has all samples. `searchEvaluations` counts their evaluations. `more` further configurations are
 * searched, but not evaluated in the last run.
 */
export function withoutReplacement({ run, uniform, sites, rows }: Problem, k: number, more = 0): Searched {
  const chosen: T[] = [];
  // Which configurations are drawn does not depend on the largest perturbed value, but the value of the next one does.
  const root = more > 0 ? { logp: tf.zeros([rows, 1]), order: rootGumbel(uniform) } : undefined;
  let beams: Beams | undefined;
  for (;;) {
    let reordered = false;
    /** A later run draws the sample; this one has logits alone to give. */
    const unused = (site: Site) => tf.zerosLike(site.logits);
    const found = run((site) => {
      if (reordered) return unused(site);
      if (site.index === chosen.length) {
        reordered = chosen.length > 0;
        beams = beam(site, k + more, gumbels(site, k + more, uniform), beams ?? root);
        const { x, origin } = beams;
        chosen.forEach((earlier, i) => (chosen[i] = continued(earlier, origin!)));
        chosen.push(x);
        if (reordered) return unused(site);
      }
      const x = chosen[site.index]!;
      return chosen.length < sites.length ? x : part(x, 0, 0, Math.min(k, x.shape[0]));
    });
    if (chosen.length === sites.length && !reordered) return { ...found, order: beams!.order };
  }
}

/** The evaluations of a search for k configurations and `more`, one run of the program a site. */
export const searchEvaluations = (sites: readonly SiteSpec[], k: number, more = 0): number =>
  sites.reduce((n, _, i) => {
    const wanted = i === sites.length - 1 ? k : k + more;
    return n + Math.min(wanted, configurations(sites.slice(0, i + 1)));
  }, 0);
