/** The drawing libraries as they stand in the page: compressed, with the sums that its policy admits, and their licences. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { reportError } from "../format/report-error.ts";
import { policyHash } from "./policy.ts";

const require = createRequire(import.meta.url);

/** The folder of an installed package, from where `from` stands; packages need not export their package.json. */
function packageFolder(name: string, from?: string): string {
  const roots =
    from === undefined
      ? (require.resolve.paths(name) ?? [])
      : (createRequire(join(from, "x.js")).resolve.paths(name) ?? []);
  const found = roots
    .map((root) => join(root, name))
    .find((folder) => existsSync(join(folder, "package.json")));
  if (found === undefined)
    throw reportError(`${name}: must be installed for the report, got nothing (run npm ci).`);
  return found;
}

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const readPackage = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Package;

export interface Library {
  readonly name: string;
  /** gzip, base64 */
  readonly packed: string;
  /** For the content security policy. */
  readonly hash: string;
}

export const pack = (text: string): string => gzipSync(text, { level: 9 }).toString("base64");

const builds = [
  ["vega", "build/vega.min.js"],
  ["vega-lite", "build/vega-lite.min.js"],
  ["vega-embed", "build/vega-embed.min.js"],
] as const;

let libraries: readonly Library[] | undefined;

/** Vega, Vega-Lite and Vega-Embed, in the order in which they must run; read once a process. */
export function drawingLibraries(): readonly Library[] {
  libraries ??= builds.map(([name, file]) => {
    // The map's address would be a request as soon as somebody opens the browser's tools.
    const text = readFileSync(join(packageFolder(name), file), "utf8").replace(
      /\n?\/\/# sourceMappingURL=\S*\s*$/,
      "\n",
    );
    return { name, packed: pack(text), hash: policyHash(text) };
  });
  return libraries;
}

export interface Licence {
  readonly packages: readonly string[];
  readonly text: string;
}

/** Needed by the packages' own commands and compilers, and in no build. */
const notContained = (name: string) => ["yargs", "commander"].includes(name) || name.startsWith("@types/");

/** What the three builds contain: themselves and whatever they depend on. */
function containedFolders(): string[] {
  const found = new Map<string, string>();
  const visit = (name: string, from?: string) => {
    const folder = packageFolder(name, from);
    if (found.has(folder)) return;
    found.set(folder, name);
    const dependencies = Object.keys(readPackage(folder).dependencies ?? {});
    for (const dependency of dependencies) if (!notContained(dependency)) visit(dependency, folder);
  };
  for (const [name] of builds) visit(name);
  return [...found.keys()];
}

let licences: readonly Licence[] | undefined;

/** The licences of all that is inlined, equal texts once. */
export function inlinedLicences(): readonly Licence[] {
  if (licences !== undefined) return licences;
  const texts = new Map<string, string[]>();
  for (const folder of containedFolders()) {
    const { name, version, license = "no licence named" } = readPackage(folder);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? license : readFileSync(join(folder, file), "utf8").trim();
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  licences = [...texts].map(([text, packages]) => ({ text, packages: packages.sort() }));
  return licences;
}
