/** Estimators whose gradient by the logits is not linear in the derivative by the sample. */
import type { Run, Site, T } from "../estimator.ts";
import { gradients, stop, tf } from "./autodiff.ts";
import { type LogitsGradient, row } from "./toolkit.ts";

/**
 * The gradients that `gradientOf` makes of each site's derivative f′ at its hard sample, for `carry`. f′ is [S, B, ...shape],
 * of the row's own cost. The last site comes first: the derivative at a sample above includes what `gradientOf` passed on to
 * the logits of the sites below.
 */
export function chainedSlopes(
  { cost, drawn }: Run,
  gradientOf: (site: Site, x: T, slope: T) => T,
): LogitsGradient[] {
  let total = cost;
  return drawn.toReversed().map(({ site, x }) => {
    const [slope] = gradients(total, [x]);
    const gradient = stop(gradientOf(site, x, stop(slope!)));
    total = tf.add(total, row(tf.mul(gradient, site.logits)));
    return { site, gradient };
  });
}
