/** The source of an estimator: its file and all that it is made of, for a change in any may move a number. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "../hash.ts";

/**
 * SHA-256 of the file alone where it names nothing else, else of all its files' sums, in the order in which they are
 * named, and of the names and versions of the packages that they import.
 */
export function sourceHash(path: string): string {
  const files = filesOf(path);
  const [own, ...others] = [...files.map((file) => sha256(readFileSync(file))), ...packagesOf(files)];
  return others.length === 0 ? own! : sha256([own, ...others].join(" "));
}

/** `name@version` of each package that files import, found as Node finds it, sorted; `name@absent` of one that is not there. */
export function packagesOf(files: readonly string[]): string[] {
  const found = files.filter((file) => scripts.test(file)).flatMap((file) => importedBy(file));
  return [...new Set(found)].sort();
}

const imports =
  /\b(?:from|import|require|createRequire\([^)]*\))\s*\(?\s*(["'])((?:@[\w.-]+\/)?[\w][\w.-]*)(?:\/[^"'\n]*)?\1/g;

function importedBy(file: string): string[] {
  const texts = readFileSync(file, "utf8").replaceAll(typesOnly, "").matchAll(imports);
  return [...texts].flatMap(([, , name]) =>
    isBuiltin(name!) ? [] : [`${name!}@${versionOf(name!, dirname(file))}`],
  );
}

function versionOf(name: string, folder: string): string {
  const path = join(folder, "node_modules", name, "package.json");
  if (existsSync(path))
    return String((JSON.parse(readFileSync(path, "utf8")) as { version?: unknown }).version);
  return dirname(folder) === folder ? "absent" : versionOf(name, dirname(folder));
}

/** The file first, then those that it names and that these name, each once. */
export function filesOf(path: string): string[] {
  const found = new Set([realpathSync(path)]);
  for (const file of found) for (const named of namedIn(file)) found.add(realpathSync(named));
  return [...found];
}

const scripts = /\.[cm]?[jt]sx?$/;
/** Erased before the file runs. */
const typesOnly = /\b(?:import|export)\s+type\s+(?!from\s*["'])[^;"']*?\bfrom\s*(["'])[^"']*\1/g;
/** A text that begins like a path: of an import, of require, or of a file that is read. */
const paths = /(["'`])((?:\.{1,2}\/|\/|file:)[^"'`\n]+)\1/g;

/** Existing files that the texts of a script name, relative to it or in full. */
function namedIn(file: string): string[] {
  if (!scripts.test(file)) return [];
  const texts = readFileSync(file, "utf8").replaceAll(typesOnly, "").matchAll(paths);
  return [...texts].flatMap(([, , text]) => candidates(file, text!)).filter(isFile);
}

/** All that a specifier may mean, with and without its extension, in TypeScript too. */
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
