import test from "ava";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join, normalize, sep } from "node:path";
import ts from "typescript";
import { combinators, estimators } from "../estimators/index.ts";
import { tasks } from "../tasks/index.ts";

const ROOT = normalize(join(import.meta.dirname, ".."));
const ROOTS = ["estimators", "tasks", "reports", "runners"];

/**
 * The folders that a folder may import, beside itself. A file that lies flat in `runners/` has a line of its own. Whatever is not in
 * this table is forbidden, type-only imports included.
 */
const reports = ["reports/format", "reports/aggregate", "reports/charts", "reports/page", "reports/export"];
const models = ["estimators", "tasks"];
const base = ["runners/errors.ts", "runners/hash.ts", "reports/format"];
const layers = [
  "options",
  "plugins",
  "engine",
  "plan",
  "store",
  "train",
  "variance",
  "check",
  "vectors",
  "jobs",
  "tune",
];
const below = (folder: string) => layers.slice(0, layers.indexOf(folder)).map((name) => `runners/${name}`);

const MAY: Readonly<Record<string, readonly string[]>> = {
  estimators: [],
  tasks: ["estimators"],
  "reports/format": [],
  "reports/aggregate": reports.slice(0, 1),
  "reports/charts": reports.slice(0, 2),
  "reports/page": reports.slice(0, 3),
  "reports/export": reports.slice(0, 4),
  "runners/errors.ts": ["reports/format"],
  "runners/hash.ts": ["reports/format"],
  "runners/options": [...models, ...base],
  "runners/plugins": [...models, ...base, ...below("plugins")],
  "runners/engine": [...models, ...base, "runners/options"],
  "runners/plan": [...models, ...base, ...below("plan")],
  "runners/store": [...models, ...base, ...below("store"), "reports/export"],
  "runners/train": [...models, ...base, ...below("train"), "reports/aggregate"],
  "runners/variance": [...models, ...base, ...below("variance")],
  "runners/check": [...models, ...base, ...below("check"), "reports/aggregate"],
  "runners/vectors": [...models, ...base, ...below("vectors")],
  "runners/jobs": [...models, ...base, ...below("jobs"), ...reports],
  "runners/tune": [...models, ...base, ...below("tune")],
  "runners/reproduce": [...models, ...base, ...layers.map((name) => `runners/${name}`), ...reports],
  "runners/cli": [
    ...models,
    ...base,
    ...layers.map((name) => `runners/${name}`),
    "runners/reproduce",
    ...reports,
  ],
};

/** Packages that a folder may import; runners may import any. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  estimators: /^(@tensorflow\/tfjs|node:module)$/,
  tasks: /^(@tensorflow\/tfjs|csv-parse\/sync|node:.*)$/,
  reports: /^(?!@tensorflow|onnxruntime)/,
};

const MADE = new Set(["node_modules", "dist", ".compiled", "runs", "site", ".git", ".venv", ".tensorflow"]);

/** All files under a folder, by path from the root, without generated ones. */
function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !MADE.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : [path];
    });
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const all = ROOTS.flatMap(walk).filter((path) => path.endsWith(".ts"));
const sources = (...roots: readonly string[]): string[] => all.filter((path) => roots.includes(rootOf(path)));
const rootOf = (path: string): string => path.split(sep)[0]!;

/** The line of the table that a file belongs to. */
function lineOf(path: string): string {
  const [root, second] = path.split(sep) as [string, string];
  return root === "runners" || root === "reports" ? `${root}/${second}` : root;
}

interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The imported file, from the root; absent for a package. */
  readonly to?: string;
}

const importsOf = new Map(
  all.map((path) => {
    const found = ts.preProcessFile(read(path), true, true).importedFiles.map(({ fileName }): Import => {
      const relative = fileName.startsWith(".");
      return { from: path, specifier: fileName, ...(relative && { to: join(dirname(path), fileName) }) };
    });
    return [path, found];
  }),
);
const imports = (path: string): Import[] => importsOf.get(path)!;

const shown = ({ from, specifier }: Import): string => `${from} imports ${specifier}`;

test("every folder imports only what the table allows", (t) => {
  const wrong = sources(...ROOTS)
    .flatMap(imports)
    .filter(({ from, to }) => {
      if (to === undefined || lineOf(from) === lineOf(to)) return false;
      return !(MAY[lineOf(from)] ?? []).includes(lineOf(to));
    });
  t.deepEqual(wrong.map(shown), []);
});

test("no files import each other in a circle", (t) => {
  const files = sources(...ROOTS);
  const targets = new Map(files.map((path) => [path, imports(path).flatMap(({ to }) => (to ? [to] : []))]));
  const state = new Map<string, "open" | "closed">();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === "closed") return;
    if (state.get(path) === "open") {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      return;
    }
    state.set(path, "open");
    for (const next of targets.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, "closed");
  };
  for (const path of files) visit(path, []);
  t.deepEqual(circles, []);
});

test("runners/ holds folders and at most three files", (t) => {
  const flat = readdirSync(join(ROOT, "runners")).filter((name) => name.includes("."));
  t.true(flat.length <= 3, flat.join(" "));
});

test("no two source files share a base name, except index.ts", (t) => {
  const names = sources(...ROOTS)
    .map((path) => basename(path))
    .filter((name) => name !== "index.ts");
  t.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  );
});

