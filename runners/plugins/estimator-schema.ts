/** Checks that the value of a plug-in is an estimator. */
import * as v from "valibot";
import type { Estimator, OptionSpecs } from "../../estimators/estimator.ts";
import { readOption } from "../options/resolve.ts";
import { strictFields, validate } from "../options/schema.ts";

const text = v.pipe(v.string(), v.regex(/\S/, "must not be empty"));
const texts = v.array(text);
const flag = v.optional(v.boolean());
const bound = v.optional(v.pipe(v.number(), v.finite("must be finite")));
const words = "must be lower-case letters and digits, joined by dashes";

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

const option = strictFields({
  default: v.union([v.pipe(v.number(), v.finite("must be finite")), v.string(), v.boolean()]),
  minimum: bound,
  maximum: bound,
  exclusive: flag,
  integer: flag,
  choices: v.optional(texts),
  form: v.optional(
    strictFields({
      pattern: v.pipe(text, v.check(isPattern, "must be a regular expression")),
      words: text,
    }),
  ),
  schedule: flag,
  fromTask: flag,
  doc: text,
});

const claims = strictFields({
  families: v.pipe(v.array(v.picklist(["bernoulli", "categorical"])), v.minLength(1, "must not be empty")),
  sites: v.picklist(["one", "any"]),
  variables: v.optional(v.literal("one")),
  unbiased: v.union([v.boolean(), v.literal("direction")]),
  needs: v.picklist(["values", "derivatives"]),
  objective: v.optional(v.picklist(["mean", "multi-sample"])),
  coefficients: v.optional(texts),
  learningSignal: v.optional(v.picklist(["joint", "per-site"])),
  relaxed: flag,
  sampleLaw: v.optional(v.function()),
  evaluations: v.function(),
});

const estimator = strictFields({
  name: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, words)),
  title: text,
  aliases: v.optional(texts),
  identities: v.optional(
    v.array(strictFields({ name: text, when: v.optional(text), paper: v.optional(text) })),
  ),
  paper: v.optional(text),
  formula: v.optional(text),
  options: v.record(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/, words)), option),
  claims,
  supports: v.optional(v.function()),
  init: v.optional(v.function()),
  estimate: v.function(),
});

/** The value as an estimator. `who` names the plug-in in errors, which name the first field that is wrong. */
export function asEstimator(who: string, value: unknown): Estimator {
  validate(who, estimator, value);
  const valid = value as Estimator;
  for (const [name, spec] of Object.entries(valid.options as OptionSpecs))
    readOption(`${who}: options.${name}.default`, spec, spec.default);
  return valid;
}
