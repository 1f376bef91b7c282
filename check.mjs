// Checks types, lint and format. `node check.mjs PROGRAM ARGUMENTS…` runs a program of node_modules/.bin beside them, as
// `npm test` does with AVA. One TypeScript program serves the compiler's checks and the rules of ESLint that need types.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { ESLint } from "eslint";
import ts from "typescript";

/** Runs a program of node_modules/.bin and answers whether it succeeded. */
function succeeds(name, ...words) {
  const child = spawn(join("node_modules/.bin", name), words, { stdio: "inherit" });
  return new Promise((resolve) => {
    child.on("error", ({ message }) => resolve(console.error(message)));
    child.on("close", (status) => resolve(status === 0));
  });
}

function types() {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const program = ts.createProgram(fileNames, { ...options, noEmit: true });
  const found = ts.getPreEmitDiagnostics(program);
  if (found.length > 0)
    console.error(ts.formatDiagnosticsWithColorAndContext(found, ts.createCompilerHost(options)));
  return { program, passed: found.length === 0 };
}

async function lint(program) {
  const parserOptions = { programs: [program], projectService: false };
  const eslint = new ESLint({ overrideConfig: { files: ["**/*.ts"], languageOptions: { parserOptions } } });
  const results = await eslint.lintFiles(["."]);
  const text = await (await eslint.loadFormatter("stylish")).format(results);
  if (text !== "") console.error(text);
  return results.every(({ errorCount }) => errorCount === 0);
}

/** Puts temporary files into memory where there is room, for tests write and flush thousands of small ones. */
function keepTemporaryFilesInMemory() {
  const memory = "/dev/shm";
  if (!existsSync(memory)) return;
  const { bavail, bsize } = statfsSync(memory);
  if (bavail * bsize < 4 * 2 ** 30) return;
  process.env.TMPDIR = mkdtempSync(join(memory, "bench-"));
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
  process.on("exit", () => rmSync(process.env.TMPDIR, { recursive: true, force: true, maxRetries: 5 }));
}

const [, , ...beside] = process.argv;
if (beside.length > 0) keepTemporaryFilesInMemory();
const cache = ["--cache", "--cache-strategy", "content", "--cache-location", ".compiled/prettier"];
const children = [succeeds("prettier", "--check", "--log-level", "warn", ...cache, ".")];
if (beside.length > 0) children.push(succeeds(...beside));
const { program, passed } = types();
const all = [passed, await lint(program), ...(await Promise.all(children))];
process.exitCode = all.every(Boolean) ? 0 : 1;
