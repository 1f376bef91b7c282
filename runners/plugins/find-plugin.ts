/**
 * Finds the file of a plug-in. A name that begins with `file:`, `./`, `../` or `/` or ends in a script's extension is a
 * file. Any other name is a package, `bench-plugin-NAME` or `NAME`, found from the folder where it was named.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { lineOf, mistake } from "../errors.ts";

/** A plug-in as the user named it, and the folder from which it is looked up. */
export interface NamedPlugin {
  readonly spec: string;
  readonly folder: string;
}

const extensions = [".js", ".mjs", ".cjs", ".ts", ".mts"];

/** Whether the name means a file and not a package. */
export function isPath(spec: string): boolean {
  return /^(file:|\.{1,2}\/|\/|[a-z]:[\\/])/i.test(spec) || extensions.includes(extname(spec));
}

/** The absolute path of a plug-in's file. */
export function findPlugin({ spec, folder }: NamedPlugin): string {
  if (isPath(spec)) {
    const path = spec.startsWith("file:") ? fileURLToPath(spec) : resolve(folder, spec);
    if (!existsSync(path)) throw mistake(`plug-in ${spec}: ${path} does not exist.`);
    if (!statSync(path).isFile()) throw mistake(`plug-in ${spec}: ${path} is not a file.`);
    return path;
  }
  const names = [`bench-plugin-${spec}`, spec];
  for (const name of names) {
    const path = findPackage(name, folder);
    if (path !== undefined) return path;
  }
  throw mistake(
    `plug-in ${spec}: no package ${names.join(" or ")} is installed in ${folder}. For a file, write ./${spec}.`,
  );
}

/** The main file of a package for `import` from the folder; undefined when the package is not installed. */
function findPackage(name: string, folder: string): string | undefined {
  const root = installedPackage(name, folder);
  if (root === undefined) return undefined;
  try {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports?: unknown };
    const entry = importEntry(exports);
    return entry === undefined ? createRequire(join(folder, "bench.js")).resolve(name) : join(root, entry);
  } catch (error) {
    throw mistake(`plug-in ${name}: its package has no main file (${lineOf(error)}).`);
  }
}

/** The folder of an installed package, looked up from `folder` upwards. */
export function installedPackage(name: string, folder: string): string | undefined {
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(name)) return undefined;
  const found = join(folder, "node_modules", name);
  if (existsSync(join(found, "package.json"))) return found;
  return dirname(folder) === folder ? undefined : installedPackage(name, dirname(folder));
}

function importEntry(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (typeof exports !== "object" || exports === null) return undefined;
  const conditions = exports as Record<string, unknown>;
  const key = [".", "node", "import", "default"].find((condition) => condition in conditions);
  return key === undefined ? undefined : importEntry(conditions[key]);
}
