/**
 * Processor time of commands that do little, beside that of `node -e 0`, in alternating rounds. It times the compiled
 * program, so build first (`npm run build`). `start.ts [ROUNDS]`
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "./measure.ts";

const bin = fileURLToPath(new URL("../dist/runners/cli/bench.js", import.meta.url));
const commands: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "bench --help": [bin, "--help"],
  "bench list": [bin, "list"],
  "bench info gs": [bin, "info", "gs"],
};

/** Prints its processor time on stderr when it ends. */
const clock = `process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  process.stderr.write(String(user + system));
})`;

/** Milliseconds of processor time. */
function cost(argv: readonly string[]): number {
  const words = ["--import", `data:text/javascript,${encodeURIComponent(clock)}`, ...argv];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (status !== 0 || !/^\d+$/.test(stderr))
    throw new Error(`${argv.join(" ")} failed with status ${status}: ${stderr}`);
  return Number(stderr) / 1000;
}

const rounds = Array.from({ length: Number(process.argv[2] ?? 9) }, () =>
  Object.values(commands).map((argv) => cost(argv)),
);
for (const [i, name] of Object.keys(commands).entries()) {
  const ratio = median(rounds.map((times) => times[i]! / times[0]!));
  console.log(
    `${name.padEnd(14)} ${median(rounds.map((times) => times[i]!)).toFixed(0)} ms, × ${ratio.toFixed(1)}`,
  );
}
