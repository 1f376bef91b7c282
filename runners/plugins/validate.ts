/** Whether a value from outside is an estimator: field by field, a sentence for the first that is wrong. */
import type { Estimator, OptionSpec } from "../../estimators/estimator.ts";
import { mistake } from "../errors.ts";
import { readOption } from "../options/resolve.ts";
import { suggestion } from "../options/suggest.ts";

type Check = (value: unknown) => boolean;
interface Field {
  readonly must: string;
  readonly check: Check;
  readonly optional?: boolean;
}

const isText: Check = (value) => typeof value === "string" && value.trim() !== "";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isFunction: Check = (value) => typeof value === "function";
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const among =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const text = { must: "a text that is not empty", check: isText };
const maybeText = { ...text, optional: true };
const maybeNumber = { must: "a finite number", check: isNumber, optional: true };
const maybeSwitch = { must: "true or false", check: among(true, false), optional: true };
const maybeFunction = { must: "a function", check: isFunction, optional: true };
const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const optionPattern = /^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/;

const estimatorFields: Readonly<Record<string, Field>> = {
  name: {
    must: "lower-case letters and digits, with single dashes between, such as my-estimator",
    check: (value) => typeof value === "string" && namePattern.test(value),
  },
  title: text,
  aliases: { must: "a list of texts", check: listOf(isText), optional: true },
  paper: maybeText,
  formula: maybeText,
  options: { must: "an object of options ({} for none)", check: isObject },
  claims: { must: "an object of claims", check: isObject },
  supports: maybeFunction,
  init: maybeFunction,
  estimate: { must: "a function", check: isFunction },
};

const claimFields: Readonly<Record<string, Field>> = {
  families: {
    must: 'a list of "bernoulli", "categorical" or both',
    check: (value) => listOf(among("bernoulli", "categorical"))(value) && (value as unknown[]).length > 0,
  },
  sites: { must: '"one" or "any"', check: among("one", "any") },
  variables: { must: '"one", or be left out', check: among("one"), optional: true },
  unbiased: { must: 'true, false or "direction"', check: among(true, false, "direction") },
  needs: { must: '"values" or "derivatives"', check: among("values", "derivatives") },
  objective: { must: '"mean" or "multi-sample"', check: among("mean", "multi-sample"), optional: true },
  coefficients: { must: "a list of names of its own parameters", check: listOf(isText), optional: true },
  relaxed: maybeSwitch,
  evaluations: {
    must: "a function (sites, options) => ({ forward, backward })",
    check: isFunction,
  },
};

const optionFields: Readonly<Record<string, Field>> = {
  default: {
    must: "a number, a text, true or false",
    check: (value) => isNumber(value) || ["string", "boolean"].includes(typeof value),
  },
  minimum: maybeNumber,
  maximum: maybeNumber,
  exclusive: maybeSwitch,
  integer: maybeSwitch,
  choices: { must: "a list of texts", check: listOf(isText), optional: true },
  form: { must: "{ pattern, words }, the pattern a regular expression", check: isForm, optional: true },
  schedule: maybeSwitch,
  fromTask: maybeSwitch,
  doc: text,
};

function isForm(value: unknown): boolean {
  if (!isObject(value) || !isText(value["pattern"]) || !isText(value["words"])) return false;
  try {
    return new RegExp(String(value["pattern"])) instanceof RegExp;
  } catch {
    return false;
  }
}

/** The value as an estimator; `who` names where it came from. */
export function checkEstimator(who: string, value: unknown): Estimator {
  if (!isObject(value)) throw mistake(`${who}: the estimator must be an object, got ${shown(value)}`);
  checkFields(who, "", estimatorFields, value);
  checkFields(who, "claims.", claimFields, value["claims"] as Record<string, unknown>);
  for (const [name, spec] of Object.entries(value["options"] as Record<string, unknown>)) {
    const path = `options.${name}`;
    if (!optionPattern.test(name)) {
      throw mistake(`${who}: an option's name must be lower-case words joined by dashes, got "${name}"`);
    }
    if (!isObject(spec))
      throw mistake(`${who}: ${path} must be an object such as { default, doc }, got ${shown(spec)}`);
    checkFields(who, `${path}.`, optionFields, spec);
    const { default: usual } = spec as unknown as OptionSpec;
    readOption(`${who}: ${path}.default`, spec as unknown as OptionSpec, usual);
  }
  return value as unknown as Estimator;
}

function checkFields(
  who: string,
  path: string,
  fields: Readonly<Record<string, Field>>,
  value: Record<string, unknown>,
): void {
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(fields, key)) continue;
    throw mistake(
      `${who}: ${path}${key} must be a field of the contract${suggestion(key, Object.keys(fields))}`,
    );
  }
  for (const [key, { must, check, optional = false }] of Object.entries(fields)) {
    const field = value[key];
    if (field === undefined ? optional : check(field)) continue;
    throw mistake(`${who}: ${path}${key} must be ${must}, got ${shown(field)}`);
  }
}

/** A short picture of a value for an error. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
