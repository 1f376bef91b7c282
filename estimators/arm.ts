import { tf } from "./core/autodiff.ts";
import { estimator, type Site } from "./estimator.ts";
import { alternatives } from "./core/replay.ts";
import { carry, hard, lift } from "./core/toolkit.ts";

/**
 * ARM (augment, REINFORCE, merge): the cost at a sample and at its antithetic, weighted by their common uniform.
 *
 * g = (f(1[u > σ(−φ)]) − f(1[u < σ(φ)])) (u − ½). Unbiased: u − ½ is the score of the augmented uniform, merged over u and
 * 1 − u. With several layers one layer at a time is antithetic and those below replay their noise.
 * Evaluations: 1 + the number of layers. Its mean given both samples is DisARM.
 */
export default estimator({
  name: "arm",
  title: "ARM",
  paper: "yin2018",
  formula: "g = (f(1[u > σ(−φ)]) − f(1[u < σ(φ)])) (u − ½)",
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
    const antithetic = alternatives(
      run,
      replay,
      drawn.map(({ site }) => ({ site, x: hard(site, tf.sub(1, uniform(site))) })),
    );
    const given = drawn.map(({ site, x }, i) => ({
      site,
      gradient: tf.mul(lift(tf.sub(cost, antithetic[i]!), x), tf.sub(uniform(site), 0.5)),
    }));
    return { surrogate: carry(cost, given) };
  },
});
