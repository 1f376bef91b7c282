/**
 * What `npm test` proves of every registered estimator and combinator: its main claim on one and two layers of both families
 * where they admit it, its exact expectation, and what it costs. With CHECKS=all, everything that `bench check` does.
 */
import test from "ava";
import type { Estimator, OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import { combinators, estimators } from "../../../estimators/index.ts";
import { checkEstimator } from "../../../runners/check/index.ts";
import { problems } from "../../../runners/check/problems.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";

/** A smaller net says as much of the claim. */
const smaller: Readonly<Record<string, Settings>> = { relax: { hidden: 8 }, nvil: { hidden: 8 } };
const everything = process.env["CHECKS"] === "all";
const claimed = ["plays", "bias", "cells", "state", "cost"];

/** Registered estimators, and combinators around what they wrap unless told. */
const every: readonly Estimator[] = [
  ...estimators,
  ...combinators.map((one) =>
    one.combine(estimators.find(({ name }) => name === one.options["of"]!.default)!),
  ),
];

/** The problems that an estimator's claims admit, less those whose sites it refuses with a sentence. */
const expected = (one: Estimator, options: Settings): string[] =>
  problems.flatMap(({ name, definition, settings }) => {
    const { claims } = one;
    const sites = definition.sites(settings);
    const fits =
      sites.every(({ family }) => claims.families.includes(family.name)) &&
      (claims.sites === "any" || sites.length === 1) &&
      (claims.variables !== "one" || sites.every(({ family, shape }) => family.variables(shape) === 1));
    return fits && one.supports?.(sites, options) === undefined ? [name] : [];
  });

/** A test for each of those chosen. Error rates: those of the check, 10⁻⁶ an estimator; the noise is fixed. */
export function prove(chosen: (one: Estimator) => boolean): void {
  for (const one of every.filter(chosen))
    test.serial(`${one.name} is what it claims`, async (t) => {
      const settings = resolveOptions(smaller[one.name] ?? {}, {
        who: one.name,
        specs: one.options as OptionSpecs,
      });
      const entry = { estimator: one, name: one.name, title: one.title, aliases: [], source: "", plugin: false, sourceHash: () => "" }; // prettier-ignore
      const { checks } = await checkEstimator(
        { entry, given: {}, settings, label: one.name },
        await wasmEngine(),
        everything ? {} : { only: claimed },
      );
      const said = checks.map(({ name, state, detail }) => `${state} ${name}: ${detail}`).join("\n");
      t.deepEqual(checks.filter(({ state }) => state === "fail"), [], said); // prettier-ignore
      const [plays, bias] = ["plays", "bias"].map((name) => checks.find((check) => check.name === name)!);
      t.is(bias!.state, "pass", said);
      const names = expected(one, settings);
      t.is(plays!.detail.split(";")[0], `runs on ${names.join(", ")}`);
      if (one.claims.unbiased !== false) t.regex(bias!.detail, new RegExp(`of ${names.length} problem`));
    });
}
