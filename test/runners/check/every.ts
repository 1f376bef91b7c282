/**
 * What `npm test` proves of every registered estimator and wrapper: that it runs, the mean of its draws, its exact
 * expectation and its evaluations; and of some of different kinds, all that `bench check` does. With CHECKS=all, everything
 * is proven of every estimator.
 */
import test from "ava";
import { lacking } from "../../../estimators/distributions/family.ts";
import type { Estimator, OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import { combinators, estimators } from "../../../estimators/index.ts";
import { listed } from "../../../reports/aggregate/numbers.ts";
import { problems } from "../../../runners/check/problems.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { everything } from "../../require.ts";
import { mainChecks, resultsOf } from "./results.ts";

/** A smaller net says as much of the claim. */
const smaller: Readonly<Record<string, Settings>> = { relax: { hidden: 8 }, nvil: { hidden: 8 } };
/** Values or derivatives, hard or relaxed, with a state, with parameters of their own. */
const representative = ["reinforce", "rloo", "gs", "double-cv"];
const checksOf = ({ name }: Estimator) =>
  everything || representative.includes(name) ? undefined : mainChecks;

/** Registered estimators, and wrappers around what they wrap by default. */
const every: readonly Estimator[] = [
  ...estimators,
  ...combinators.map((one) =>
    one.combine(estimators.find(({ name }) => name === one.options["of"]!.default)!),
  ),
];

/** The problems that an estimator's claims admit, less those whose sites it refuses with a sentence. */
const admittedBy = (one: Estimator, options: Settings): string[] =>
  problems.flatMap(({ name, definition, settings }) => {
    const { claims } = one;
    const sites = definition.sites(settings);
    const fits =
      sites.every(({ family }) => lacking(family, claims.requires) === undefined) &&
      (claims.sites === "any" || sites.length === 1) &&
      (claims.variables !== "one" || sites.every(({ family, shape }) => family.variables(shape) === 1));
    return fits && one.supports?.(sites, options) === undefined ? [name] : [];
  });

/** A test for each of those chosen. Error rates: those of the checks; the noise is fixed. */
export function prove(chosen: (one: Estimator) => boolean): void {
  for (const one of every.filter(chosen))
    test.serial(`${one.name} is what it claims`, async (t) => {
      const options = smaller[one.name] ?? {};
      const { checks, failed, text } = await resultsOf(one, checksOf(one), options);
      t.deepEqual(failed, [], text);
      const detailOf = (name: string) => checks.find((check) => check.name === name)!.detail;
      const names = admittedBy(
        one,
        resolveOptions(options, { who: one.name, specs: one.options as OptionSpecs }),
      );
      t.is(detailOf("runs").split(".")[0], `It runs on ${listed(names)}`);
      if (one.claims.unbiased !== false) t.regex(detailOf("bias"), new RegExp(`of ${names.length} problem`));
    });
}
