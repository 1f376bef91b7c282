/** Schemas of what estimators and tasks of plug-ins both have: names, texts and options. */
import * as v from "valibot";
import type { OptionSpecs } from "../../estimators/estimator.ts";
import { readOption } from "../options/resolve.ts";
import { strictFields } from "../options/schema.ts";

export const someText = v.pipe(v.string(), v.regex(/\S/, "must not be empty"));
export const someTexts = v.array(someText);
export const optionalFlag = v.optional(v.boolean());
const finite = v.pipe(v.number(), v.finite("must be finite"));
const words = "must be lower-case letters and digits, joined by dashes";
export const definedName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, words));
export const optionValue = v.union([finite, v.string(), v.boolean()]);

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

const option = strictFields({
  default: optionValue,
  minimum: v.optional(finite),
  maximum: v.optional(finite),
  exclusive: optionalFlag,
  beyond: v.optional(someText),
  integer: optionalFlag,
  choices: v.optional(someTexts),
  form: v.optional(
    strictFields({
      pattern: v.pipe(someText, v.check(isPattern, "must be a regular expression")),
      words: someText,
    }),
  ),
  schedule: optionalFlag,
  fromTask: optionalFlag,
  doc: someText,
});

export const definedOptions = v.record(
  v.pipe(v.string(), v.regex(/^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/, words)),
  option,
);

/** Throws where the default of an option is not one of its values. */
export function checkDefaults(who: string, options: OptionSpecs): void {
  for (const [name, spec] of Object.entries(options))
    readOption(`${who}: options.${name}.default`, spec, spec.default);
}
