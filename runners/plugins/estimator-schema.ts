/** Checks that the value of a plug-in is an estimator. */
import * as v from "valibot";
import type { Estimator, OptionSpecs } from "../../estimators/estimator.ts";
import { capabilities } from "../../estimators/distributions/family.ts";
import { strictFields, validate } from "../options/schema.ts";
import {
  checkDefaults,
  definedName,
  definedOptions,
  optionalFlag,
  someText,
  someTexts,
} from "./definition-schema.ts";

const claims = strictFields({
  requires: v.array(v.picklist(capabilities)),
  sites: v.picklist(["one", "any"]),
  variables: v.optional(v.literal("one")),
  unbiased: v.union([v.boolean(), v.literal("direction")]),
  needs: v.picklist(["values", "derivatives"]),
  objective: v.optional(v.union([v.picklist(["mean", "multi-sample"]), v.function()])),
  coefficients: v.optional(someTexts),
  learningSignal: v.optional(v.picklist(["joint", "per-site"])),
  siteRule: v.optional(v.picklist(["sampler", "enumeration"])),
  relaxed: optionalFlag,
  sampleLaw: v.optional(v.function()),
  evaluations: v.function(),
});

const estimator = strictFields({
  name: definedName,
  title: someText,
  aliases: v.optional(someTexts),
  identities: v.optional(
    v.array(strictFields({ name: someText, when: v.optional(someText), paper: v.optional(someText) })),
  ),
  paper: v.optional(someText),
  formula: v.optional(someText),
  options: definedOptions,
  claims,
  supports: v.optional(v.function()),
  on: v.optional(v.function()),
  init: v.optional(v.function()),
  estimate: v.function(),
});

/** The value as an estimator. `who` names the plug-in in errors, which name the first field that is wrong. */
export function asEstimator(who: string, value: unknown): Estimator {
  validate(who, estimator, value);
  const valid = value as Estimator;
  checkDefaults(who, valid.options as OptionSpecs);
  return valid;
}
