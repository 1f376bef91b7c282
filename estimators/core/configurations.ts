/** Joint outcomes of all variables. */
import type { SiteSpec } from "../estimator.ts";

/** The number of joint outcomes of all sites: K^D for one site, and the product of these for several. */
export const configurations = (sites: readonly SiteSpec[]): number =>
  sites.reduce((n, { family, shape }) => n * family.outcomes(shape) ** family.variables(shape), 1);
