/**
 * Times the commands that measure gradients, in turns, and prints their time and peak memory: `npm run bench:variance`.
 * Options: --repeat N, --only WORDS (commands whose text has one of them), --against DIST (the compiled program of another
 * checkout), --time-limit SECONDS. The compiled program is timed, with the command's default number of processes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Cost, median, runCommand } from "./measure.ts";

const { values: options } = parseArgs({
  options: {
    repeat: { type: "string", default: "3" },
    only: { type: "string", default: "" },
    against: { type: "string" },
    "time-limit": { type: "string", default: "1200" },
  },
});

const toy = "-e reinforce:baseline=none -e rloo:samples=2 -e disarm -e unordered-set:samples=2 -t kool";
const commands = [
  `variance ${toy} --draws 200000`,
  "variance -e * -t cat10 --draws 1000",
  "check *",
  "run -e gs -t cat10 --seeds 1 --steps 10 --bound-rows 10",
].filter((text) => options.only.split(",").some((word) => text.includes(word)));

const programs = [
  ["this program", fileURLToPath(new URL("../dist", import.meta.url))],
  ...(options.against === undefined ? [] : [["the other", options.against]]),
] as const;

const scratch = mkdtempSync(join(tmpdir(), "bench-variance-"));
try {
  for (const text of commands) {
    const costs = programs.map((): Cost[] => []);
    for (let repetition = 0; repetition < Number(options.repeat); repetition++)
      for (const [i, [, dist]] of programs.entries()) {
        const out = text.startsWith("run") ? ["--out", join(scratch, `${i} ${repetition}`)] : [];
        const argv = [process.execPath, join(dist, "runners/cli/bench.js"), ...text.split(" "), ...out];
        costs[i]!.push(await runCommand(argv, 1000 * Number(options["time-limit"])));
      }
    console.log(`bench ${text}`);
    for (const [i, [name]] of programs.entries()) {
      const of = (key: keyof Cost) => costs[i]!.map((cost) => cost[key]);
      const [low, wall, high] = [0, 0.5, 1].map((at) => median(of("wall"), at).toFixed(2));
      const [cpu, memory] = [median(of("cpu")).toFixed(1), Math.max(...of("memory")).toFixed(0)];
      console.log(
        `  ${name.padEnd(12)} ${wall} s (${low} to ${high}), ${cpu} s of processors, ${memory} MiB`,
      );
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
