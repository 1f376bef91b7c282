/** Bits with their antithetic copies, and DisARM's gradient: disarm, and ugc where it is used. */
import type { Problem } from "../estimator.ts";
import { tf } from "./autodiff.ts";
import { type Compared, compared } from "./replay.ts";
import { hard, lift, type LogitsGradient } from "./toolkit.ts";

/** The samples 1[u > 1 − p] with their cost, and for each site 1[u < p] with its cost. */
export const antitheticPairs = (problem: Problem): Compared =>
  compared(problem, (site) => hard(site, tf.sub(1, problem.uniform(site))));

/** ½(f(b) − f(b̃)) (b − b̃) σ(|φ|) */
export const disarmGradients = ({ cost, drawn }: Compared): LogitsGradient[] =>
  drawn.map(({ site, x, other, otherCost }) => {
    const weight = tf.mul(tf.sub(x, other), tf.sigmoid(tf.abs(site.logits)));
    return { site, gradient: tf.mul(lift(tf.mul(0.5, tf.sub(cost, otherCost)), x), weight) };
  });
