import { tf } from "./core/autodiff.ts";
import { estimator, type Site, type SiteSpec, type T } from "./estimator.ts";
import { carry, hard, lift } from "./core/toolkit.ts";

const width = (sites: readonly SiteSpec[]) =>
  sites.reduce((n, { family, shape }) => n + family.variables(shape), 0);

/** 1 at the coordinate ⌈uD⌉ of all sites' D, cut into sites. u [1, B, 1] → [1, B, D_site] each */
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
 * Bitflip: the exact derivative of one coordinate, chosen at random.
 *
 * i uniform in 1..D: g_i = D p_i(1 − p_i) [f(b^{i=1}) − f(b^{i=0})], 0 elsewhere. Derived for this project, as only the
 * paper's abstract was at hand: given the other bits p_i(1 − p_i)[...] is the derivative of E f along φ_i, and choosing i
 * with probability 1/D is made good by the factor D; so the mean over i and b is the gradient. D counts the bits of all
 * layers; below the flipped bit the layers replay their noise. Evaluations: 2. With one bit it is exact.
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
    const { cost, drawn } = run(replay);
    const flipped = run((site) => {
      const x = replay(site);
      return tf.add(x, tf.mul(chosen[site.index]!, tf.sub(1, tf.mul(2, x))));
    });
    const gain = tf.mul(width(sites), tf.sub(flipped.cost, cost));
    const given = drawn.map(({ site, x }) => {
      const towardsOne = tf.mul(chosen[site.index]!, tf.sub(1, tf.mul(2, x)));
      const v = tf.mul(lift(gain, x), towardsOne);
      return { site, gradient: site.family.jacobian(site.family.probabilities(site.logits), v) };
    });
    return { surrogate: carry(cost, given) };
  },
});
