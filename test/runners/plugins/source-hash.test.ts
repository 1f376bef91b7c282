import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import test from "ava";
import { sha256 } from "../../../runners/hash.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import { filesOf, packagesOf, sourceHash } from "../../../runners/plugins/source-hash.ts";
import { bench, temporaryFolder } from "../cli/call.ts";
import { faulty } from "../cli/cells.ts";

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const estimator = faulty("mine", "return { surrogate: score(cost, tf.mul(scale, cost), logp) };");

test("a change in a file that a plug-in imports, and in one that this imports, is another cell", async (t) => {
  const files = {
    "mine.mjs": `import { scale } from "./parts/scale.mjs"; ${estimator}`,
    "parts/scale.mjs": `export { scale } from "./deep.mjs";`,
    "parts/deep.mjs": "export const scale = 1;",
    "beside.mjs": "export const scale = 1;",
  };
  // A folder of its own each time: a process imports a path once.
  const hashes = async (change: Partial<typeof files> = {}) => {
    const cwd = folderOf({ ...files, ...change });
    const argv = ["run", "-e", "mine,average:of=mine,draws=2", "-t", "bits", "--plugin", "./mine.mjs"];
    const { out, err } = await bench([...argv, "--seeds", "1", "--dry-run", "--engine", "cpu"], { cwd });
    t.is(err, "");
    return [...out.matchAll(/^[0-9a-f]{16}/gm)].map(([hash]) => hash);
  };
  const before = await hashes();
  t.is(before.length, 2);
  t.deepEqual(await hashes(), before, "wherever the folder is");
  t.deepEqual(await hashes({ "beside.mjs": "export const scale = 2;" }), before, "what it does not import");
  for (const name of ["mine.mjs", "parts/scale.mjs", "parts/deep.mjs"] as const) {
    const after = await hashes({ [name]: `${files[name]}\n` });
    for (const [i, hash] of after.entries()) t.not(hash, before[i], name);
  }
});

test("a plug-in that names no other file has the sum of its file", (t) => {
  const text = "// ./absent.mjs and '../absent.mjs'\nexport default 1;";
  t.is(sourceHash(join(folderOf({ "a.mjs": text }), "a.mjs")), sha256(text));
});

for (const [form, text, other] of [
  ["import", 'import "./b.mjs";', "b.mjs"],
  ["export from", "export * from './b.mjs'", "b.mjs"],
  ["import()", "await import(`./b.mjs`)", "b.mjs"],
  ["require", 'require("./b")', "b.cjs"],
  ["TypeScript under the name of JavaScript", 'import { b } from "./b.js";', "b.ts"],
  ["a folder's index", 'import b from "./b";', "b/index.ts"],
  ["a query", 'import b from "./b.mjs?x=1";', "b.mjs"],
  ["a way through the folder above", 'import b from "../in/b.mjs";', "b.mjs"],
  ["data", 'import b from "./b.json" with { type: "json" };', "b.json"],
  ["a file that is read", 'readFileSync(new URL("./b.bin", import.meta.url))', "b.bin"],
  ["a default called type", 'import type from "./b.mjs";', "b.mjs"],
] as const)
  test(`filesOf follows ${form}`, (t) => {
    const folder = realpathSync(folderOf({ "in/a.ts": text, [`in/${other}`]: "1" }));
    t.deepEqual(filesOf(join(folder, "in/a.ts")), [join(folder, "in/a.ts"), join(folder, "in", other)]);
  });

test("filesOf follows full paths and URLs, and circles once; types are no part of what runs", (t) => {
  const folder = realpathSync(folderOf({ "b.mjs": 'import "./a.ts";', "c.mjs": "1", "d.ts": "1" }));
  const [b, c] = [join(folder, "b.mjs"), pathToFileURL(join(folder, "c.mjs")).href];
  const types = 'import type { D } from "./d.ts";\nexport type { E } from "./d.ts";';
  writeFileSync(join(folder, "a.ts"), `${types}\nimport "${b}"; import "${c}";`);
  t.deepEqual(
    filesOf(join(folder, "a.ts")).map((file) => basename(file)),
    ["a.ts", "b.mjs", "c.mjs"],
  );
});

test("the versions of the packages that a plug-in or its files import are in its hash", (t) => {
  const files = (version: string) => ({
    "mine.mjs": `import { a } from "pkg"; import "./part.mjs"; import fs from "node:fs"; import path from "path";`,
    "part.mjs": `const b = await import("@scope/deep/inner.js"); import type { C } from "types-only"; import "gone";
      createRequire(import.meta.url)("asked");`,
    "node_modules/pkg/package.json": `{ "name": "pkg", "version": "${version}" }`,
    "node_modules/@scope/deep/package.json": `{ "version": "2.0.0" }`,
    "node_modules/beside/package.json": `{ "version": "${version}" }`,
  });
  const [one, same, other] = ["1.0.0", "1.0.0", "1.0.1"].map((version) =>
    join(folderOf(files(version)), "mine.mjs"),
  );
  t.deepEqual(packagesOf(filesOf(one!)), ["@scope/deep@2.0.0", "asked@absent", "gone@absent", "pkg@1.0.0"]);
  t.is(sourceHash(one!), sourceHash(same!));
  t.not(sourceHash(one!), sourceHash(other!));
});

test("the hash of a built-in estimator is of the files that it shares with others, too", async (t) => {
  const { estimators } = await openRegistry([]);
  const hashOf = (name: string) => estimators.find((entry) => entry.name === name)!.sourceHash();
  const path = (name: string) => fileURLToPath(import.meta.resolve(`../../../estimators/${name}.ts`));
  for (const name of ["gs", "rebar", "vimco"]) t.is(hashOf(name), sourceHash(path(name)));
  t.true(filesOf(path("rebar")).includes(path("core/relaxed-control-variate")));
  t.true(filesOf(path("rebar")).includes(path("distributions/categorical")));
  t.regex(packagesOf(filesOf(path("gs"))).join(" "), /^@tensorflow\/tfjs@\d+\.\d+\.\d+$/);
});