/** The names that a file declares and exports itself; re-exports do not count. */
function declared(path: string): string[] {
  const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  return file.statements.flatMap((statement) => {
    const exported = ts.canHaveModifiers(statement)
      ? (ts.getModifiers(statement) ?? []).map(({ kind }) => kind)
      : [];
    if (!exported.includes(ts.SyntaxKind.ExportKeyword) || exported.includes(ts.SyntaxKind.DefaultKeyword))
      return [];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap(({ name }) =>
        ts.isIdentifier(name) ? [name.text] : [],
      );
    const { name } = statement as ts.DeclarationStatement;
    return name && ts.isIdentifier(name) ? [name.text] : [];
  });
}

test("no exported name is declared in two files", (t) => {
  const owners = new Map<string, Set<string>>();
  for (const path of sources(...ROOTS))
    for (const name of declared(path)) owners.set(name, (owners.get(name) ?? new Set()).add(path));
  const repeated = [...owners].filter(([, files]) => files.size > 1);
  t.deepEqual(
    repeated.map(([name, files]) => `${name}: ${[...files].join(", ")}`),
    [],
  );
});

test("imports of this project's files name files that exist", (t) => {
  const wrong = sources(...ROOTS)
    .flatMap(imports)
    .filter(({ to }) => to !== undefined && !existsSync(join(ROOT, to)));
  t.deepEqual(wrong.map(shown), []);
});

test("reports import no tensors; estimators and tasks import tfjs and Node alone", (t) => {
  const wrong = sources("estimators", "tasks", "reports")
    .flatMap(imports)
    .filter(({ from, specifier, to }) => to === undefined && !PACKAGES[rootOf(from)]!.test(specifier));
  t.deepEqual(wrong.map(shown), []);
});

test("only runners and tests import a registry", (t) => {
  const registries = [join("estimators", "index.ts"), join("tasks", "index.ts")];
  const wrong = sources("estimators", "tasks", "reports")
    .flatMap(imports)
    .filter(({ to }) => to !== undefined && registries.includes(to));
  t.deepEqual(wrong.map(shown), []);
});

test("estimators share distributions and core functions, never one another", (t) => {
  const files = [
    ...estimators.map(({ name }) => join("estimators", `${name}.ts`)),
    ...combinators.map(({ name }) => join("estimators", "wrappers", `${name}.ts`)),
  ];
  const wrong = sources("estimators", "tasks")
    .filter((path) => path !== join("estimators", "index.ts"))
    .flatMap(imports)
    .filter(({ to }) => to !== undefined && files.includes(to));
  t.deepEqual(wrong.map(shown), []);
});

for (const [folder, registry] of [
  ["estimators", estimators],
  ["estimators/wrappers", combinators],
  ["tasks", tasks],
] as const) {
  test(`the names of ${folder} are the names of the files that define one`, (t) => {
    const defining = readdirSync(join(ROOT, folder)).filter(
      (name) => name.endsWith(".ts") && /^export default/m.test(read(join(folder, name))),
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

test("every folder of runners/ and reports/ says what it is for in an index.ts or a README.md", (t) => {
  const silent = ["runners", "reports"].flatMap((root) =>
    readdirSync(join(ROOT, root), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(root, name))
      .filter((folder) => {
        if (existsSync(join(ROOT, folder, "README.md"))) return false;
        const index = join(folder, "index.ts");
        return !existsSync(join(ROOT, index)) || !read(index).startsWith("/**");
      }),
  );
  t.deepEqual(silent, []);
});

test("no file has a name that says nothing", (t) => {
  const empty = /^(utils?|helpers?|common|misc|types?|constants?|manager|base)$/;
  const named = [...ROOTS, "test"].flatMap(walk).filter((path) => empty.test(basename(path, extname(path))));
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
  const drawing = sources(...ROOTS).filter((path) => /\bMath\.random\(/.test(read(path)));
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

/** What a file needs before its first line runs: neither types nor what it imports when it wants it. */
function needed(path: string): string[] {
  const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    const imported = ts.isImportDeclaration(statement);
    if (!imported && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier: from } = statement;
    const erased = imported
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    return erased || from === undefined || !ts.isStringLiteral(from) ? [] : [from.text];
  });
}

/** The packages that these files load at once, each with the first file found that loads it. */
function packagesOf(...files: readonly string[]): Record<string, string> {
  const queue = [...files];
  const seen = new Set(queue);
  const found: Record<string, string> = {};
  for (const path of queue) {
    for (const name of needed(path)) {
      const next = join(dirname(path), name);
      if (!name.startsWith(".")) found[name] ??= path;
      else if (!seen.has(next)) {
        seen.add(next);
        queue.push(next);
      }
    }
  }
  return Object.fromEntries(Object.entries(found).filter(([name]) => !name.startsWith("node:")));
}

test("the command starts with no package but the parser of its words", (t) => {
  t.deepEqual(packagesOf("runners/cli/bench.ts"), { yargs: "runners/cli/main.ts" });
});

// tfjs is required, not imported: estimators/autodiff.ts says why.
test("what exists is listed with no package but tfjs", (t) => {
  const files = [
    "runners/plan/registry.ts",
    "estimators/index.ts",
    "tasks/index.ts",
    "runners/cli/text/describe.ts",
  ];
  t.deepEqual(packagesOf(...files), {});
});
