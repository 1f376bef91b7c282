import { tf } from "./core/autodiff.ts";
import { carry, hard, lift } from "./core/toolkit.ts";
import { estimator, type Site, type SiteSpec, type T } from "./estimator.ts";

const width = (sites: readonly SiteSpec[]) =>
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
 * Bitflip computes the exact derivative of one coordinate, chosen at random.
 *
 * Estimate: with i uniform in 1..D, g_i = D p_i(1 − p_i) [f(b^{i=1}) − f(b^{i=0})], and 0 for the other coordinates. D
 * counts the bits of all layers. The formula is derived here because only the abstract of the paper was available.
 * Unbiased: given the other bits, p_i(1 − p_i)[...] is the derivative of E f along φ_i. The factor D corrects for
 * choosing i with probability 1/D.
 * Several layers: the layers below the flipped bit repeat their noise.
 * Evaluations: 2.
 * Limit: with one bit it is exact.
 */
export default estimator({
  name: "bitflip",
  title: "Bitflip",
  paper: "kunes2022",
  formula: "g_i = D p_i(1 − p_i) [f(b^{i=1}) − f(b^{i=0})] for one i uniform in 1..D",
  options: {},
  claims: {
    families: ["bernoulli"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: () => ({ forward: 2, backward: 0 }),
  },
  estimate({ run, uniform, sites }) {
    const replay = (site: Site) => hard(site, uniform(site));
    const chosen = coordinate(uniform([1], 1, "coordinate"), sites);
    /** Added to x, it flips the chosen bit. */
    const change = ({ index }: Site, x: T) => tf.mul(chosen[index]!, tf.sub(1, tf.mul(2, x)));
    const { cost, drawn } = run(replay);
    const flipped = run((site) => {
      const x = replay(site);
      return tf.add(x, change(site, x));
    });
    const gain = tf.mul(width(sites), tf.sub(flipped.cost, cost));
    const given = drawn.map(({ site, x }) => {
      const v = tf.mul(lift(gain, x), change(site, x));
      return { site, gradient: site.family.jacobian(site.family.probabilities(site.logits), v) };
    });
    return { surrogate: carry(cost, given) };
  },
});
