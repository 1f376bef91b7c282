/** Given options against what an estimator or a task declares: names, kinds, ranges, defaults. */
import type { OptionSpec, OptionSpecs, OptionValue, Settings } from "../../estimators/estimator.ts";
import { mistake } from "../errors.ts";
import { numberIn, parseSchedule } from "./schedules.ts";
import { suggestion } from "./suggest.ts";

/** Other names under which people look for an option. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  temperature: ["tau"],
  samples: ["k"],
  "learning-rate": ["lr", "rate"],
};

export interface Origin {
  /** Who declares the options: `gs`, `cat10`. */
  readonly who: string;
  readonly specs: OptionSpecs;
  /** Values that replace defaults: of the task, of a variant. Given options win over them. */
  readonly preset?: Settings;
}

/** The declared option that a key means, an alias too. */
export function declaredName(key: string, specs: OptionSpecs): string | undefined {
  if (Object.hasOwn(specs, key)) return key;
  return Object.entries(aliases).find(
    ([name, others]) => others.includes(key) && Object.hasOwn(specs, name),
  )?.[0];
}

/** The name of the declared option that `key` means; an unknown one is a mistake with a suggestion. */
export function optionName(key: string, { who, specs }: Origin): string {
  const known = declaredName(key, specs);
  if (known !== undefined) return known;
  const names = Object.keys(specs);
  if (names.length === 0)
    throw mistake(`${who}: an option must be one that it declares (it has none), got "${key}"`);
  const candidates = names.map((name) => ({ name, aliases: aliases[name] ?? [] }));
  throw mistake(`${who}: an option must be one that it declares, got "${key}"${suggestion(key, candidates)}`);
}

/** The given options under their declared names, read and checked. */
export function readOptions(given: Readonly<Record<string, string | OptionValue>>, origin: Origin): Settings {
  const read: Record<string, OptionValue> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = optionName(key, origin);
    if (Object.hasOwn(read, name))
      throw mistake(`${origin.who}: option "${name}" must be given once, got it twice`);
    read[name] = readOption(`${origin.who}: ${name}`, origin.specs[name]!, value);
  }
  return read;
}

/** Every declared option: as given, else as preset, else its default. */
export function resolveOptions(read: Settings, { specs, preset = {}, who }: Origin): Settings {
  const presets = readOptions(preset, { who, specs });
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, read[name] ?? presets[name] ?? spec.default]),
  );
}

/** One value: text from a command line, or a value from a configuration. */
export function readOption(who: string, spec: OptionSpec, value: OptionValue): OptionValue {
  if (spec.choices !== undefined) return choiceIn(who, spec.choices, value);
  if (spec.schedule === true) return scheduleIn(who, spec, value);
  if (typeof spec.default === "number") {
    const number = typeof value === "number" ? value : numberIn(String(value), who);
    checkRange(who, spec, number, number);
    return number;
  }
  if (typeof spec.default === "string") return textIn(who, spec, String(value));
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw mistake(`${who} must be true or false, got "${value}"`);
}

function choiceIn(who: string, choices: readonly string[], value: OptionValue): string {
  const text = String(value);
  if (choices.includes(text)) return text;
  throw mistake(`${who} must be one of ${choices.join(", ")}, got "${text}"${onlyNear(text, choices)}`);
}

function onlyNear(text: string, choices: readonly string[]): string {
  const said = suggestion(text, choices);
  return said.startsWith(". Did") ? said : "";
}

function textIn(who: string, { form }: OptionSpec, text: string): string {
  if (form === undefined || new RegExp(`^(?:${form.pattern})$`).test(text)) return text;
  throw mistake(`${who} must be ${form.words}, got "${text}"`);
}

function scheduleIn(who: string, spec: OptionSpec, value: OptionValue): OptionValue {
  const schedule = parseSchedule(typeof value === "boolean" ? String(value) : value, who);
  checkRange(who, spec, ...schedule.range);
  return schedule.text.includes(":") ? schedule.text : schedule.at(0);
}

function checkRange(who: string, spec: OptionSpec, least: number, most: number): void {
  const got = least === most ? String(least) : `values from ${least} to ${most}`;
  if (spec.integer === true && !Number.isInteger(least))
    throw mistake(`${who} must be a whole number, got ${got}`);
  const { minimum, maximum, exclusive } = spec;
  if (minimum !== undefined && (exclusive === true ? least <= minimum : least < minimum)) {
    throw mistake(`${who} must be ${exclusive === true ? "above" : "at least"} ${minimum}, got ${got}`);
  }
  if (maximum !== undefined && (exclusive === true ? most >= maximum : most > maximum)) {
    throw mistake(`${who} must be ${exclusive === true ? "below" : "at most"} ${maximum}, got ${got}`);
  }
}
