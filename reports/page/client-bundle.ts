/**
 * The scripts and the style of the page, each bundled from an entry in client/. The build writes the bundles; a checkout
 * that runs from its sources bundles them on first use, with the esbuild of its devDependencies.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, BuildResult } from "esbuild";

/** The scripts of the report, of the Gumbel-Softmax widget alone and of the index of published runs, and their style. */
const entries = ["start-report.ts", "start-widget.ts", "start-index.ts", "style.css"] as const;
export type ClientEntry = (typeof entries)[number];

const clientFolder = fileURLToPath(new URL("client", import.meta.url));
const bundlePath = (entry: ClientEntry) => join(clientFolder, `${entry}.bundle`);

function bundle(entry: ClientEntry, sources: string): string {
  const { buildSync } = createRequire(import.meta.url)("esbuild") as {
    buildSync: (options: BuildOptions) => BuildResult<{ write: false }>;
  };
  const { outputFiles } = buildSync({
    entryPoints: [join(sources, entry)],
    bundle: true,
    minifyWhitespace: true,
    format: "iife",
    target: "es2023",
    charset: "utf8",
    write: false,
    // The settings of the checkout are those of Node's programs.
    tsconfigRaw: {},
  });
  return outputFiles[0]!.text;
}

/** Writes the bundles of the sources in `reports/page/client` into the compiled folder that this file lies in. */
export function writeBundles(sources: string): void {
  for (const entry of entries) writeFileSync(bundlePath(entry), bundle(entry, sources));
}

const known = new Map<ClientEntry, string>();

/** The bundle of an entry, as it stands in the page. */
export function clientBundle(entry: ClientEntry): string {
  const path = bundlePath(entry);
  const text =
    known.get(entry) ?? (existsSync(path) ? readFileSync(path, "utf8") : bundle(entry, clientFolder));
  known.set(entry, text);
  return text;
}
