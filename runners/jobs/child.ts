/** Child processes that compute beside each other. */
import { fork, type ChildProcess, type ForkOptions } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A file beside this one, by its name without an ending, in a process whose garbage collector keeps to one thread: V8's
 * helper threads wait for each other on cores that the other children hold, and two steps at once took 1.4 times as
 * long as one.
 */
export const startBeside = (name: string, options: ForkOptions): ChildProcess =>
  fork(fileURLToPath(new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)), [], {
    ...options,
    execArgv: [...process.execArgv, "--single-threaded-gc"],
  });
