/** Bundles the benchmark for the page: estimators and tasks as they are, with three modules of the page in place of Node's. */
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const client = join(import.meta.dirname, "client");

/** Modules of the page by what they stand for. */
const replaced: readonly (readonly [RegExp, string])[] = [
  [/^node:(module|crypto)$/, "node-in-page.ts"],
  [/\/load-images\.ts$/, "page-images.ts"],
];

const inPage: Plugin = {
  name: "in-page",
  setup(bundler) {
    for (const [filter, name] of replaced)
      bundler.onResolve({ filter }, () => ({ path: join(client, name) }));
  },
};

/** The script of the benchmark. Rejects where a module needs anything else of Node. */
export async function bundledBenchmark(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(client, "start-benchmark.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2023",
    charset: "utf8",
    write: false,
    plugins: [inPage],
    define: { "import.meta.url": '""' },
    tsconfigRaw: {},
  });
  return outputFiles[0]!.text;
}
