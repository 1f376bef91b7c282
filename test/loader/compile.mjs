/**
 * Compiles the checkout to JavaScript file by file, as the build does but without checking types. Compiled files are
 * stored under checksums of their sources, so that an outdated one is never used.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const sourceFolders = ["estimators", "tasks", "runners", "reports"];
const cache = join(root, ".compiled");
/** Days after which an unused file of the cache is removed. */
const cacheDays = 1;

const require = createRequire(import.meta.url);
const settings = fs.readFileSync(join(root, "tsconfig.json"), "utf8");
const thisFile = fs.readFileSync(fileURLToPath(import.meta.url));

function checksum(...parts) {
  const hash = createHash("sha256").update(thisFile).update(settings);
  for (const part of parts) hash.update("\0").update(part);
  return hash.digest("hex").slice(0, 32);
}

export const isSource = (path) => sourceFolders.some((folder) => path.startsWith(join(root, folder, "/")));

/** The path of a compiled file. Tests get a source map, so that a failure names their lines. */
export function compiledFile(path, text = fs.readFileSync(path)) {
  const file = join(cache, "files", `${checksum(path, text)}.js`);
  if (!fs.existsSync(file)) {
    fs.mkdirSync(dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}`;
    fs.writeFileSync(unfinished, transpile(path, text.toString()));
    fs.renameSync(unfinished, file);
  }
  return file;
}

function transpile(fileName, text) {
  const ts = require("typescript");
  const { config } = ts.parseConfigFileTextToJson("tsconfig.json", settings);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const source = isSource(fileName);
  const compilerOptions = {
    ...options,
    outDir: undefined,
    module: ts.ModuleKind.ESNext,
    declaration: false,
    rewriteRelativeImportExtensions: source,
    inlineSourceMap: !source,
  };
  return ts.transpileModule(text, { fileName, compilerOptions }).outputText;
}

/** A folder with all sources compiled, which finds packages as the checkout does; its path ends in a slash. */
export async function compiledSources() {
  const files = sourceFolders
    .flatMap((folder) =>
      fs.readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
    )
    .filter((name) => /\.(ts|css)$/.test(name))
    .sort()
    .map((name) => ({ name, text: fs.readFileSync(join(root, name)) }));
  const description = fs.readFileSync(join(root, "package.json"));
  const sum = checksum(description, ...files.flatMap(({ name, text }) => [name, text]));
  const folder = join(cache, "sources", sum, "/");
  const now = new Date();
  if (fs.existsSync(folder)) {
    fs.utimesSync(folder, now, now);
    return folder;
  }
  removeOld();
  fs.mkdirSync(dirname(folder), { recursive: true });
  const unfinished = fs.mkdtempSync(join(cache, "unfinished-"));
  fs.writeFileSync(join(unfinished, "package.json"), description);
  for (const { name, text } of files.filter(({ name }) => name.endsWith(".ts"))) {
    const to = join(unfinished, name.replace(/ts$/, "js"));
    fs.mkdirSync(dirname(to), { recursive: true });
    fs.copyFileSync(compiledFile(join(root, name), text), to);
  }
  const bundler = pathToFileURL(join(unfinished, "reports/page/client-bundle.js")).href;
  const { writeBundles } = await import(bundler);
  writeBundles(join(root, "reports/page/client"));
  try {
    fs.renameSync(unfinished, folder);
  } catch (error) {
    // Another process has made the same folder meanwhile.
    if (!fs.existsSync(folder)) throw error;
    fs.rmSync(unfinished, { recursive: true });
  }
  return folder;
}

function removeOld() {
  for (const kind of ["sources", "files"]) {
    const folder = join(cache, kind);
    if (!fs.existsSync(folder)) continue;
    for (const path of fs.readdirSync(folder).map((name) => join(folder, name)))
      if (Date.now() - fs.statSync(path).mtimeMs > cacheDays * 86_400_000)
        fs.rmSync(path, { recursive: true, force: true });
  }
}
