/** Hashes the source of an estimator: its file and all files and packages that it uses, since each may change a number. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../hash.ts";
import { installedPackage } from "./find-plugin.ts";

/**
 * SHA-256 of the file if it names no other file or package. Otherwise the SHA-256 of the sums of all files, in the order
 * in which they are named, and of the names and versions of the packages that they import.
 */
export function sourceHash(path: string): string {
  const files = filesOf(path);
  const [own, ...others] = [...files.map((file) => sha256(readFileSync(file))), ...packagesOf(files)];
  return others.length === 0 ? own! : sha256([own, ...others].join(" "));
}

/** `name@version` of each package that the files import, sorted; `name@absent` for one that is not installed. */
export function packagesOf(files: readonly string[]): string[] {
  const found = files.filter((file) => scripts.test(file)).flatMap((file) => importedBy(file));
  return [...new Set(found)].sort();
}

const imports =
  /\b(?:from|import|require|createRequire\([^)]*\))\s*\(?\s*(["'])((?:@[\w.-]+\/)?[\w][\w.-]*)(?:\/[^"'\n]*)?\1/g;

function importedBy(file: string): string[] {
  const names = [...codeIn(file).matchAll(imports)].map(([, , name]) => name!);
  return names.filter((name) => !isBuiltin(name)).map((name) => `${name}@${versionOf(name, dirname(file))}`);
}

function versionOf(name: string, folder: string): string {
  const root = installedPackage(name, folder);
  if (root === undefined) return "absent";
  return String(
    (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version?: unknown }).version,
  );
}

/** The file, then the files that it names and that these name, each once. */
export function filesOf(path: string): string[] {
  const found = new Set([realpathSync(path)]);
  for (const file of found) for (const named of namedIn(file)) found.add(realpathSync(named));
  return [...found];
}

const scripts = /\.[cm]?[jt]sx?$/;
/** Imports of types, which are erased before the file runs. */
const typesOnly = /\b(?:import|export)\s+type\s+(?!from\s*["'])[^;"']*?\bfrom\s*(["'])[^"']*\1/g;
/** A text that begins like a path: in an import, in a call of require, or for a file to read. */
const paths = /(["'`])((?:\.{1,2}\/|\/|file:)[^"'`\n]+)\1/g;

/** Existing files that the texts of a script name, relative to it or in full. */
function namedIn(file: string): string[] {
  if (!scripts.test(file)) return [];
  return [...codeIn(file).matchAll(paths)].flatMap(([, , text]) => candidates(file, text!)).filter(isFile);
}

const codeIn = (file: string) => readFileSync(file, "utf8").replaceAll(typesOnly, "");

/** The files that a specifier may mean: with and without an extension, in JavaScript and in TypeScript. */
function candidates(file: string, text: string): string[] {
  const [bare = ""] = text.split(/[?#]/, 1);
  const path = text.startsWith("file:") ? fromUrl(bare) : resolve(dirname(file), bare);
  if (path === undefined) return [];
  const extensions = ["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx", "json"];
  const typed = /\.[cm]?jsx?$/.test(path) ? [path.replace(/js(x?)$/, "ts$1")] : [];
  const added = ["", "/index"].flatMap((middle) =>
    extensions.map((extension) => `${path}${middle}.${extension}`),
  );
  return [path, ...typed, ...added];
}

function fromUrl(text: string): string | undefined {
  try {
    return fileURLToPath(text);
  } catch {
    return undefined;
  }
}

const isFile = (path: string) => existsSync(path) && statSync(path).isFile();
