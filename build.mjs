// Compiles the checkout to dist/, and marks the command as executable. Types are for `npm run check`. The first
// `npx bench` of a checkout prepares it again, as `npm ci` has just done: what was built of the same sources stays.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(import.meta.url);
const built = "dist/.sources";

function sumOfSources() {
  const inRooms = ["estimators", "tasks", "runners", "reports"].flatMap((room) =>
    readdirSync(room, { recursive: true }).map((name) => join(room, name)),
  );
  const sources = inRooms.filter((name) => name.endsWith(".ts")).sort();
  const hash = createHash("sha256").update(require("typescript/package.json").version);
  for (const name of ["build.mjs", "tsconfig.json", "tsconfig.build.json", ...sources])
    hash.update(`\0${name}\0`).update(readFileSync(name));
  return hash.digest("hex");
}

if (existsSync("tsconfig.json") && existsSync("runners")) {
  const sum = sumOfSources();
  const same = existsSync(built) && readFileSync(built, "utf8") === sum;
  if (!same || !process.argv.includes("--if-changed")) {
    rmSync("dist", { recursive: true, force: true });
    const tsc = require.resolve("typescript/package.json").replace("package.json", "bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--noCheck"], { stdio: "inherit" });
    chmodSync("dist/runners/cli/bench.js", 0o755);
    writeFileSync(built, sum);
  }
}
