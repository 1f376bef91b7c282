import test from "ava";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, normalize, sep } from "node:path";
import ts from "typescript";
import { combinators, estimators } from "../estimators/index.ts";
import { tasks } from "../tasks/index.ts";

const ROOT = normalize(join(import.meta.dirname, ".."));
const ROOMS = ["estimators", "tasks", "reports", "runners"] as const;
type Room = (typeof ROOMS)[number];

/** estimators ← tasks ← runners → reports: whom a room may import. */
const MAY: Readonly<Record<Room, readonly Room[]>> = {
  estimators: ["estimators"],
  tasks: ["tasks", "estimators"],
  reports: ["reports"],
  runners: ROOMS,
};

/** Packages that the inner rooms may import; runners may import any. */
const PACKAGES: Readonly<Record<Exclude<Room, "runners">, RegExp>> = {
  estimators: /^(@tensorflow\/tfjs|node:module)$/,
  tasks: /^(@tensorflow\/tfjs|node:.*)$/,
  reports: /^(?!@tensorflow|onnxruntime)/,
};

const MADE = new Set(["node_modules", "dist", ".compiled", "runs", ".git", ".venv", ".tensorflow"]);

/** All files under a folder, by path from the root, without what is made from others. */
function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !MADE.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : [path];
    });
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const sources = (...rooms: readonly Room[]): string[] =>
  rooms.flatMap(walk).filter((path) => path.endsWith(".ts"));
const roomOf = (path: string): string => path.split(sep)[0]!;

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The file meant, from the root; nothing for a package. */
  readonly to?: string;
}

function imports(path: string): Import[] {
  return ts.preProcessFile(read(path), true, true).importedFiles.map(({ fileName }) => {
    const own = fileName.startsWith(".");
    return { from: path, specifier: fileName, ...(own && { to: join(dirname(path), fileName) }) };
  });
}

const told = ({ from, specifier }: Import): string => `${from} imports ${specifier}`;

test("rooms import only along estimators ← tasks ← runners → reports", (t) => {
  const wrong = sources(...ROOMS)
    .flatMap(imports)
    .filter(({ from, to }) => to !== undefined && !MAY[roomOf(from) as Room].includes(roomOf(to) as Room));
  t.deepEqual(wrong.map(told), []);
});

test("imports of our own name files that exist", (t) => {
  const wrong = sources(...ROOMS)
    .flatMap(imports)
    .filter(({ to }) => to !== undefined && !existsSync(join(ROOT, to)));
  t.deepEqual(wrong.map(told), []);
});

test("inner rooms import only the packages they need: reports no tensors, estimators nothing else", (t) => {
  const wrong = sources("estimators", "tasks", "reports")
    .flatMap(imports)
    .filter(({ from, specifier, to }) => {
      return to === undefined && !PACKAGES[roomOf(from) as keyof typeof PACKAGES].test(specifier);
    });
  t.deepEqual(wrong.map(told), []);
});

test("nothing imports a registry but runners and tests", (t) => {
  const registries = [join("estimators", "index.ts"), join("tasks", "index.ts")];
  const wrong = sources("estimators", "tasks", "reports")
    .flatMap(imports)
    .filter(({ to }) => to !== undefined && registries.includes(to));
  t.deepEqual(wrong.map(told), []);
});

test("estimators share distributions and primitives, never one another", (t) => {
  const files = [
    ...estimators.map(({ name }) => join("estimators", `${name}.ts`)),
    ...combinators.map(({ name }) => join("estimators/wrappers", `${name}.ts`)),
  ];
  const wrong = sources("estimators", "tasks")
    .filter((path) => path !== join("estimators", "index.ts"))
    .flatMap(imports)
    .filter(({ to }) => to !== undefined && files.includes(to));
  t.deepEqual(wrong.map(told), []);
});

for (const [room, registry] of [
  ["estimators", estimators],
  ["estimators/wrappers", combinators],
  ["tasks", tasks],
] as const) {
  test(`the names of ${room} are the names of the files that define one`, (t) => {
    const defining = readdirSync(join(ROOT, room)).filter(
      (name) => name.endsWith(".ts") && /^export default/m.test(read(join(room, name))),
    );
    t.deepEqual(registry.map(({ name }) => `${name}.ts`).sort(), defining.sort());
  });
}

test("names and aliases are unambiguous within a registry", (t) => {
  for (const registry of [[...estimators, ...combinators], tasks]) {
    const names = registry.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]);
    t.deepEqual([...new Set(names)], names);
  }
});

test("no file has a name that says nothing", (t) => {
  const empty = /^(utils?|helpers?|common|misc|types?|constants?|manager|base)$/;
  const named = [...ROOMS, "test"].flatMap(walk).filter((path) => empty.test(basename(path, extname(path))));
  t.deepEqual(named, []);
});

test("steps draw no noise of their own and read no value", (t) => {
  const drawn = /\btf\.(random\w*|multinomial|dropout)\b|\bMath\.random\b/;
  const taken = /\.(dataSync|arraySync)\(|\.(data|array)\(\)/;
  const wrong = sources("estimators", "tasks").filter(
    (path) => drawn.test(read(path)) || taken.test(read(path)),
  );
  t.deepEqual(wrong, []);
});

test("no source calls Math.random", (t) => {
  const drawing = sources(...ROOMS).filter((path) => /\bMath\.random\(/.test(read(path)));
  t.deepEqual(drawing, []);
});

test("no file mentions a path or an address of the machine it was written on", (t) => {
  const paths = /(^|[^\w.-])\/(work|farm|root|tmp)\/|:\/\/[a-z0-9.-]*(registry|pypi|debian)/;
  const text = /\.(ts|mjs|js|json|md|html|css|sh|ya?ml|toml|txt)$|^\.?[^.]+$/;
  const wrong = walk(".")
    .filter((path) => text.test(basename(path)) && basename(path) !== "package-lock.json")
    .filter((path) => paths.test(read(path)));
  t.deepEqual(wrong, []);
});
