/**
 * Configurations of a site without replacement, best first, by going through its variables with a beam: exact, as the
 * best (perturbed) continuations of a prefix cannot beat those of a better one once the beam is as wide as what is sought.
 * All of it is off the tape.
 */
import { logSoftmax } from "../distributions/categorical.ts";
import { stop, tf } from "./autodiff.ts";
import type { Site, T } from "../estimator.ts";

export interface Configurations {
  /** [n, B, ...shape] */
  readonly x: T;
  /** log q [n, B]. */
  readonly logp: T;
}

/** log of the outcomes' probabilities, off the tape. [1, B, ...] → [B, D, K] */
export function logOutcomes({ family, logits }: Site): T {
  const phi = tf.squeeze(stop(logits), [0]);
  if (family.rank === 1) return logSoftmax(phi);
  return tf.stack([tf.neg(tf.softplus(phi)), tf.neg(tf.softplus(tf.neg(phi)))], -1);
}

/** One variable of a [B, D, ...] or [n, B, D, ...] tensor. */
export const at = (x: T, axis: number, d: number): T =>
  tf.squeeze(
    tf.slice(
      x,
      x.shape.map((_, i) => (i === axis ? d : 0)),
      x.shape.map((n, i) => (i === axis ? 1 : n)),
    ),
    [axis],
  );

/** log(1 − e^x) for x < 0; at x = 0, where it is −∞, a number low enough. */
const logOneMinusExp = (x: T): T => tf.log(tf.maximum(tf.neg(tf.expm1(x)), 1e-37));

/**
 * Gumbel variables of the children given that their maximum is the parent's. parent [B, n, 1], own location + Gumbel
 * [B, n, K] → [B, n, K]. In log time v = parent − g + log(1 − e^{g − max}), stable for both signs.
 */
function given(parent: T, perturbed: T): T {
  const top = tf.max(perturbed, -1, true);
  const v = tf.add(tf.sub(parent, perturbed), logOneMinusExp(tf.sub(perturbed, top)));
  const below = tf.sub(tf.sub(parent, tf.relu(v)), tf.softplus(tf.neg(tf.abs(v))));
  const winner = tf.sub(1, tf.step(tf.sub(top, perturbed)));
  return tf.add(tf.mul(winner, parent), tf.mul(tf.sub(1, winner), below));
}

/** Log probabilities to a thousandth of a nat, ties to the first: the same order however an engine rounds. [B, n, K] */
function settled(score: T): T {
  const [, n, K] = score.shape as [number, number, number];
  const place = tf.mul(tf.reshape(tf.range(0, n * K), [1, n, K]), 1e-7);
  return tf.sub(tf.div(tf.round(tf.mul(score, 1024)), 1024), place);
}

/**
 * The k most probable configurations (to a thousandth of a nat), or with `gumbel` [n, B, D, K] (standard) k drawn one after another without
 * replacement, each from what the earlier ones leave: stochastic beam search (Kool et al. 2019). k is at most K^D.
 */
export function beam(site: Site, k: number, gumbel?: T): Configurations {
  const outcomes = logOutcomes(site); // [B, D, K]
  const [B, D, K] = outcomes.shape as [number, number, number];
  let logp: T = tf.zeros([B, 1]);
  let order: T = logp;
  let chosen: T | undefined; // one-hot outcomes so far [B, n, d K]
  for (let d = 0; d < D; d++) {
    const n = logp.shape[1]!;
    const children = tf.add(tf.expandDims(logp, -1), tf.expandDims(at(outcomes, 1, d), 1)); // [B, n, K]
    const noise = gumbel && tf.transpose(tf.slice(at(gumbel, 2, d), [0, 0, 0], [n, B, K]), [1, 0, 2]);
    const score = noise ? given(tf.expandDims(order, -1), tf.add(children, noise)) : settled(children);
    const width = Math.min(k, n * K);
    const best = tf.topk(tf.reshape(score, [B, n * K]), width);
    const pick = tf.oneHot(best.indices, n * K, 1, 0, "float32"); // [B, width, n K]
    const from = tf.reshape(pick, [B, width, n, K]);
    const parent = tf.sum(from, -1); // [B, width, n]
    const outcome = tf.sum(from, 2); // [B, width, K]
    chosen = chosen ? tf.concat([tf.matMul(parent as never, chosen as never), outcome], 2) : outcome;
    logp = tf.sum(tf.mul(pick, tf.expandDims(tf.reshape(children, [B, n * K]), 1)), -1);
    order = best.values;
  }
  const x = tf.transpose(tf.reshape(chosen!, [B, -1, D, K]), [1, 0, 2, 3]); // [n, B, D, K]
  return { x: site.family.rank === 1 ? x : at(x, 3, 1), logp: tf.transpose(logp) };
}
