import { tf } from "./core/autodiff.ts";
import { estimator, type Site } from "./estimator.ts";
import { alternatives } from "./core/replay.ts";
import { carry, hard, lift } from "./core/toolkit.ts";

/**
 * DisARM, found at the same time as U2G: ARM with the uniform summed out given both samples.
 *
 * b = 1[u > 1 − p], b̃ = 1[u < p]: g = ½(f(b) − f(b̃)) (b − b̃) σ(|φ|). Unbiased as the conditional mean of ARM, so that
 * its variance is at most ARM's. With several layers one layer at a time is antithetic and those below replay their
 * noise. Evaluations: 1 + the number of layers. It is arms and carms at two samples.
 */
export default estimator({
  name: "disarm",
  title: "DisARM / U2G",
  aliases: ["u2g"],
  paper: "dong2020",
  formula: "g = ½ (f(b) − f(b̃)) (b − b̃) σ(|φ|)",
  options: {},
  claims: {
    families: ["bernoulli"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: 1 + sites.length, backward: 0 }),
  },
  estimate({ run, uniform }) {
    const replay = (site: Site) => hard(site, uniform(site));
    const { cost, drawn } = run(replay);
    const changes = drawn.map(({ site }) => ({ site, x: hard(site, tf.sub(1, uniform(site))) }));
    const antithetic = alternatives(run, replay, changes);
    const given = drawn.map(({ site, x }, i) => {
      const weight = tf.mul(tf.sub(x, changes[i]!.x), tf.sigmoid(tf.abs(site.logits)));
      return { site, gradient: tf.mul(lift(tf.mul(0.5, tf.sub(cost, antithetic[i]!)), x), weight) };
    });
    return { surrogate: carry(cost, given) };
  },
});
