import { readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import test from "ava";
import ts from "typescript";

const ROOT = normalize(join(import.meta.dirname, "../../.."));

/** What a file needs before its first line runs: neither types nor what it imports when it wants it. */
function needed(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest);
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
  const queue = files.map((file) => join(ROOT, file));
  const seen = new Set(queue);
  const found: Record<string, string> = {};
  for (const path of queue) {
    for (const name of needed(path)) {
      const next = join(dirname(path), name);
      if (!name.startsWith(".")) found[name] ??= relative(ROOT, path);
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
