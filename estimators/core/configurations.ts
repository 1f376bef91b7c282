/** Joint outcomes of all variables. */
import type { SiteSpec } from "../estimator.ts";

/** The number of joint outcomes of all sites: K^D for one site of D variables with K outcomes, and the product of these for several. */
export const configurations = (sites: readonly SiteSpec[]): number =>
  sites.reduce((n, { family, shape }) => n * family.outcomes(shape) ** family.variables(shape), 1);

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
  const table = family.table(shape);
  const size = table[0]!.length;
  const after = configurations(sites.slice(index + 1));
  const values = new Float32Array(total * D * size);
  for (let n = 0; n < total; n++)
    for (let d = 0; d < D; d++) {
      const outcome = Math.floor(n / (after * K ** (D - 1 - d))) % K;
      values.set(table[outcome]!, (n * D + d) * size);
    }
  return values;
}

/** Why so many configurations are not enumerated, in a sentence; undefined if they can be. */
export function tooMany(sites: readonly SiteSpec[]): string | undefined {
  const n = configurations(sites);
  if (n <= most) return undefined;
  const exponent = Math.floor(Math.log10(n));
  const count = exponent < 6 ? String(n) : `${(n / 10 ** exponent).toPrecision(2)}e${exponent}`;
  return `it would enumerate ${count} configurations of ${sites.map((s) => s.name).join(" and ")}; the limit is ${most}`;
}
