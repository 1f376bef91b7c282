// Compiles the checkout to dist/, and marks the command as executable.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
if (existsSync("tsconfig.json") && existsSync("runners")) {
  rmSync("dist", { recursive: true, force: true });
  const tsc = require.resolve("typescript/package.json").replace("package.json", "bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { stdio: "inherit" });
  chmodSync("dist/runners/cli/bench.js", 0o755);
}
