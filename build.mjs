// Compiles the checkout to dist/, bundles the report's page scripts and marks the command as executable. Types are
// checked by `npm run check`. With --if-changed, a dist/ that was built from the same sources stays as it is.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const checksumFile = "dist/.sources";

function checksumOfSources() {
  const files = ["estimators", "tasks", "runners", "reports"].flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => join(folder, name)),
  );
  const sources = files.filter((name) => /\.(ts|css)$/.test(name)).sort();
  const hash = createHash("sha256");
  for (const compiler of ["typescript", "esbuild"]) hash.update(require(`${compiler}/package.json`).version);
  for (const name of ["build.mjs", "tsconfig.json", "tsconfig.build.json", ...sources])
    hash.update(`\0${name}\0`).update(readFileSync(name));
  return hash.digest("hex");
}

async function build() {
  rmSync("dist", { recursive: true, force: true });
  const tsc = require.resolve("typescript/package.json").replace("package.json", "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--noCheck"], { stdio: "inherit" });
  const { writeBundles } = await import("./dist/reports/page/client-bundle.js");
  writeBundles("reports/page/client");
  chmodSync("dist/runners/cli/bench.js", 0o755);
}

// An installed package has neither: its dist/ is ready.
if (existsSync("tsconfig.json") && existsSync("runners")) {
  const checksum = checksumOfSources();
  const unchanged = existsSync(checksumFile) && readFileSync(checksumFile, "utf8") === checksum;
  if (!unchanged || !process.argv.includes("--if-changed")) {
    await build();
    writeFileSync(checksumFile, checksum);
  }
}
