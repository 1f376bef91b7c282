/** The source of a plug-in: its file and all files near it that it is made of, for a change in any may move a number. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { sha256 } from "./hash.ts";

/** SHA-256 of the file alone where it names no other, else of all their sums, in the order in which they are named. */
export function sourceHash(path: string): string {
  const [own, ...others] = filesOf(path).map((file) => sha256(readFileSync(file)));
  return others.length === 0 ? own! : sha256([own, ...others].join(" "));
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
