/** The exact derivative of one coordinate, chosen at random: bitflip, and ugc where it is used. */
import type { Problem, Run, Site, SiteSpec, T } from "../estimator.ts";
import { tf } from "./autodiff.ts";
import { hard, lift, type LogitsGradient } from "./toolkit.ts";

/** The number of bits of all sites. */
export const width = (sites: readonly SiteSpec[]) =>
  sites.reduce((n, { family, shape }) => n + family.variables(shape), 0);

/** 1 at the coordinate ⌈uD⌉ of all sites' D, split into sites. u [1, B, 1] → [1, B, D_site] each */
function coordinate(u: T, sites: readonly SiteSpec[]): T[] {
  const D = width(sites);
  const index = (d: number) =>
    tf.tensor(
      Array.from({ length: D }, (_, i) => i + d),
      [1, 1, D],
    );
  const beyond = (d: number) => tf.step(tf.sub(tf.mul(u, D), index(d)));
  const chosen = tf.sub(beyond(0), beyond(1));
  return tf.split(
    chosen,
    sites.map((site) => width([site])),
    -1,
  );
}

/**
 * D p_i(1 − p_i) [f(b^{i=1}) − f(b^{i=0})] for one coordinate i, and 0 for the others. `first` is a run of `hard` samples; it
 * is repeated with one bit flipped.
 */
export function singleFlip(
  { run, uniform, sites }: Problem,
  { cost, drawn }: Pick<Run, "cost" | "drawn">,
): LogitsGradient[] {
  const chosen = coordinate(uniform([1], 1, "coordinate"), sites);
  /** Added to x, it flips the chosen bit. */
  const change = ({ index }: Site, x: T) => tf.mul(chosen[index]!, tf.sub(1, tf.mul(2, x)));
  const flipped = run((site) => {
    const x = hard(site, uniform(site));
    return tf.add(x, change(site, x));
  });
  const gain = tf.mul(width(sites), tf.sub(flipped.cost, cost));
  return drawn.map(({ site, x }) => {
    const v = tf.mul(lift(gain, x), change(site, x));
    return { site, gradient: site.family.jacobian(site.family.mean(site.logits), v) };
  });
}
