/** Flag over BENCH_* variable over bench.config.{ts,js,json}; an unknown key anywhere is an error. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { lineOf, mistake } from "../errors.ts";
import { valueText } from "../options/schema.ts";
import { suggestion } from "../options/suggest.ts";
import { flags, layeredFlags, type Flag, type FlagName, type Given } from "./flags.ts";
import type { Io } from "./io.ts";

/** Read by other parts of the project: not a setting. */
const otherVariables = ["BENCH_REQUIRE", "BENCH_CONFIG"];

type Raw = string | readonly string[] | boolean;

interface Layer {
  readonly values: Readonly<Partial<Record<FlagName, Raw>>>;
  readonly folder: string;
}

/** The settings of a verb that takes the flags `taken`; `parsed` is what its command line gave. */
export async function settingsOf(
  parsed: Readonly<Record<string, unknown>>,
  taken: readonly FlagName[],
  { env, cwd }: Io,
): Promise<Given> {
  const layers: Layer[] = [
    { values: fromCommandLine(parsed, taken), folder: cwd },
    { values: fromVariables(env), folder: cwd },
  ];
  if (taken.includes("config")) {
    const named = typeof parsed["config"] === "string" ? parsed["config"] : env["BENCH_CONFIG"];
    const path = findConfiguration(named, cwd);
    if (path !== undefined) layers.push({ values: await readConfiguration(path), folder: dirname(path) });
  }
  const find = (name: FlagName) => layers.find(({ values }) => values[name] !== undefined);
  return {
    on: (name) => find(name)?.values[name] === true,
    texts(name) {
      const value = find(name)?.values[name];
      return value === undefined || typeof value === "boolean"
        ? []
        : typeof value === "string"
          ? [value]
          : value;
    },
    text(name) {
      const layer = find(name);
      const value = layer?.values[name];
      if (layer === undefined || typeof value !== "string") return undefined;
      return (flags[name] as Flag).path === true ? resolve(layer.folder, value) : value;
    },
    folderOf: (name) => find(name)?.folder ?? cwd,
  };
}

function fromCommandLine(
  parsed: Readonly<Record<string, unknown>>,
  taken: readonly FlagName[],
): Layer["values"] {
  return Object.fromEntries(
    taken
      .filter((name) => parsed[name] !== undefined)
      .map((name) => {
        const value = parsed[name];
        if (flags[name].kind === "text" && Array.isArray(value)) {
          throw mistake(`--${name}: it must be given once, got it ${value.length} times`);
        }
        return [name, value as Raw];
      }),
  );
}

function variableOf(name: FlagName): string {
  return `BENCH_${name.toUpperCase().replaceAll("-", "_")}`;
}

function fromVariables(env: Io["env"]): Layer["values"] {
  const byVariable = new Map(layeredFlags.map((name) => [variableOf(name), name]));
  const values: Partial<Record<FlagName, Raw>> = {};
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith("BENCH_") || otherVariables.includes(variable) || text === undefined) continue;
    const name = byVariable.get(variable);
    if (name === undefined) {
      const near = suggestion(variable, [...byVariable.keys()]);
      throw mistake(
        `environment: a variable that begins with BENCH_ must be a setting, got ${variable}${near}`,
      );
    }
    if (text === "") continue;
    values[name] = flags[name].kind === "switch" ? switchIn(variable, text) : listed(name, text);
  }
  return values;
}

/** Selections keep their commas, which belong to their grammar; plug-ins are a list. */
function listed(name: FlagName, text: string): Raw {
  return name === "plugin" ? text.split(",") : flags[name].kind === "texts" ? [text] : text;
}

function switchIn(variable: string, text: string): boolean {
  if (["1", "true", "yes"].includes(text.toLowerCase())) return true;
  if (["0", "false", "no"].includes(text.toLowerCase())) return false;
  throw mistake(`${variable}: it must be 1 or 0, got "${text}"`);
}

const configurationNames = ["bench.config.ts", "bench.config.js", "bench.config.json"];

function findConfiguration(named: string | undefined, cwd: string): string | undefined {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (!existsSync(path)) throw mistake(`--config: the file must exist, got none at ${path}`);
    return path;
  }
  const found = configurationNames.map((name) => join(cwd, name)).filter((path) => existsSync(path));
  if (found.length > 1)
    throw mistake(`configuration: there must be one in ${cwd}, got ${found.length}: ${found.join(", ")}`);
  return found[0];
}

async function readConfiguration(path: string): Promise<Layer["values"]> {
  const value = await loadConfiguration(path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw mistake(`${path}: the configuration must be an object, got ${valueText(value)}`);
  }
  const values: Partial<Record<FlagName, Raw>> = {};
  for (const [key, given] of Object.entries(value)) {
    const name = layeredFlags.find((flag) => flag === key);
    if (name === undefined) {
      throw mistake(`${path}: a key must be a setting, got "${key}"${suggestion(key, layeredFlags)}`);
    }
    values[name] = configured(`${path}: ${key}`, name, given);
  }
  return values;
}

async function loadConfiguration(path: string): Promise<unknown> {
  try {
    if (extname(path) === ".json") return JSON.parse(readFileSync(path, "utf8")) as unknown;
    const { importFile } = await import("../plugins/load-plugin.ts");
    const module = await importFile(path);
    if (!("default" in module)) throw new Error("it has no default export");
    return module["default"];
  } catch (error) {
    throw mistake(`${path}: the configuration must load without an error, got "${lineOf(error)}"`, error);
  }
}

function configured(who: string, name: FlagName, given: unknown): Raw {
  const { kind } = flags[name];
  const isText = (value: unknown) => typeof value === "string" || typeof value === "number";
  if (kind === "switch") {
    if (typeof given === "boolean") return given;
    throw mistake(`${who} must be true or false, got ${valueText(given)}`);
  }
  if (isText(given)) return kind === "texts" ? [String(given)] : String(given);
  if (kind === "texts" && Array.isArray(given) && given.every(isText)) return given.map(String);
  const must = kind === "texts" ? "a text or a list of texts" : "a text or a number";
  throw mistake(`${who} must be ${must}, got ${valueText(given)}`);
}
