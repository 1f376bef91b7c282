import { tf } from "./core/autodiff.ts";
import { estimator, type SiteSpec } from "./estimator.ts";

/** Configurations that are still enumerated. */
export const enumerable = 2 ** 14;

/** K^L over all sites. */
export const configurations = (sites: readonly SiteSpec[]): number =>
  sites.reduce((n, { family, shape }) => n * family.outcomes(shape) ** family.variables(shape), 1);

/** All configurations of one site within those of all sites, the last site's last variable fastest. [N, ...shape] */
function enumerate(sites: readonly SiteSpec[], index: number): Float32Array {
  const total = configurations(sites);
  const { family, shape } = sites[index]!;
  const [D, K] = [family.variables(shape), family.outcomes(shape)];
  const after = configurations(sites.slice(index + 1));
  const values = new Float32Array(total * shape.reduce((a, b) => a * b, 1));
  for (let n = 0; n < total; n++)
    for (let d = 0; d < D; d++) {
      const outcome = Math.floor(n / (after * K ** (D - 1 - d))) % K;
      if (family.rank === 0) values[n * D + d] = outcome;
      else values[(n * D + d) * K + outcome] = 1;
    }
  return values;
}

/**
 * Marginalisation by enumeration: every configuration is a sample, weighted by its probability.
 *
 * g = ∇ Σ_z q(z) f(z). No sampling, so no variance; the reference for everything else where K^L ≤ 2¹⁴.
 * Evaluations: K^L.
 */
export default estimator({
  name: "exact",
  title: "Exact enumeration",
  aliases: ["enumeration", "marginalisation", "marginalization"],
  formula: "g = ∇ Σ_z q(z) f(z)",
  options: {},
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: configurations(sites), backward: 0 }),
  },
  supports(sites) {
    const n = configurations(sites);
    if (n <= enumerable) return undefined;
    const exponent = Math.floor(Math.log10(n));
    const count = exponent < 6 ? String(n) : `${(n / 10 ** exponent).toPrecision(2)}e${exponent}`;
    return `it would enumerate ${count} configurations of ${sites.map((s) => s.name).join(" and ")}, at most ${enumerable} are allowed`;
  },
  estimate({ sites, rows, run }) {
    const { cost, logp } = run(({ index, shape }) => {
      const table = tf.tensor(enumerate(sites, index), [configurations(sites), 1, ...shape]);
      return tf.tile(table, [1, rows, ...shape.map(() => 1)]);
    });
    const expected = tf.sum(tf.mul(tf.exp(logp), cost), 0);
    return { surrogate: tf.mean(expected), cost: expected };
  },
});
