/**
 * The scripts that run in the page, each bundled from an entry in client/. The build writes the bundles beside the
 * entries; a checkout that runs from its sources bundles them on first use, with the esbuild of its devDependencies.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, BuildResult } from "esbuild";

/** The entries: the whole report, and the Gumbel-Softmax widget alone. */
export const clientEntries = ["report", "widget"] as const;
export type ClientEntry = (typeof clientEntries)[number];

/** Where the build puts the bundle of an entry. */
export const bundlePath = (entry: ClientEntry): string =>
  fileURLToPath(new URL(`client/${entry}.bundle.js`, import.meta.url));

/** Bundles an entry and all that it imports into one script. */
export function bundleClient(entry: ClientEntry): string {
  const { buildSync } = createRequire(import.meta.url)("esbuild") as {
    buildSync: (options: BuildOptions) => BuildResult<{ write: false }>;
  };
  const source = new URL(`client/${entry}${extname(import.meta.url)}`, import.meta.url);
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(source)],
    bundle: true,
    format: "iife",
    target: "es2023",
    charset: "utf8",
    write: false,
    // Settings of the program that loads this file are not those of the page.
    tsconfigRaw: {},
  });
  return outputFiles[0]!.text;
}

const scripts = new Map<ClientEntry, string>();

/** The script of an entry, as it stands in the page. */
export function clientScript(entry: ClientEntry): string {
  const known = scripts.get(entry);
  if (known !== undefined) return known;
  const path = bundlePath(entry);
  const script = existsSync(path) ? readFileSync(path, "utf8") : bundleClient(entry);
  scripts.set(entry, script);
  return script;
}
