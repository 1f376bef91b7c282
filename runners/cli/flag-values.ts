/** The values of a command's flags: command line before BENCH_* variables before the configuration file. */
import { resolve } from "node:path";
import { mistake } from "../errors.ts";
import { countIn, secondsIn } from "../options/quantities.ts";
import { unknownName } from "../options/suggest.ts";
import type { NamedPlugin } from "../plugins/find-plugin.ts";
import { flag, settingNames, type FlagName, type RawValue, type RawValues } from "./flags.ts";
import type { Io } from "./output.ts";

/** Values from one source, and the folder from which its paths are resolved. */
interface Layer {
  readonly values: RawValues;
  readonly folder: string;
}

export interface FlagValues {
  /** Whether a switch is set. */
  on(name: FlagName): boolean;
  /** A text, with a path made absolute; undefined without the flag, whatever its default. */
  text(name: FlagName): string | undefined;
  list(name: FlagName): readonly string[];
  /** A whole number in the range of the flag, or its default. */
  count(name: FlagName): number;
  /** A time in seconds; undefined without the flag. */
  seconds(name: FlagName): number | undefined;
  plugins(): NamedPlugin[];
}

/**
 * Reads the flags of a command.
 *
 * @param parsed What the parser found on the command line.
 * @param defaults Defaults of the command, which replace those of the flags.
 */
export async function readFlags(
  parsed: Readonly<Record<string, unknown>>,
  names: readonly FlagName[],
  { env, cwd }: Pick<Io, "env" | "cwd">,
  defaults: Readonly<Partial<Record<FlagName, string>>> = {},
): Promise<FlagValues> {
  const layers: Layer[] = [
    { values: fromCommandLine(parsed, names), folder: cwd },
    { values: fromEnvironment(env), folder: cwd },
  ];
  if (names.includes("config")) {
    const named = typeof parsed["config"] === "string" ? parsed["config"] : env["BENCH_CONFIG"];
    const { readConfiguration } = await import("./configuration.ts");
    layers.push(...(await readConfiguration(named, cwd)));
  }
  const find = (name: FlagName) =>
    names.includes(name) ? layers.find(({ values }) => values[name] !== undefined) : undefined;
  const values: FlagValues = {
    on: (name) => find(name)?.values[name] === true,
    text(name) {
      const { values, folder } = find(name) ?? {};
      const value = values?.[name];
      if (typeof value !== "string") return undefined;
      return flag(name).path === true ? resolve(folder!, value) : value;
    },
    list: (name) => [find(name)?.values[name] ?? []].flat().map(String),
    count(name) {
      const { default: usual, least } = flag(name);
      return countIn(values.text(name) ?? defaults[name] ?? usual ?? "", `--${name}`, least);
    },
    seconds(name) {
      const text = values.text(name);
      return text === undefined ? undefined : secondsIn(text, `--${name}`);
    },
    plugins: () => values.list("plugin").map((spec) => ({ spec, folder: find("plugin")?.folder ?? cwd })),
  };
  return values;
}

function fromCommandLine(parsed: Readonly<Record<string, unknown>>, names: readonly FlagName[]): RawValues {
  const found = names.filter((name) => parsed[name] !== undefined);
  for (const name of found) {
    const { type, requires } = flag(name);
    const value = parsed[name];
    if (type === "text" && Array.isArray(value)) throw mistake(`--${name} is given ${value.length} times.`);
    if (requires !== undefined && parsed[requires] === undefined)
      throw mistake(`--${name} requires --${requires}.`);
  }
  return Object.fromEntries(found.map((name) => [name, parsed[name] as RawValue]));
}

/** Variables of the tests and of the configuration file, which set no flag. */
const otherVariables = ["BENCH_REQUIRE", "BENCH_CONFIG"];

function fromEnvironment(env: Io["env"]): RawValues {
  const byVariable = new Map(
    settingNames.map((name) => [`BENCH_${name.toUpperCase().replaceAll("-", "_")}`, name]),
  );
  const values: Partial<Record<FlagName, RawValue>> = {};
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith("BENCH_") || otherVariables.includes(variable) || text === undefined) continue;
    const name = byVariable.get(variable);
    if (name === undefined) throw unknownName("variable", variable, [...byVariable.keys()]);
    if (text === "") continue;
    const { type } = flag(name);
    if (type === "switch") values[name] = switchIn(variable, text);
    // The commas of estimators and tasks belong to their grammar; plug-ins are separated by commas.
    else values[name] = name === "plugin" ? text.split(",") : type === "list" ? [text] : text;
  }
  return values;
}

function switchIn(variable: string, text: string): boolean {
  if (["1", "true", "yes"].includes(text.toLowerCase())) return true;
  if (["0", "false", "no"].includes(text.toLowerCase())) return false;
  throw mistake(`${variable} expects 1 or 0, got "${text}".`);
}
