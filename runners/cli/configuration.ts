/** The configuration file: bench.config.{ts,js,json}, whose fields are flags. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import { lineOf, mistake } from "../errors.ts";
import { flag, settingNames, type RawValues } from "./flags.ts";

const names = ["bench.config.ts", "bench.config.js", "bench.config.json"];

/** The values of the named file, or of the one in the working directory; empty when there is no file. */
export async function readConfiguration(
  named: string | undefined,
  cwd: string,
): Promise<{ readonly values: RawValues; readonly folder: string }[]> {
  const found = (named === undefined ? names : [named])
    .map((name) => resolve(cwd, name))
    .filter((path) => existsSync(path));
  const [path] = found;
  if (named !== undefined && path === undefined)
    throw mistake(`--config: ${resolve(cwd, named)} does not exist.`);
  if (found.length > 1) throw mistake(`There are ${found.length} configuration files: ${found.join(", ")}.`);
  if (path === undefined) return [];
  const [{ validate }, schema] = await Promise.all([import("../options/schema.ts"), schemaOfSettings()]);
  return [{ values: validate(path, schema, await load(path)), folder: dirname(path) }];
}

async function schemaOfSettings() {
  const [v, { strictFields }] = await Promise.all([import("valibot"), import("../options/schema.ts")]);
  const text = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
  const schemas = {
    text,
    list: v.union([
      v.array(text),
      v.pipe(
        text,
        v.transform((one) => [one]),
      ),
    ]),
    switch: v.boolean(),
  };
  return strictFields(
    Object.fromEntries(settingNames.map((name) => [name, v.optional(schemas[flag(name).type])])),
  );
}

async function load(path: string): Promise<unknown> {
  try {
    if (extname(path) === ".json") return JSON.parse(readFileSync(path, "utf8")) as unknown;
    const { importFile } = await import("../plugins/load-plugin.ts");
    const module = await importFile(path);
    if (!("default" in module)) throw new Error("it has no default export");
    return module["default"];
  } catch (error) {
    throw mistake(`${path} does not load: ${lineOf(error)}.`, error);
  }
}
