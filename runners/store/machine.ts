/** The machine and the program of a run, for its manifest. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Manifest } from "../../reports/format/records.ts";

/** The folder of this package: the checkout, or the installed copy. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}

type Machine = Pick<Manifest, "bench" | "node" | "platform" | "cpu" | "cores" | "memoryGiB" | "git">;

export function describeMachine(): Machine {
  return {
    bench: packageVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    git: gitState(packageFolder()),
  };
}

/** The commit of the checkout that runs; null for an installed package. */
function gitState(folder: string): Manifest["git"] {
  if (!existsSync(join(folder, ".git"))) return null;
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return {
      commit: git("rev-parse", "HEAD"),
      dirty: git("status", "--porcelain", "--untracked-files=no") !== "",
    };
  } catch {
    return null;
  }
}
