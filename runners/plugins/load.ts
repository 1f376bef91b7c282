/**
 * Estimators from outside. `file:`, `./`, `../`, `/` or a known extension is that file and nothing else;
 * otherwise a package: `bench-plugin-NAME`, then `NAME`, found from the folder where it was named.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Estimator } from "../../estimators/estimator.ts";
import type { Toolkit } from "../../estimators/core/toolkit.ts";
import { codeOf, lineOf, mistake } from "../errors.ts";
import { withPatience } from "./time-limit.ts";
import { checkEstimator, shown } from "./validate.ts";
import { sourceHash } from "./source-hash.ts";
import { withoutExit } from "./block-exit.ts";

const extensions = [".js", ".mjs", ".cjs", ".ts", ".mts"];

export interface Plugin {
  readonly estimator: Estimator;
  readonly path: string;
  /** Of the file and of those near it that it is made of. */
  readonly sourceHash: string;
}

/** Seconds that a plug-in may take to load, with all that it imports. */
const patience = 60;

/** Loads one plug-in and checks its shape. A plug-in that cannot be loaded is the user's mistake. */
export async function loadPlugin(
  spec: string,
  folder: string,
  toolkit: Toolkit,
  seconds = patience,
): Promise<Plugin> {
  const path = findPlugin(spec, folder);
  const who = `plug-in ${spec}`;
  const importing = importingWithin(seconds);
  const module = await importing(who, path, () => importFile(path));
  const make = module["default"];
  if (typeof make !== "function") {
    throw mistake(
      `${who}: the file must export by default a function (toolkit) => estimator, got ${shown(make)}`,
    );
  }
  const made = await importing(who, path, () =>
    Promise.resolve(toolkit).then((given) => (make as (toolkit: Toolkit) => unknown)(given)),
  );
  return { estimator: checkEstimator(who, made), path, sourceHash: sourceHash(path) };
}

/** The file that a plug-in's name means. */
export function findPlugin(spec: string, folder: string): string {
  if (isPath(spec)) {
    const path = spec.startsWith("file:") ? fileURLToPath(spec) : resolve(folder, spec);
    if (!existsSync(path)) throw mistake(`plug-in ${spec}: the file must exist, got none at ${path}`);
    if (!statSync(path).isFile())
      throw mistake(`plug-in ${spec}: it must be a file, got a folder at ${path}`);
    return path;
  }
  const names = [`bench-plugin-${spec}`, spec];
  for (const name of names) {
    const path = findPackage(name, folder);
    if (path !== undefined) return path;
  }
  throw mistake(
    `plug-in ${spec}: a package must be installed where the command runs, got none called ${names.join(" or ")} ` +
      `from ${folder} (for a file write ./${spec})`,
  );
}

/** Whether the text means a file, not a package. */
export function isPath(spec: string): boolean {
  return /^(file:|\.{1,2}\/|\/|[a-z]:[\\/])/i.test(spec) || extensions.includes(extname(spec));
}

/** The entry of a package as `import` would see it from the folder, or undefined when there is no such package. */
function findPackage(name: string, folder: string): string | undefined {
  const root = packageFolder(name, folder);
  if (root === undefined) return undefined;
  try {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports?: unknown };
    const entry = importEntry(exports);
    return entry === undefined ? createRequire(join(folder, "bench.js")).resolve(name) : join(root, entry);
  } catch (error) {
    throw mistake(`plug-in ${name}: its package must have an entry that can be found, but ${lineOf(error)}`);
  }
}

function packageFolder(name: string, folder: string): string | undefined {
  if (!/^(@[\w.-]+\/)?[\w.-]+$/.test(name)) return undefined;
  const found = join(folder, "node_modules", name);
  if (existsSync(join(found, "package.json"))) return found;
  return dirname(folder) === folder ? undefined : packageFolder(name, dirname(folder));
}

function importEntry(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (typeof exports !== "object" || exports === null) return undefined;
  const conditions = exports as Record<string, unknown>;
  for (const key of [".", "node", "import", "default"]) {
    if (key in conditions) return importEntry(conditions[key]);
  }
  return undefined;
}

/**
 * Imports a file; TypeScript goes through tsx, which is loaded only then. A module that was taken for CommonJS,
 * as where no package.json says otherwise, has its own default export inside the outer one.
 */
export async function importFile(path: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(path).href;
  const module = /\.m?ts$/.test(path) ? await importTypeScript(url) : ((await import(url)) as Module);
  const { default: outer } = module;
  const wrapped = typeof outer === "object" && outer !== null && "__esModule" in outer && "default" in outer;
  return wrapped ? outer : module;
}

type Module = Record<string, unknown>;

async function importTypeScript(url: string): Promise<Module> {
  const { tsImport } = await import("tsx/esm/api");
  return (await tsImport(url, import.meta.url)) as Module;
}

const importingWithin = (seconds: number) =>
  async function importing<R>(who: string, path: string, action: () => Promise<R>): Promise<R> {
    try {
      return await withPatience(seconds, () => withoutExit("while it loads", action));
    } catch (error) {
      const hint =
        codeOf(error) === "ERR_MODULE_NOT_FOUND" ? " (something that it imports is not installed)" : "";
      const failed = mistake(
        `${who}: ${path} must load without an error${hint}, got "${lineOf(error)}"`,
        error,
      );
      if (error instanceof Error && error.stack !== undefined) failed.detail = error.stack;
      throw failed;
    }
  };
