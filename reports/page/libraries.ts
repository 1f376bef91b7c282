/** The drawing libraries as they stand in the page, compressed, and the licences of all that they contain. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { environment } from "../format/bench-error.ts";
import { sha256Of } from "../format/checksums.ts";
import { policyHash } from "./page-frame.ts";

/** The folder of an installed package as a file in `from` finds it; packages need not export their package.json. */
function packageFolder(name: string, from = import.meta.dirname): string {
  const roots = createRequire(join(from, "x.js")).resolve.paths(name) ?? [];
  const found = roots
    .map((root) => join(root, name))
    .find((folder) => existsSync(join(folder, "package.json")));
  if (found === undefined) throw environment(`The report needs the package ${name}: run npm ci.`);
  return found;
}

interface PackageDescription {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const describe = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageDescription;

/** Compresses a text: gzip, as base64. */
export const pack = (text: string): string => gzipSync(text, { level: 9 }).toString("base64");

const names = ["vega", "vega-lite", "vega-embed"] as const;

let libraries: { readonly name: string; readonly packed: string; readonly hash: string }[] | undefined;

/**
 * Vega, Vega-Lite and Vega-Embed, in the order in which they must run: packed, and with the hash of the text for the
 * content security policy. Read once per process.
 */
export function drawingLibraries() {
  libraries ??= names.map((name) => {
    const text = readFileSync(join(packageFolder(name), `build/${name}.min.js`), "utf8");
    // A browser's tools would request the source map.
    const mapless = text.replace(/\n?\/\/# sourceMappingURL=\S*\s*$/, "\n");
    return { name, packed: pack(mapless), hash: policyHash(mapless) };
  });
  return libraries;
}

/** What the reports of a folder share: the address of each file, and the files with names that their texts decide. */
export interface SharedFiles {
  readonly script: string;
  readonly licences: string;
  readonly files: Readonly<Record<"script" | "licences", { readonly name: string; readonly text: string }>>;
}

export function sharedFiles(folder: string): SharedFiles {
  const packed = drawingLibraries().map(({ name, packed: text }) => [`library-${name}`, text]);
  const texts = [...inlinedLicences()].map(([text, packages]) => `${packages.join(", ")}\n\n${text}\n`);
  const named = (name: string, ending: string, text: string) => ({
    ...{ name: `${name}-${sha256Of(text).slice(0, 8)}.${ending}`, text },
  });
  const files = {
    script: named(
      "vega",
      "js",
      `globalThis.benchLibraries = ${JSON.stringify(Object.fromEntries(packed))};\n`,
    ),
    licences: named("licences", "txt", texts.join(`\n${"-".repeat(80)}\n\n`)),
  };
  return { script: folder + files.script.name, licences: folder + files.licences.name, files };
}

/** Dependencies of the packages' own commands and compilers, which no build contains. */
const notContained = (name: string) => ["yargs", "commander"].includes(name) || name.startsWith("@types/");

/** The folders of the libraries and of whatever they depend on. */
function containedFolders(): Set<string> {
  const found = new Set<string>();
  const visit = (name: string, from?: string) => {
    const folder = packageFolder(name, from);
    if (found.has(folder)) return;
    found.add(folder);
    const dependencies = Object.keys(describe(folder).dependencies ?? {});
    for (const dependency of dependencies) if (!notContained(dependency)) visit(dependency, folder);
  };
  for (const name of names) visit(name);
  return found;
}

let licences: ReadonlyMap<string, readonly string[]> | undefined;

/** The licence texts of all packages that the page contains, each with its packages; read once per process. */
export function inlinedLicences(): ReadonlyMap<string, readonly string[]> {
  if (licences !== undefined) return licences;
  const texts = new Map<string, string[]>();
  for (const folder of containedFolders()) {
    const { name, version, license = "no licence named" } = describe(folder);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? license : readFileSync(join(folder, file), "utf8").trim();
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`].sort());
  }
  licences = texts;
  return texts;
}
