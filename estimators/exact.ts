import { tf } from "./core/autodiff.ts";
import { configurations } from "./core/configurations.ts";
import { estimator, type SiteSpec } from "./estimator.ts";

/** The largest number of configurations that is enumerated. */
const most = 2 ** 14;

/**
 * All configurations of one site within those of all sites; the last site's last variable changes fastest.
 * [N, ...shape]
 */
export function enumerate(sites: readonly SiteSpec[], index: number): Float32Array {
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
 * Exact enumeration: every configuration is a sample, weighted by its probability.
 *
 * Estimate: g = ∇ Σ_z q(z) f(z).
 * Unbiased and without variance, because nothing is sampled. Other estimators are compared with it where K^L ≤ 2¹⁴.
 * Evaluations: K^L for L variables.
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
    if (n <= most) return undefined;
    const exponent = Math.floor(Math.log10(n));
    const count = exponent < 6 ? String(n) : `${(n / 10 ** exponent).toPrecision(2)}e${exponent}`;
    return `it would enumerate ${count} configurations of ${sites.map((s) => s.name).join(" and ")}; the limit is ${most}`;
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
