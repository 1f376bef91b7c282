/** The default of --jobs: a process for each core, as far as memory lasts. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { EngineChoice } from "../engine/index.ts";

/** Bytes that a process is expected to hold; on cat10 and sbn2 it holds about 350 MB. */
const processBytes = 500e6;

/** Milliseconds after which children start by default: shorter work takes less time than their start. */
export const startDelay = 2000;

/**
 * How many processes compute at once by default. An engine with threads needs fewer; TensorFlow and the engines of a GPU use
 * the whole machine already.
 */
export function defaultJobs({ definition, options }: EngineChoice): number {
  if (definition.name === "tensorflow" || (options["device"] ?? "cpu") !== "cpu") return 1;
  const cores = Math.min(availableParallelism(), quota()) / Number(options["threads"] ?? 1);
  return Math.max(1, Math.floor(Math.min(cores, process.availableMemory() / processBytes)));
}

/** Cores whose time the container may use; availableParallelism() of Node 20 does not know of this limit. */
function quota(): number {
  try {
    // "150000 100000", microseconds in a period, or "max 100000".
    const [time, period] = readFileSync("/sys/fs/cgroup/cpu.max", "utf8").split(" ").map(Number);
    return time! / period! || Infinity;
  } catch {
    return Infinity;
  }
}
