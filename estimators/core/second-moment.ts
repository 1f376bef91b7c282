import { tf } from "./autodiff.ts";
import type { Site, T } from "../estimator.ts";
import { row } from "./toolkit.ts";

/**
 * |g|² of each row's estimate, mean over rows: what the coefficients of a control variate minimise. `gradient` as given to
 * `carry`: with respect to each sample's logits, of which the estimate takes the mean over the samples.
 */
export function secondMoment(given: readonly { readonly site: Site; readonly gradient: T }[]): T {
  const squares = given.map(({ site, gradient }) => {
    const S = gradient.shape[0];
    const estimate = site.logits.shape[0] === 1 ? tf.mean(gradient, 0, true) : tf.div(gradient, S);
    return tf.sum(row(tf.square(estimate)), 0); // [B]
  });
  return tf.mean(squares.reduce((a, b) => tf.add(a, b)));
}
