/** Checks options against their declarations (names, types, ranges) and fills in defaults. */
import type { OptionSpec, OptionSpecs, OptionValue, Settings } from "../../estimators/estimator.ts";
import { mistake } from "../errors.ts";
import { numberIn } from "./quantities.ts";
import { parseSchedule } from "./schedules.ts";
import { suggestion, unknownName } from "./suggest.ts";

/** Other names that users may write for an option. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  temperature: ["tau"],
  samples: ["k"],
  "learning-rate": ["lr", "rate"],
};

/** The options that something declares. */
export interface OptionScope {
  /** The name of the estimator, task or engine. */
  readonly who: string;
  readonly specs: OptionSpecs;
  /** Values that replace the defaults, from the task or from a variant. */
  readonly preset?: Settings;
}

/** The declared option with this name or alias. */
export function declaredName(key: string, specs: OptionSpecs): string | undefined {
  if (Object.hasOwn(specs, key)) return key;
  return Object.entries(aliases).find(
    ([name, others]) => others.includes(key) && Object.hasOwn(specs, name),
  )?.[0];
}

/** The same, but an unknown name is an error with a suggestion. */
export function optionName(key: string, { who, specs }: OptionScope): string {
  const known = declaredName(key, specs);
  if (known !== undefined) return known;
  const names = Object.keys(specs);
  if (names.length === 0) throw mistake(`${who} has no options, got "${key}".`);
  throw unknownName(
    `option of ${who}:`,
    key,
    names.map((name) => ({ name, aliases: aliases[name] ?? [] })),
  );
}

/** Reads options, checks them and returns them under their declared names. */
export function readOptions(
  written: Readonly<Record<string, string | OptionValue>>,
  scope: OptionScope,
): Settings {
  const read: Record<string, OptionValue> = {};
  for (const [key, value] of Object.entries(written)) {
    const name = optionName(key, scope);
    if (Object.hasOwn(read, name)) throw mistake(`${scope.who}: option "${name}" is given twice.`);
    read[name] = readOption(`${scope.who}: ${name}`, scope.specs[name]!, value);
  }
  return read;
}

/** A value for every declared option: the one that was read, else the preset, else the default. */
export function resolveOptions(read: Settings, { specs, preset = {}, who }: OptionScope): Settings {
  const presets = readOptions(preset, { who, specs });
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, read[name] ?? presets[name] ?? spec.default]),
  );
}

/** Reads one value: a text from the command line, or a value from a configuration file. */
export function readOption(who: string, spec: OptionSpec, value: OptionValue): OptionValue {
  const text = String(value);
  if (spec.choices !== undefined) {
    if (spec.choices.includes(text)) return text;
    throw mistake(`${who} has no choice "${text}".${suggestion(text, spec.choices)}`);
  }
  if (spec.schedule === true) {
    const schedule = parseSchedule(text, who);
    checkRange(who, spec, ...schedule.range);
    return schedule.text.includes(":") ? schedule.text : schedule.at(0);
  }
  if (typeof spec.default === "number") {
    const number = typeof value === "number" ? value : numberIn(text, who);
    checkRange(who, spec, number, number);
    return number;
  }
  if (typeof spec.default === "string") {
    const { form } = spec;
    if (form === undefined || new RegExp(`^(?:${form.pattern})$`).test(text)) return text;
    throw mistake(`${who} expects ${form.words}, got "${text}".`);
  }
  if (text === "true" || text === "false") return text === "true";
  throw mistake(`${who} expects true or false, got "${text}".`);
}

function checkRange(who: string, spec: OptionSpec, least: number, most: number): void {
  const got = least === most ? String(least) : `values from ${least} to ${most}`;
  const { minimum, maximum, exclusive = false } = spec;
  const advice = spec.beyond === undefined ? "" : ` ${spec.beyond}`;
  if (spec.integer === true && !Number.isInteger(least))
    throw mistake(`${who} must be a whole number, got ${got}.`);
  if (minimum !== undefined && (exclusive ? least <= minimum : least < minimum)) {
    const limit = exclusive && minimum === 0 ? "positive" : `${exclusive ? "above" : "at least"} ${minimum}`;
    throw mistake(`${who} must be ${limit}, got ${got}.${advice}`);
  }
  if (maximum !== undefined && (exclusive ? most >= maximum : most > maximum))
    throw mistake(`${who} must be ${exclusive ? "below" : "at most"} ${maximum}, got ${got}.${advice}`);
}
