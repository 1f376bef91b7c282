/**
 * The checkout as JavaScript, file by file as the build makes it but for its check of types. What is made lies under
 * the sums of its sources, so that it is never an older one.
 */
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
const rooms = ["estimators", "tasks", "runners", "reports"];
const made = join(root, ".compiled");
/** Days that what nobody uses is kept. */
const kept = 1;

const require = createRequire(import.meta.url);
const settings = fs.readFileSync(join(root, "tsconfig.json"), "utf8");
const maker = fs.readFileSync(fileURLToPath(import.meta.url));

function sum(...parts) {
  const hash = createHash("sha256").update(maker).update(settings);
  for (const part of parts) hash.update("\0").update(part);
  return hash.digest("hex").slice(0, 32);
}

export const isOfRooms = (path) => rooms.some((room) => path.startsWith(join(root, room, "/")));

/** The JavaScript of a file: of the rooms as the build has it, of the others with a map for the lines of a failure. */
export function compiledFile(path, text = fs.readFileSync(path)) {
  const file = join(made, "files", `${sum(path, text)}.js`);
  if (!fs.existsSync(file)) {
    fs.mkdirSync(dirname(file), { recursive: true });
    const own = `${file}.${process.pid}`;
    fs.writeFileSync(own, transpile(path, text.toString()));
    fs.renameSync(own, file);
  }
  return file;
}

function transpile(fileName, text) {
  const ts = require("typescript");
  const { config } = ts.parseConfigFileTextToJson("tsconfig.json", settings);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const built = isOfRooms(fileName);
  const compilerOptions = {
    ...options,
    outDir: undefined,
    module: ts.ModuleKind.ESNext,
    declaration: false,
    rewriteRelativeImportExtensions: built,
    inlineSourceMap: !built,
  };
  return ts.transpileModule(text, { fileName, compilerOptions }).outputText;
}

/** A folder with the rooms in it, from which packages are found as from the checkout; with a slash at its end. */
export function compiledRooms() {
  const files = rooms
    .flatMap((room) => fs.readdirSync(join(root, room), { recursive: true }).map((name) => join(room, name)))
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => ({ name, text: fs.readFileSync(join(root, name)) }));
  const description = fs.readFileSync(join(root, "package.json"));
  const folder = join(
    made,
    "rooms",
    sum(description, ...files.flatMap(({ name, text }) => [name, text])),
    "/",
  );
  const now = new Date();
  if (fs.existsSync(folder)) {
    fs.utimesSync(folder, now, now);
    return folder;
  }
  removeOld();
  fs.mkdirSync(dirname(folder), { recursive: true });
  const making = fs.mkdtempSync(join(made, "making-"));
  fs.writeFileSync(join(making, "package.json"), description);
  for (const { name, text } of files) {
    const to = join(making, name.replace(/ts$/, "js"));
    fs.mkdirSync(dirname(to), { recursive: true });
    fs.copyFileSync(compiledFile(join(root, name), text), to);
  }
  try {
    fs.renameSync(making, folder);
  } catch (error) {
    // Another process was first, with the same.
    if (!fs.existsSync(folder)) throw error;
    fs.rmSync(making, { recursive: true });
  }
  return folder;
}

function removeOld() {
  for (const kind of ["rooms", "files"]) {
    const folder = join(made, kind);
    if (!fs.existsSync(folder)) continue;
    for (const path of fs.readdirSync(folder).map((name) => join(folder, name)))
      if (Date.now() - fs.statSync(path).mtimeMs > kept * 86_400_000)
        fs.rmSync(path, { recursive: true, force: true });
  }
}
