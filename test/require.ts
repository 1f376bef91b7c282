import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import test, { type ExecutionContext } from "ava";

/** Whether slow products and repetitions run too: `npm run test:all`. */
export const everything = process.env["CHECKS"] === "all";

/** Declares a test that runs alone in its process, one after another. */
export const { serial } = test;

type Body = (t: ExecutionContext) => void | Promise<void>;
type Declare = (title: string, body: Body) => void;

/** Declares tests in this way under `npm run test:all`, and not at all under `npm test`. */
export const slowly = (declare: Declare): Declare => (everything ? declare : () => undefined);

/** Declares a slow test, which \`npm run test:all\` runs one after another. */
export const slow = slowly(test.serial);

/**
 * Declares tests, one at a time, of what a stranger may lack. Absent, AVA counts each as skipped, with what it needs
 * in its title; under BENCH_REQUIRE=all, as the continuous integration sets it, that is a failure.
 */
export function needing(what: string, present: boolean): Declare {
  const sentence = `it needs ${what}, which is absent here`;
  if (present) return (title, body) => test.serial(title, body);
  if (process.env["BENCH_REQUIRE"] !== "all")
    return (title, body) => test.serial.skip(`${title}: ${sentence}`, body);
  return (title) => test(title, (t) => t.fail(`${sentence}, and BENCH_REQUIRE=all allows no skip`));
}

/** A Python with this module: that of the continuous integration, else the user's. */
export const pythonWith = (module: string): string | undefined =>
  [".venv/bin/python", "python3"].find(
    (path) =>
      (!path.includes("/") || existsSync(path)) && spawnSync(path, ["-c", `import ${module}`]).status === 0,
  );
